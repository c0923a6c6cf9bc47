/** @file Integrates the cells of several batches: fine-tunes a model, embeds, clusters and lays out. */

import type { Grouping } from '../../analysis/groups.ts';
import { plainPca } from '../../analysis/integration/principal-components.ts';
import type { WeightedGraph } from '../../analysis/neighbour-graph.ts';
import type { Points } from '../../analysis/points.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { type Device, type DeviceName, openDevice } from '../../runtime/device.ts';
import type { AnnData, DenseArray } from '../../single-cell/anndata.ts';
import { UsageError } from '../../support/errors.ts';
import { type Logger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import type { RunRecord, TrainingOutcome } from '../../train/loop.ts';
import type { TrainedModel } from '../fine-tuning/grown-model.ts';
import type { ResumedTraining } from '../fine-tuning/run-folder.ts';
import type { CellSource } from '../prepare.ts';
import { type IntegrationCells, integrationCells, integrationDimensions } from './cells.ts';
import {
  type CorrectedCells,
  type Correction,
  correctedByModel,
  correctedByNeighbours,
} from './corrected.ts';
import { type MadeEmbedding, trainedEmbedding, zeroShotEmbedding } from './embedding.ts';
import { amongAllCells, placeCells } from './placing.ts';
import { type IntegrateSettings, integrateSettings, type Recipe, type SomeSettings } from './settings.ts';

/** Options of {@link integrate}; settings left out are those of the recipe. */
export interface IntegrateOptions extends CellSource, RunControl, SomeSettings {
  /** The obs column of batches. */
  readonly batchKey: string;
  /** `neighbours`, ours and the default, or `published`, the paper's. */
  readonly recipe?: Recipe | undefined;
  /** Embed with the model as it is. */
  readonly zeroShot?: boolean | undefined;
  /** Embed the cells with the model before training as well, to compare with. Default false. */
  readonly asItWas?: boolean | undefined;
  /** Correct the expression of the genes that took part, too. Default no. */
  readonly corrected?: Correction | undefined;
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
  /** Principal components of the expression, nothing corrected. */
  readonly uncorrected: DenseArray; // [cells, components]
  /** The cell embedding before any training, where it was asked for with `asItWas`. */
  readonly asItWas: DenseArray | null; // [cells, d]
  /** Corrected expression, where it was asked for; its rows are those of `cells`. */
  readonly corrected: CorrectedCells | null;
  /** Leiden clusters, named by size. */
  readonly clusters: Grouping; // [cells]
  /** UMAP. */
  readonly layout: DenseArray; // [cells, 2]
  /** Neighbours of the cells that have a place. */
  readonly graph: WeightedGraph; // [placed]
  /** Rows of the data that have a place. */
  readonly placed: Int32Array;
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
  const { expression, batch } = cells;
  const plain = { expression, batch, dimensions: integrationDimensions, seed: settings.seed };
  const uncorrected = (await plainPca(plain, control)).points;
  const prepared = performance.now();
  const made = zeroShot
    ? await zeroShotEmbedding(data, model, cells, options)
    : await trainedEmbedding(model, cells, settings, { ...options, uncorrected, device, ...control });
  const trained = performance.now();
  const all = (given: Points): DenseArray => amongAllCells(given, cells.rows, data.nObs);
  const integrated = all(made.integrated);
  const { rows, layout, graph, clusters } = await placeCells(
    integrated,
    { device, resolution, seed: settings.seed },
    control,
  );
  const { tuned, components } = made;
  const corrected = options.corrected === undefined ? null : await correct(made, cells, device, control);
  return {
    integrated,
    cellEmbedding: all(made.embedded),
    components: components && all(components),
    uncorrected: all(uncorrected),
    corrected,
    asItWas: tuned?.asItWas ? all(tuned.asItWas) : null,
    clusters,
    layout,
    graph,
    cells,
    placed: rows,
    model: tuned?.model ?? null,
    outcome: tuned?.outcome ?? null,
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

/** What the model decoded, else by neighbours in the embedding. */
function correct(
  { integrated, tuned }: MadeEmbedding,
  cells: IntegrationCells,
  device: Device,
  control: RunControl,
): Promise<CorrectedCells> {
  const decoded = tuned?.decoded ?? null;
  return decoded === null
    ? correctedByNeighbours(device, integrated, cells, control)
    : correctedByModel(decoded, cells);
}

/** Refuses settings of a training that is not to be. */
function refuseTraining(options: IntegrateOptions): void {
  const said = ['epochs', 'learningRate', 'batchSize', 'freeze', 'fromScratch', 'recipe', 'corrected'].filter(
    (name) => options[name as keyof IntegrateOptions] !== undefined,
  );
  if (said.length === 0) return;
  throw new UsageError({
    what: `${said.join(', ')} ${said.length === 1 ? 'is' : 'are'} about training, and with zero-shot nothing is trained`,
    expected: 'one or the other',
    reason: 'zero_shot',
  });
}
