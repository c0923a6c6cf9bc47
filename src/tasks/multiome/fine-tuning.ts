/** @file Fine-tunes a model on cells with two modalities, peaks and proteins being new tokens. */

import type { Grouping } from '../../analysis/groups.ts';
import { type NeighbourShares, neighbourShares } from '../../analysis/integration/neighbour-shares.ts';
import { type Points, pointsOf } from '../../analysis/points.ts';
import { createEmbedder } from '../../model/embedder.ts';
import { withTokens } from '../../model/extended-vocabulary.ts';
import { binnedValues } from '../../model/value-table.ts';
import type { Device } from '../../runtime/device.ts';
import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { GenePanel } from '../../single-cell/tokens/gene-panel.ts';
import { CellTokenizer } from '../../single-cell/tokens/tokenizer.ts';
import type { RunControl } from '../../support/progress.ts';
import { splitCells } from '../../train/cells/split.ts';
import { TrainingCells } from '../../train/cells/training-cells.ts';
import { compactVocabulary, reduceModel, restoreModel } from '../../train/compact-vocabulary.ts';
import { type FineTuningBatches, fineTuningBatch } from '../../train/fine-tuning-batch.ts';
import { type ReadyBatch, type TrainingOutcome, train } from '../../train/loop.ts';
import type { ObjectiveWeights } from '../../train/objectives.ts';
import { learningRateAt } from '../../train/schedule.ts';
import { embedCells } from '../embed/cells.ts';
import { grownModel, type TrainedModel } from '../fine-tuning/grown-model.ts';
import { scheduleOf } from '../fine-tuning/settings.ts';
import { openFineTuner } from '../fine-tuning/trainer.ts';
import { epochsFor } from '../integrate/settings.ts';
import { binnedCells, firstOfToken, modalityOfTokens, modalityRows, tokenNames } from './joint-tokens.ts';
import type { PreparedModality } from './modality.ts';
import type { MultiomeSettings } from './settings.ts';

/** What is learnt from. */
export interface MultiomeTraining {
  readonly names: readonly string[]; // [cells]
  readonly rna: PreparedModality;
  /** Token of each gene, -1 for none. */
  readonly geneTokens: Int32Array; // [genes]
  readonly other: PreparedModality;
  /** Whether tokens of the other modality are shown: not where it is not trusted. */
  readonly showsOther: boolean;
  readonly batch: Grouping | null;
  /** Where cells are neighbours. */
  readonly joint: Points; // [cells, dimensions]
}

/** A model that knows both modalities, and the cells embedded by it. */
export interface MultiomeTuned {
  readonly model: TrainedModel;
  readonly embedded: Points; // [cells, d], unit length; NaN for cells without a token
  /** The same cells by their RNA alone. */
  readonly byRna: Points; // [cells, d]
  /** By the other modality alone; null where the model was not shown it. */
  readonly byOther: Points | null; // [cells, d]
  readonly outcome: TrainingOutcome;
  /** Cells that were held out of training. */
  readonly heldOut: Int32Array;
  /** Tokens that were added to the vocabulary. */
  readonly newTokens: number;
}

/**
 * Learns to predict hidden values of both modalities from tokens and from the cell embedding, and to make cells as alike
 * as they are in the joint components. The epoch with the least loss on held-out cells is kept.
 *
 * @throws TrainingError, CancelledError
 */
