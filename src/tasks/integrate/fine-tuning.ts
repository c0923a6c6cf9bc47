/** @file Fine-tunes a model on the cells of several batches so that its cell embedding mixes them. */

import type { Grouping } from '../../analysis/groups.ts';
import type { NeighbourShares } from '../../analysis/integration/neighbour-shares.ts';
import { fewestLabelFreeCells, labelFreeScore } from '../../analysis/metrics/label-free.ts';
import { finiteRows, type Points, pointsOf, takeRows } from '../../analysis/points.ts';
import type { ModelConfig } from '../../model/config.ts';
import { createEmbedder, type EmbedderOptions } from '../../model/embedder.ts';
import { binnedValues } from '../../model/value-table.ts';
import type { Device } from '../../runtime/device.ts';
import { ValueBinner } from '../../single-cell/binning.ts';
import { selectCells } from '../../single-cell/preprocess/views.ts';
import { GenePanel } from '../../single-cell/tokens/gene-panel.ts';
import { CellTokenizer } from '../../single-cell/tokens/tokenizer.ts';
import type { RunControl } from '../../support/progress.ts';
import { randomStream } from '../../support/random.ts';
import type { StateDict } from '../../support/tensor.ts';
import { splitCells } from '../../train/cells/split.ts';
import { TrainingCells } from '../../train/cells/training-cells.ts';
import { compactVocabulary, reduceModel, restoreModel } from '../../train/compact-vocabulary.ts';
import type { FineTuningBatches } from '../../train/fine-tuning-batch.ts';
import { type RunRecord, type TrainingOutcome, train } from '../../train/loop.ts';
import type { ObjectiveWeights } from '../../train/objectives.ts';
import { learningRateAt } from '../../train/schedule.ts';
import { embedCells } from '../embed/cells.ts';
import { grownModel, type TrainedModel } from '../fine-tuning/grown-model.ts';
import type { ResumedTraining } from '../fine-tuning/run-folder.ts';
import { type FineTuner, openFineTuner } from '../fine-tuning/trainer.ts';
import type { IntegrationCells } from './cells.ts';
import { decodedExpression } from './decoding.ts';
import type { IntegrateSettings } from './settings.ts';
import { trainingPlan } from './training-plan.ts';

/** What is learnt from beside the cells. */
export interface IntegrationAims {
  /** How alike cells are to be; undefined where the settings weigh it with 0. */
  readonly shares: NeighbourShares | undefined;
  /** The cells uncorrected, for the label-free score. */
  readonly uncorrected: Points; // [rows, components]
}

/** How {@link fineTune} runs. */
export interface FineTuneOptions extends RunControl {
  readonly device: Device;
  readonly settings: IntegrateSettings;
  /** Embed with the model before training, too. */
  readonly asItWas: boolean;
  /** Decode expression from the cell embeddings. */
  readonly decodes: boolean;
  /** Makes the place where the run is written. */
  readonly record?: (() => Promise<RunRecord>) | undefined;
  readonly resume?: ResumedTraining | undefined;
}

/** A fine-tuned model, the cells embedded by it, and how it came about. */
export interface FineTuned {
  readonly model: TrainedModel;
  readonly embedded: Points; // [rows, d], unit length
  readonly outcome: TrainingOutcome;
  /** The cells embedded before any training; null where that was not asked for or there was nothing but chance. */
  readonly asItWas: Points | null; // [rows, d], unit length
  /** Bins that the cell-prompted head predicts, as real numbers; null where that was not asked for. */
  readonly decoded: Float32Array | null; // [rows, genes]
}

/** The label-free score of more cells says the same. */
const judgedCells = 3000;
/** The similarity threshold of ECS in the published recipe. */
const ecsThreshold = 0.8;

