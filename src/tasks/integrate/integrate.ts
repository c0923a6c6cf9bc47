/** @file Integrates the cells of several batches: fine-tunes a model, embeds, clusters and lays out. */

import type { Grouping } from '../../analysis/groups.ts';
import { harmonisedComponents } from '../../analysis/integration/harmonised-components.ts';
import { joined } from '../../analysis/integration/joined.ts';
import { neighbourShares } from '../../analysis/integration/neighbour-shares.ts';
import { plainPca } from '../../analysis/integration/principal-components.ts';
import { leiden } from '../../analysis/leiden.ts';
import { neighbourGraph, type WeightedGraph } from '../../analysis/neighbour-graph.ts';
import { neighbourhoodOf } from '../../analysis/neighbourhood.ts';
import { finiteRows, type Points, takeRows } from '../../analysis/points.ts';
import { umap } from '../../analysis/umap.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { type DeviceName, openDevice } from '../../runtime/device.ts';
import type { AnnData, DenseArray } from '../../single-cell/anndata.ts';
import { UsageError } from '../../support/errors.ts';
import { type Logger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import type { RunRecord, TrainingOutcome } from '../../train/loop.ts';
import { embed } from '../embed/embed.ts';
import type { TrainedModel } from '../fine-tuning/grown-model.ts';
import type { ResumedTraining } from '../fine-tuning/run-folder.ts';
import type { CellSource } from '../prepare.ts';
import { type IntegrationCells, integrationCells } from './cells.ts';
import { fineTune } from './fine-tuning.ts';
import { type IntegrateSettings, integrateSettings, type Recipe, type SomeSettings } from './settings.ts';

/** Options of {@link integrate}; settings left out are those of the recipe. */
export interface IntegrateOptions extends CellSource, RunControl, SomeSettings {
  /** The obs column of batches. */
  readonly batchKey: string;
  /** `neighbours`, ours and the default, or `published`, the paper's. */
  readonly recipe?: Recipe | undefined;
  /** Embed with the model as it is. */
  readonly zeroShot?: boolean | undefined;
  /** Of Leiden clustering. Default 1. */
  readonly resolution?: number | undefined;
  readonly device?: DeviceName | 'auto' | undefined;
  readonly threads?: number | undefined;
  readonly logger?: Logger | undefined;
  /** Makes the place where the run is written. */
  readonly record?: (() => Promise<RunRecord>) | undefined;
  /** Where an earlier run of the same cells and settings stood. */
  readonly resume?: ResumedTraining | undefined;
}

/** What {@link integrate} gives back; rows of all arrays are the data's cells, NaN or -1 where one has no gene. */
export interface IntegrateResult {
  /** What neighbours, clusters and map are of: the joint embedding, or the cell embedding where there is no other. */
  readonly integrated: DenseArray; // [cells, dimensions]
  /** The model's cell embedding alone, of unit length. */
  readonly cellEmbedding: DenseArray; // [cells, d]
  /** The harmonised components that the joint embedding holds and neighbours were learnt from; null where none were. */
  readonly components: DenseArray | null; // [cells, components]
  /** Leiden clusters, named by size. */
  readonly clusters: Grouping; // [cells]
  /** UMAP. */
  readonly layout: DenseArray; // [cells, 2]
  /** Neighbours of the rows that have a place. */
  readonly graph: WeightedGraph; // [rows]
  readonly cells: IntegrationCells;
  /** The model as it was fine-tuned; null with `zeroShot`. */
  readonly model: TrainedModel | null;
  readonly outcome: TrainingOutcome | null;
  readonly settings: IntegrateSettings | null;
  /** What was done to make `integrated`, in words. */
  readonly method: string;
  readonly device: DeviceName;
  readonly seconds: Readonly<Record<'preparing' | 'training' | 'neighbours', number>>;
}

/** Components of the harmonised expression, as many as those of the benchmark's methods. */
const dimensions = 30;
/** Neighbours of a cell in the graph, itself included: scanpy's. */
const neighbours = 15;

/**
 * Fine-tunes a model on all cells and embeds them so that batches mix and kinds of cells stay apart.
 *
 * By our recipe the cell embedding learns neighbours: cells are to be as alike as they are in the harmonised components
 * of their expression, while hidden values are predicted as in the paper; components and cell embedding together are
 * the result. By the published one (Cui et al. 2024, Methods, "batch correction") the model predicts hidden values
 * (GEP, GEPC), keeps alike cells alike (ECS), unlearns the batch (DAR) and normalises each batch for itself (DSBN).
 * No label is looked at, in training or in the choice of the epoch.
 *
 * @throws UsageError, InputError, CheckpointError, TrainingError, CancelledError
 */
export async function integrate(
  data: AnnData,
  model: LoadedModel,
  options: IntegrateOptions,
): Promise<IntegrateResult> {
  const { batchKey, recipe, zeroShot = false, resolution = 1, logger = silent, onProgress, signal } = options;
  const control = { onProgress, signal };
  const settings = integrateSettings(options, recipe);
  if (zeroShot) refuseTraining(options);
  const started = performance.now();
  const { layer, geneColumn, organism, geneMatching } = options;
  const cells = await integrationCells(data, model.vocabulary, {
    layer,
    geneColumn,
    organism,
    geneMatching,
    batchKey,
    genes: settings.genes,
    logger,
    ...control,
  });
  const device = await openDevice({ device: options.device ?? 'auto', threads: options.threads });
  const prepared = performance.now();
  const made = zeroShot
    ? await zeroShotEmbedding(data, model, cells, options)
    : await trainedEmbedding(model, cells, settings, { ...options, device, ...control });
  const trained = performance.now();
  const placed = finiteRows(made.integrated);
  const points = takeRows(made.integrated, placed);
  const graph = await neighbourGraph(points, Math.min(neighbours, points.count), control);
  const rowsPlaced = placed.map((place) => cells.rows[place]);
  const layout = await umap(await neighbourhoodOf(points, undefined, control), points.count, control);
  const all = <T extends Points | null>(given: T) =>
    given === null ? null : spreadOut(given, cells.rows, data.nObs);
  return {
    integrated: spreadOut(made.integrated, cells.rows, data.nObs),
    cellEmbedding: spreadOut(made.embedded, cells.rows, data.nObs),
    components: all(made.components),
    clusters: clusterNames(leiden(graph, { resolution, seed: settings.seed }).codes, rowsPlaced, data.nObs),
    layout: spreadOut(
      { values: layout.values as Float32Array, count: points.count, dimensions: 2 },
      rowsPlaced,
      data.nObs,
    ),
    graph,
    cells: { ...cells, rows: rowsPlaced },
    model: made.model,
    outcome: made.outcome,
    settings: zeroShot ? null : settings,
    method: made.method,
    device: device.name,
    seconds: {
      preparing: (prepared - started) / 1000,
      training: (trained - prepared) / 1000,
      neighbours: (performance.now() - trained) / 1000,
    },
  };
}

/** An embedding of the rows that take part. */
interface MadeEmbedding {
  readonly integrated: Points;
  readonly embedded: Points;
  readonly components: Points | null;
  readonly model: TrainedModel | null;
  readonly outcome: TrainingOutcome | null;
  readonly method: string;
}

async function zeroShotEmbedding(
  data: AnnData,
  model: LoadedModel,
  { rows }: IntegrationCells,
  options: IntegrateOptions,
): Promise<MadeEmbedding> {
  const { embeddings } = await embed(data, model, options);
  const [count, width] = embeddings.shape;
  const embedded = takeRows({ values: embeddings.values as Float32Array, count, dimensions: width }, rows);
  return {
    integrated: embedded,
    embedded,
    components: null,
    model: null,
    outcome: null,
    method: 'cell embeddings of the model as it is, all genes it knows',
  };
}

async function trainedEmbedding(
  model: LoadedModel,
  cells: IntegrationCells,
  settings: IntegrateSettings,
  options: Omit<IntegrateOptions, 'device'> & { readonly device: Awaited<ReturnType<typeof openDevice>> },
): Promise<MadeEmbedding> {
  const { onProgress, signal, device, record, resume } = options;
  const control = { onProgress, signal };
  const batched = { expression: cells.expression, batch: cells.batch, dimensions, seed: settings.seed };
  const uncorrected = (await plainPca(batched, control)).points;
  const learns = settings.neighbours > 0;
  const harmonised = learns || settings.jointWeight > 0 ? await harmonisedComponents(batched, control) : null;
  const shares =
    learns && harmonised !== null ? await neighbourShares(harmonised.points, control) : undefined;
  const start = { config: model.config, vocabulary: model.vocabulary, parameters: await model.parameters() };
  const tuned = await fineTune(
    start,
    cells,
    { shares, uncorrected },
    { settings, device, record, resume, ...control },
  );
  const ofModel = `cell embeddings fine-tuned on ${cells.tokenIds.filter((token) => token >= 0).length} genes`;
  const joint = harmonised !== null && settings.jointWeight > 0;
  return {
    integrated: joint
      ? joined([harmonised.points, 1], [tuned.embedded, settings.jointWeight])
      : tuned.embedded,
    embedded: tuned.embedded,
    components: harmonised?.points ?? null,
    model: tuned.model,
    outcome: tuned.outcome,
    method: joint
      ? `harmonised components (${harmonised.method}) beside ${ofModel}, weight ${settings.jointWeight}`
      : ofModel,
  };
}

/** Refuses settings of a training that is not to be. */
function refuseTraining(options: IntegrateOptions): void {
  const said = ['epochs', 'learningRate', 'batchSize', 'freeze', 'fromScratch', 'recipe'].filter(
    (name) => options[name as keyof IntegrateOptions] !== undefined,
  );
  if (said.length === 0) return;
  throw new UsageError({
    what: `${said.join(', ')} ${said.length === 1 ? 'is' : 'are'} about training, and with zero-shot nothing is trained`,
    expected: 'one or the other',
    reason: 'zero_shot',
  });
}

/** Rows of some cells among rows of all; NaN for the others. */
function spreadOut(
  { values, count, dimensions: width }: Points,
  rows: Int32Array,
  cells: number,
): DenseArray {
  const all = new Float32Array(cells * width).fill(Number.NaN);
  for (let place = 0; place < count; place++) {
    all.set(values.subarray(place * width, (place + 1) * width), rows[place] * width);
  }
  return { kind: 'dense', dtype: 'float32', shape: [cells, width], values: all };
}

/** Clusters numbered by size, the largest first, as scanpy numbers them. */
function clusterNames(codes: Int32Array, rows: Int32Array, cells: number): Grouping {
  const sizes = new Map<number, number>();
  for (const code of codes) sizes.set(code, (sizes.get(code) ?? 0) + 1);
  const order = [...sizes.keys()].sort((a, b) => sizes.get(b)! - sizes.get(a)! || a - b);
  const place = new Map(order.map((code, i) => [code, i]));
  const all = new Int32Array(cells).fill(-1);
  rows.forEach((row, i) => {
    all[row] = place.get(codes[i])!;
  });
  return { name: 'scgpt_cluster', codes: all, groups: order.map((_, i) => String(i)) };
}
