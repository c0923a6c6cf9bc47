/** @file A short generative fine-tuning on the cells whose expression is asked for. */

import type { IncompleteExpression } from '../../analysis/imputation/incomplete-expression.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { AnnData } from '../../single-cell/anndata.ts';
import { DataFrame } from '../../single-cell/data-frame.ts';
import { type Logger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import type { TrainingOutcome } from '../../train/loop.ts';
import type { TrainedModel } from '../fine-tuning/grown-model.ts';
import { corpusOf } from '../pretrain/corpus.ts';
import { type PretrainControl, pretrain } from '../pretrain/pretrain.ts';
import { pretrainDefaults } from '../pretrain/settings.ts';
import { continuedModel } from '../pretrain/starting-point.ts';

/** What a fine-tuning may be told. */
export interface GenerativeTuning {
  readonly epochs: number;
  readonly learningRate: number;
  readonly batchSize: number;
  /** Shares of each cell's genes to predict; each batch draws one. */
  readonly ratios: readonly number[];
  readonly seed: number;
}

/** Ratios near what is asked: most genes are known. */
export const tuningDefaults: Omit<GenerativeTuning, 'seed'> = {
  epochs: 4,
  learningRate: 3e-4,
  batchSize: 32,
  ratios: [0.2, 0.4],
};

/** A model that has seen the cells. */
export interface TunedModel {
  readonly model: TrainedModel;
  readonly outcome: TrainingOutcome;
}

/**
 * Goes on with generative pre-training on what is visible of the cells; the epoch with the lowest loss on held-out cells
 * is kept, the start among them.
 *
 * @throws TrainingError, CancelledError; CheckpointError where the model cannot generate
 */
export async function tuneGenerative(
  model: LoadedModel,
  { counts, cells }: IncompleteExpression,
  genes: readonly string[],
  tuning: GenerativeTuning,
  {
    logger = silent,
    ...control
  }: RunControl & Pick<PretrainControl, 'device' | 'threads'> & { readonly logger?: Logger | undefined } = {},
): Promise<TunedModel> {
  const data = new AnnData({
    X: counts,
    obs: new DataFrame(Array.from({ length: cells }, (_, cell) => String(cell))),
    var: new DataFrame(genes),
  });
  const corpus = await corpusOf(
    [{ label: 'cells', data }],
    model.vocabulary,
    { geneColumn: 'index' },
    control,
  );
  const start = await continuedModel(model, corpus, tuning.seed, logger);
  const { model: tuned, outcome } = await pretrain(
    corpus,
    start,
    {
      ...pretrainDefaults,
      ...tuning,
      maxLength: model.config.maxLength,
      bins: model.config.bins,
      cce: 0,
      validationShare: 0.1,
    },
    control,
  );
  return { model: tuned, outcome };
}