/** The model as it is fine-tuned: what the settings need beside what it has. */
function withBatches(
  model: TrainedModel,
  batches: number,
  settings: Pick<
    IntegrateSettings,
    'batchNorm' | 'dar' | 'ecs' | 'gepc' | 'dropout' | 'fromScratch' | 'seed'
  >,
): TrainedModel {
  const { batchNorm, dar, ecs, gepc, dropout } = settings;
  const known = batchNorm || dar > 0;
  const changes: Partial<ModelConfig> = {
    architecture: 'standard',
    conditions: [],
    classes: 0,
    dropout,
    doMvc: gepc > 0,
    doDab: dar > 0,
    ecsThreshold: ecs > 0 ? ecsThreshold : 0,
    batchCount: known ? batches : 0,
    useBatchLabels: batchNorm,
    inputBatchNorm: batchNorm ? 'per-batch' : 'none',
    explicitZeroProbability: batchNorm,
  };
  return grownModel(model, changes, settings);
}

/**
 * Trains on most cells and keeps the epoch whose embedding has the best label-free score, the beginning included: no
 * loss on held-out cells tells how well batches are mixed, and labels are not looked at. Where no batch is large enough
 * for that score, it is the loss on held-out cells after all.
 *
 * @throws TrainingError, CancelledError
 */
export async function fineTune(
  model: TrainedModel,
  cells: IntegrationCells,
  aims: IntegrationAims,
  options: FineTuneOptions,
): Promise<FineTuned> {
  const { settings, device, resume, onProgress, signal } = options;
  const start = withBatches(model, cells.batch.groups.length, settings);
  const open = await openIntegration(start, cells, settings, device, resume);
  const { train: training, validation } = splitCells(cells.rows.length, {
    share: Math.max(settings.validationShare, 1 / cells.rows.length), // one cell at least
    seed: settings.seed,
  });
  const plan = trainingPlan(open, cells.batch, aims.shares, settings, training);
  const judged = judgedRows(cells.rows.length, settings.seed);
  const criterion = async (parameters: StateDict): Promise<number> => {
    const embedded = await open.embed(open.merged(parameters), judged, { signal });
    return 1 - (await labelFree(embedded, judged, cells, aims));
  };
  try {
    const outcome = await train(
      {
        trainer: open.tuner.trainer,
        training: (epoch, skip) => plan.batches(training, epoch, skip),
        validation: () => plan.batches(validation, 0, 0),
        epochs: plan.epochs,
        batchesPerEpoch: plan.stepsOfEpoch,
        cellsPerEpoch: plan.cellsOfEpoch,
        learningRate: (step) => learningRateAt(plan.schedule, step, plan.stepsOfEpoch, plan.totalSteps),
        patience: settings.patience ?? undefined,
        ...(hasLabelFreeScore(cells.batch, judged) ? { criterion } : {}),
        record: await options.record?.(),
        resume: resume && { progress: resume.state.progress, best: resume.best },
      },
      { onProgress, signal },
    );
    const embedded = await open.embed(open.merged(outcome.best), undefined, { onProgress, signal });
    const asItWas =
      options.asItWas && !settings.fromScratch
        ? await open.embed(open.start, undefined, { onProgress, signal })
        : null;
    const tuned = open.model(outcome.best);
    const decoded = options.decodes
      ? await decodedExpression(
          device,
          tuned,
          await open.embed(open.merged(outcome.best), undefined, { signal }, { unitLength: false }),
          cells.tokenIds.map((token) => Math.max(token, 0)), // of genes without a token nothing is taken
          { onProgress, signal },
        )
      : null;
    return { model: tuned, embedded, outcome, asItWas, decoded };
  } finally {
    await open.tuner.trainer.dispose();
  }
}

/** A fine-tuning made ready on a device. */
interface OpenIntegration {
  readonly tuner: FineTuner;
  readonly cells: TrainingCells;
  readonly making: FineTuningBatches;
  /** The parameters before training. */
  readonly start: StateDict;
  /** Trained parameters as the model has them. */
  merged(trained: StateDict): StateDict;
  /** Embeds cells, all without `members`. */
  embed(
    parameters: StateDict,
    members: Int32Array | undefined,
    control: RunControl,
    options?: Pick<EmbedderOptions, 'unitLength'>,
  ): Promise<Points>;
  /** The whole model with these values of what was trained. */
  model(trained: StateDict): TrainedModel;
}