export async function fineTuneMultiome(
  model: TrainedModel,
  data: MultiomeTraining,
  settings: MultiomeSettings,
  { device, ...control }: RunControl & { readonly device: Device },
): Promise<MultiomeTuned> {
  const { rna, other, names, batch, showsOther } = data;
  const { seed } = settings;
  const count = names.length;
  const otherTokens = tokenNames(other);
  const extended = withTokens(model, otherTokens, seed);
  const start = grownModel(extended, changesFor(settings, batch), settings);
  const columnTokens = Int32Array.from([
    ...data.geneTokens,
    ...otherTokens.map((token) => start.vocabulary.id(token) ?? -1),
  ]);
  const compact = compactVocabulary(
    start.vocabulary,
    columnTokens.filter((token) => token >= 0),
  );
  const { config, parameters } = reduceModel(start.config, start.parameters, compact);
  const { vocabulary } = compact;
  const panel = new GenePanel(vocabulary, compact.translate(columnTokens));
  const places = firstOfToken(columnTokens);
  const shown = (showRna: boolean, showOther: boolean) =>
    binnedCells(
      [
        { modality: rna, shown: showRna, binary: false },
        {
          modality: other,
          shown: showOther,
          binary: other.kind === 'peaks' && settings.peakValues === 'binary',
        },
      ],
      places,
      count,
      config.bins,
    );
  const matrix = await shown(true, showsOther);
  const cells = new TrainingCells([{ matrix, panel, names, label: 'the data' }], { includeZeros: false });
  const values = binnedValues(config);
  const weights = weightsOf(settings, batch);
  const tuner = await openFineTuner(device, config, parameters, {
    weights,
    values,
    freeze: settings.freeze,
    clipNorm: settings.clipNorm,
    seed,
  });
  const making: FineTuningBatches = {
    config,
    vocabulary,
    binner: null,
    values,
    seed,
    maxLength: settings.maxLength,
    clsValue: config.padValue,
    maskRatio: settings.maskRatio,
    batchOf: batch === null || config.batchCount === 0 ? undefined : ({ row }) => batch.codes[row],
    modalities: modalityOfTokens(vocabulary, new Set(otherTokens), other.name),
  };
  const tokenizer = new CellTokenizer({
    panel,
    clsValue: config.padValue,
    includeZeros: false,
    maxLength: panel.size + 1, // nothing is sampled: the embedding sees all
    binner: null,
    seed,
  });
  const readable = await rowsWithTokens(matrix, columnTokens);
  const shares = await neighbourShares(data.joint, control);
  const split = splitCells(readable.length, { share: settings.validationShare, seed });
  const [training, heldOut] = [split.train, split.validation].map((places) =>
    places.map((place) => readable[place]),
  );
  const stepsOfEpoch = shares.epoch(training, settings.batchSize, seed, 1).length;
  const epochs = epochsFor(settings, stepsOfEpoch);
  const schedule = scheduleOf(settings, epochs * stepsOfEpoch);
  const batches = (rows: Int32Array, epoch: number, skip: number) =>
    batchesOf(cells, making, shares, shares.epoch(rows, settings.batchSize, seed, epoch), { epoch, skip });
  try {
    const outcome = await train(
      {
        trainer: tuner.trainer,
        training: (epoch, skip) => batches(training, epoch, skip),
        validation: () => batches(heldOut, 0, 0),
        epochs,
        batchesPerEpoch: stepsOfEpoch,
        cellsPerEpoch: training.length,
        learningRate: (step) => learningRateAt(schedule, step, stepsOfEpoch, epochs * stepsOfEpoch),
        patience: settings.patience ?? undefined,
      },
      control,
    );
    const merged = tuner.merged(outcome.best);
    const embedder = await createEmbedder(device, config, merged);
    const embed = async (from: CsrMatrix): Promise<Points> => {
      const { embeddings } = await embedCells(
        {
          matrix: from,
          names,
          tokenizer,
          embedder,
          padding: { id: vocabulary.pad, value: config.padValue },
          capacity: (length) => Math.max(1, Math.floor(4096 / length)),
          conditions: [],
        },
        control,
      );
      return pointsOf(embeddings);
    };
    try {
      const embedded = await embed(matrix);
      return {
        embedded,
        byRna: showsOther ? await embed(await shown(true, false)) : embedded,
        byOther: showsOther ? await embed(await shown(false, true)) : null,
        outcome,
        heldOut,
        newTokens: start.vocabulary.size - model.vocabulary.size,
        model: {
          config: start.config,
          vocabulary: start.vocabulary,
          parameters: restoreModel(start.parameters, merged, compact),
        },
      };
    } finally {
      await embedder.dispose();
    }
  } finally {
    await tuner.trainer.dispose();
  }
}

/** The model as it is fine-tuned: the reference's multi-omic class, with what the settings need. */
function changesFor({ dropout, gepc, dar }: MultiomeSettings, batch: Grouping | null) {
  const batches = batch !== null && dar > 0 ? batch.groups.length : 0;
  return {
    architecture: 'multiomic',
    conditions: [],
    classes: 0,
    dropout,
    doMvc: gepc > 0,
    doDab: batches > 0,
    ecsThreshold: 0,
    batchCount: batches,
    useBatchLabels: batches > 0,
    inputBatchNorm: 'none',
    modalityCount: modalityRows,
  } as const;
}

function weightsOf(
  { gep, gepc, dar, neighbours }: MultiomeSettings,
  batch: Grouping | null,
): ObjectiveWeights {
  const all = { gep, gepc, dar: batch === null ? 0 : dar, neighbours };
  return Object.fromEntries(Object.entries(all).filter(([, weight]) => weight > 0));
}

/** Cells with a token: others have no place in training. */
async function rowsWithTokens(matrix: CsrMatrix, columnTokens: Int32Array): Promise<Int32Array> {
  const [count] = matrix.shape;
  const { indptr, indices } = await matrix.rows(0, count);
  return Int32Array.from({ length: count }, (_, row) => row).filter((row) =>
    indices.subarray(indptr[row], indptr[row + 1]).some((column) => columnTokens[column] >= 0),
  );
}

async function* batchesOf(
  cells: TrainingCells,
  making: FineTuningBatches,
  shares: NeighbourShares,
  batches: readonly Int32Array[],
  { epoch, skip }: { readonly epoch: number; readonly skip: number },
): AsyncGenerator<ReadyBatch> {
  for (const [index, members] of batches.entries()) {
    if (index < skip) continue;
    const chosen = await cells.read(members);
    const { feeds, cells: count, tokens, scored } = fineTuningBatch(chosen, making, epoch);
    const shape = [members.length, members.length];
    yield {
      feeds: { ...feeds, shares: { dtype: 'float32', shape, data: shares.of(members) } },
      cells: count,
      tokens,
      weight: Math.max(1, scored),
      index,
      name: `cell ${chosen[0].name}`,
      domain: undefined,
    };
  }
}
