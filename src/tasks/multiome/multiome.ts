/** @file Joins two modalities: judges them, fine-tunes a model, embeds, clusters, lays out, predicts one from the other. */

import { type Grouping, groupingOf } from '../../analysis/groups.ts';
import { harmony } from '../../analysis/integration/harmony.ts';
import { modalityComponents } from '../../analysis/multimodal/components.ts';
import {
  concatenatedComponents,
  type JointComponents,
  jointComponents,
} from '../../analysis/multimodal/joint-components.ts';
import { meanWhereMissing } from '../../analysis/multimodal/missing-rows.ts';
import {
  type JudgedModality,
  type ModalityTrust,
  modalityTrust,
} from '../../analysis/multimodal/modality-trust.ts';
import type { WeightedGraph } from '../../analysis/neighbour-graph.ts';
import { finiteRows, type Points, takeRows } from '../../analysis/points.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { type DeviceName, openDevice } from '../../runtime/device.ts';
import type { AnnData, DenseArray } from '../../single-cell/anndata.ts';
import { InputError } from '../../support/errors.ts';
import { type Logger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { amongAllCells, placeNeighbours } from '../integrate/placing.ts';
import { type CellSource, type PreparedCells, prepareCells, tellGeneMatch } from '../prepare.ts';
import { fineTuneMultiome, type MultiomeTuned } from './fine-tuning.ts';
import { type Imputation, measuredValues, predictModality } from './imputation.ts';
import type { OtherKind } from './inputs.ts';
import { jointEmbedding } from './joint.ts';
import { type PreparedModality, preparedOther, preparedRna } from './modality.ts';
import { type PairedCells, pairCells } from './pairing.ts';
import { type MultiomeSettings, multiomeSettings, type SomeMultiomeSettings } from './settings.ts';

/** Two modalities of cells that overlap. */
export interface TwoModalities {
  readonly rna: AnnData;
  readonly other: AnnData;
  readonly otherName: string;
  readonly kind: OtherKind;
}

/** Options of {@link multiome}; settings left out are the defaults. */
export interface MultiomeOptions extends CellSource, RunControl, SomeMultiomeSettings {
  /** The obs column of batches, in both modalities. Default: all cells are one batch. */
  readonly batchKey?: string | undefined;
  /** Whether each modality has a say: `auto` judges it without labels. Default `auto`. */
  readonly trust?: 'auto' | 'both' | 'rna' | 'other' | undefined;
  readonly resolution?: number | undefined;
  readonly device?: DeviceName | 'auto' | undefined;
  readonly threads?: number | undefined;
  readonly logger?: Logger | undefined;
}

/** What {@link multiome} gives; rows of arrays are the paired cells. */
export interface MultiomeResult {
  readonly cells: PairedCells;
  readonly prepared: PreparedCells;
  readonly modalities: readonly [PreparedModality, PreparedModality];
  readonly batch: Grouping | null;
  readonly trust: readonly [ModalityTrust, ModalityTrust];
  /** Joint components beside the cell embedding. */
  readonly joint: DenseArray; // [cells, dimensions]
  readonly cellEmbedding: DenseArray; // [cells, d]
  /** Plain methods to compare with: weighted nearest neighbours, concatenation, each modality alone. */
  readonly plain: readonly {
    readonly name: string;
    readonly points: Points;
    /** With neighbours of its own; null where they are those of the points. */
    readonly joint: JointComponents | null;
  }[];
  /** By plain methods: what the model was taught. */
  readonly components: JointComponents;
  /** The joint embedding with the neighbours that clusters, map and graph are of. */
  readonly jointCells: JointComponents;
  readonly clusters: Grouping;
  readonly layout: DenseArray; // [cells, 2]
  readonly graph: WeightedGraph;
  readonly tuned: MultiomeTuned;
  /** Of the other modality from RNA; null where too few held-out cells have both. */
  readonly imputation: Imputation | null;
  /** Of RNA from the other modality; null where that has no say too. */
  readonly rnaImputation: Imputation | null;
  readonly settings: MultiomeSettings;
  readonly device: string;
  readonly seconds: { readonly preparing: number; readonly training: number; readonly neighbours: number };
}

/**
 * Joins two modalities of cells. Cells that lack one take part by the other.
 *
 * @throws InputError when cells cannot be paired, a modality is empty or its values are no counts
 */
export async function multiome(
  { rna: rnaData, other: otherData, otherName, kind }: TwoModalities,
  model: LoadedModel,
  options: MultiomeOptions = {},
): Promise<MultiomeResult> {
  const started = performance.now();
  const { batchKey, trust: asked = 'auto', resolution = 1, logger = silent, onProgress, signal } = options;
  const control = { onProgress, signal };
  const settings = multiomeSettings(options);
  const cells = pairCells(rnaData, otherData, logger);
  const prepared = await prepareCells(rnaData, model.vocabulary, options, control);
  tellGeneMatch(prepared, logger);
  const rna = await preparedRna(prepared, cells.rows[0], settings.genes, { logger, ...control });
  const other = await preparedOther(otherData, cells.rows[1], { name: otherName, kind }, settings, {
    logger,
    ...control,
  });
  const batch = batchKey === undefined ? null : batchesOf([rnaData, otherData], cells, batchKey);
  const judgedAs = (modality: PreparedModality): JudgedModality => ({
    ...modality,
    componentsOf: (values) => modalityComponents(modality.kind, values, control),
  });
  const judged = await modalityTrust([judgedAs(rna), judgedAs(other)], { seed: settings.seed, ...control });
  const trust = trustAs(judged, asked);
  const points = [
    await mixed(rna.points, batch, settings.seed, control),
    await mixed(other.points, batch, settings.seed, control),
  ] as const;
  const say = [trust[0].trust, trust[1].trust] as const;
  const device = await openDevice({ device: options.device, threads: options.threads });
  const onDevice = { device, ...control };
  const components = await jointComponents(points, say, onDevice);
  const both = components.weighted ? components : await jointComponents(points, [1, 1], onDevice);
  const preparedAt = performance.now();

  const start = { config: model.config, vocabulary: model.vocabulary, parameters: await model.parameters() };
  const tuned = await fineTuneMultiome(
    start,
    {
      names: cells.names,
      rna,
      geneTokens: rna.columns.map((gene) => prepared.tokenIds[gene]),
      other,
      showsOther: say[1] === 1,
      batch,
      joint: meanWhereMissing(components.points),
    },
    settings,
    onDevice,
  );
  const trained = performance.now();
  const joint = await jointEmbedding(
    { modalities: points, embedded: tuned.embedded, trust: say, weight: settings.jointWeight },
    onDevice,
  );
  const { rows, neighbours } = joint;
  const { layout, graph, clusters } = await placeNeighbours(
    { cells: rows, points: takeRows(joint.points, rows), neighbours },
    cells.names.length,
    { inGraph: neighbours.k, resolution, seed: settings.seed },
    control,
  );
  const { byRna, byOther, heldOut } = tuned;
  const imputation = predictModality(
    { from: rna, to: other, embedded: byRna, heldOut },
    await measuredValues(other),
  );
  const rnaImputation =
    byOther === null
      ? null
      : predictModality({ from: other, to: rna, embedded: byOther, heldOut }, await measuredValues(rna));
  const all = (some: Points): DenseArray =>
    amongAllCells(
      some,
      Int32Array.from({ length: some.count }, (_, i) => i),
      some.count,
    );
  return {
    cells,
    prepared,
    modalities: [rna, other],
    batch,
    trust,
    joint: all(joint.points),
    cellEmbedding: all(tuned.embedded),
    plain: [
      { name: 'weighted nearest neighbours', points: both.points, joint: both },
      { name: 'concatenated components', points: concatenatedComponents(points), joint: null },
      { name: 'RNA alone', points: points[0], joint: null },
      { name: `${otherName} alone`, points: points[1], joint: null },
    ],
    components,
    jointCells: joint,
    clusters,
    layout,
    graph,
    tuned,
    imputation,
    rnaImputation,
    settings,
    device: device.name,
    seconds: {
      preparing: (preparedAt - started) / 1000,
      training: (trained - preparedAt) / 1000,
      neighbours: (performance.now() - trained) / 1000,
    },
  };
}

function trustAs(
  judged: readonly [ModalityTrust, ModalityTrust],
  asked: NonNullable<MultiomeOptions['trust']>,
): readonly [ModalityTrust, ModalityTrust] {
  if (asked === 'auto') return judged;
  const say = { both: [1, 1], rna: [1, 0], other: [0, 1] } as const;
  const told = (side: 0 | 1): ModalityTrust => ({
    ...judged[side],
    trust: say[asked][side],
    reason: 'as asked',
  });
  return [told(0), told(1)];
}

/** Components in which batches are mixed by Harmony, where there are any. */
async function mixed(
  points: Points,
  batch: Grouping | null,
  seed: number,
  control: RunControl,
): Promise<Points> {
  if (batch === null) return points;
  const rows = finiteRows(points);
  const codes = rows.map((row) => batch.codes[row]);
  if (new Set(codes).size < 2) return points;
  const corrected = await harmony(takeRows(points, rows), { ...batch, codes }, { seed }, control);
  const values = new Float64Array(points.count * points.dimensions).fill(Number.NaN);
  rows.forEach((row, place) => {
    const start = place * points.dimensions;
    values.set(corrected.values.subarray(start, start + points.dimensions), row * points.dimensions);
  });
  return { ...points, values };
}

/** The batch of each paired cell, from the first modality that has the cell. */
function batchesOf(
  data: readonly [AnnData, AnnData],
  { names, rows }: PairedCells,
  batchKey: string,
): Grouping {
  const columns = data.map(({ obs }) => (obs.columns.has(batchKey) ? obs.strings(batchKey) : null));
  if (columns[0] === null && columns[1] === null) data[0].obs.column(batchKey); // tells which there are
  const values = names.map((name, cell) => {
    const value = [0, 1].map((side) => columns[side]?.[rows[side][cell]]).find((found) => found != null);
    if (value != null) return value;
    throw new InputError({
      what: `the cell ${name} has no batch`,
      where: `obs/${batchKey}`,
      expected: 'a batch for every cell',
      reason: 'missing_batch',
    });
  });
  return groupingOf(batchKey, { kind: 'string', values });
}