async function openIntegration(
  start: TrainedModel,
  { expression, names, batch, tokenIds }: IntegrationCells,
  settings: IntegrateSettings,
  device: Device,
  resume: ResumedTraining | undefined,
): Promise<OpenIntegration> {
  const compact = compactVocabulary(
    start.vocabulary,
    tokenIds.filter((token) => token >= 0),
  );
  const { config, parameters } = reduceModel(start.config, start.parameters, compact);
  const { vocabulary } = compact;
  const panel = new GenePanel(vocabulary, compact.translate(tokenIds));
  const source = { matrix: expression.given, panel, names, label: 'the data' };
  const cells = new TrainingCells([source], { includeZeros: settings.includeZeros });
  const values = binnedValues(config);
  const binner = new ValueBinner(config.bins, 'left');
  const clsValue = settings.batchNorm ? 0 : config.padValue;
  const weights = weightsOf(settings);
  const { freeze, clipNorm, seed } = settings;
  const plan = { weights, values, freeze, clipNorm, seed };
  const tuner = await openFineTuner(device, config, parameters, plan, resume?.state);
  const tokenizer = new CellTokenizer({
    panel,
    clsValue,
    includeZeros: settings.includeZeros,
    maxLength: panel.size + 1, // nothing is sampled: the embedding sees all
    binner,
    seed,
  });
  return {
    tuner,
    cells,
    making: {
      config,
      vocabulary,
      binner,
      values,
      seed,
      maxLength: settings.maxLength,
      clsValue,
      maskRatio: settings.maskRatio,
      batchOf: config.batchCount > 0 ? ({ row }) => batch.codes[row] : undefined,
    },
    start: parameters,
    merged: (trained) => tuner.merged(trained),
    async embed(given, members, control, options) {
      const embedder = await createEmbedder(device, config, given, options);
      try {
        const { embeddings } = await embedCells(
          {
            matrix: members === undefined ? expression.given : selectCells(expression.given, members),
            names: members === undefined ? names : Array.from(members, (row) => names[row]),
            tokenizer,
            embedder,
            padding: { id: vocabulary.pad, value: config.padValue },
            capacity: (length) => Math.max(1, Math.floor(4096 / length)),
            conditions: [],
            domain: settings.batchNorm
              ? (members ?? Int32Array.from(names.keys())).map((row) => batch.codes[row])
              : undefined,
          },
          control,
        );
        return pointsOf(embeddings);
      } finally {
        await embedder.dispose();
      }
    },
    model: (trained) => ({
      config: start.config,
      vocabulary: start.vocabulary,
      parameters: restoreModel(start.parameters, tuner.merged(trained), compact),
    }),
  };
}

/** The objectives that are on. */
function weightsOf({ gep, gepc, ecs, dar, neighbours }: IntegrateSettings): ObjectiveWeights {
  const all = { gep, gepc, ecs, dar, neighbours };
  return Object.fromEntries(Object.entries(all).filter(([, weight]) => weight > 0));
}

/** Whether some batch is large enough to have neighbourhoods of its own. */
function hasLabelFreeScore({ codes, groups }: Grouping, rows: Int32Array): boolean {
  const sizes = new Int32Array(groups.length);
  for (const row of rows) sizes[codes[row]]++;
  return sizes.some((size) => size >= fewestLabelFreeCells);
}

/** The cells that epochs are judged on: all, or as many as tell. */
function judgedRows(count: number, seed: number): Int32Array {
  const all = Int32Array.from({ length: count }, (_, row) => row);
  if (count <= judgedCells) return all;
  return Int32Array.from(randomStream(seed, 'judged cells').sample(count, judgedCells)).sort();
}

async function labelFree(
  embedded: Points,
  rows: Int32Array,
  { batch }: IntegrationCells,
  { uncorrected }: IntegrationAims,
): Promise<number> {
  const placed = finiteRows(embedded);
  const kept = placed.map((place) => rows[place]);
  const { score } = await labelFreeScore(takeRows(embedded, placed), takeRows(uncorrected, kept), {
    ...batch,
    codes: kept.map((row) => batch.codes[row]),
  });
  return score;
}
