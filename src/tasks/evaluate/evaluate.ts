/** @file Scores embeddings and predicted labels of a data set, with simple methods beside them. */

import type { Grouping } from '../../analysis/groups.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { UsageError } from '../../support/errors.ts';
import { type Logger, RecordingLogger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { candidateColumns, groupsIn } from './columns.ts';
import { type EvaluatedEmbeddings, evaluateEmbeddings } from './embedding-scores.ts';
import { type EvaluatedPredictions, evaluatePredictions } from './prediction-scores.ts';
import { fewestCells } from './scored-cells.ts';

/** Options of {@link evaluate}. */
export interface EvaluateOptions extends RunControl {
  /** Keys of obsm. Default all that are embeddings: tables of more than two columns that are no layout. */
  readonly embeddings?: readonly string[] | undefined;
  /** The column of obs with batches; without one, mixing is not scored. */
  readonly batchKey?: string | undefined;
  /** The column of obs with cell types, used for scoring only; without one, embeddings are scored by mixing alone. */
  readonly labelKey?: string | undefined;
  /** Columns of obs with predicted types. */
  readonly predictions?: readonly string[] | undefined;
  /** The column of obs with the true types. Default `labelKey`. */
  readonly truth?: string | undefined;
  /** Columns of obs that say how sure each prediction is, one for each of `predictions`. */
  readonly confidences?: readonly string[] | undefined;
  /** Ids of built-in methods to run on the same cells, or `all`; see `integrationMethods`. Default `pca` and `harmony`. */
  readonly methods?: readonly string[] | undefined;
  /** The key of obsm with an embedding that is not integrated, which mixing is measured against. Default: principal components. */
  readonly unintegrated?: string | undefined;
  /** The matrix that methods work on: a layer's name, or `raw`. Default X. */
  readonly layer?: string | undefined;
  /** Seeds of methods that draw; their scores are means. Default 0. */
  readonly seeds?: readonly number[] | undefined;
  /** The most cells that embeddings are scored on: of more, so many are drawn by the first seed. Default 20,000. */
  readonly sample?: number | undefined;
  readonly logger?: Logger | undefined;
}

/** What {@link evaluate} gives. */
export interface Evaluation {
  /** Of the whole data set. */
  readonly cells: number;
  /** Null where neither batches nor labels were given. */
  readonly embeddings: EvaluatedEmbeddings | null;
  /** Null where no predictions were given. */
  readonly predictions: EvaluatedPredictions | null;
  readonly warnings: readonly string[];
}

/**
 * Scores embeddings by how well they keep types apart and mix batches, and predicted types by the true ones. Labels are
 * used for scoring only: the methods that are run see expression and batches.
 *
 * @throws UsageError when options do not fit together
 * @throws InputError when a key is missing (naming those there are) or fewer than 15 cells can be scored
 * @throws CancelledError when the signal is aborted
 */
export async function evaluate(data: AnnData, options: EvaluateOptions): Promise<Evaluation> {
  const logger = new RecordingLogger(options.logger ?? silent);
  checkOptions(data, options);
  const column = (name: string | undefined, option: string): Grouping | null =>
    name === undefined ? null : groupsIn(data.obs, name, option);
  const batch = column(options.batchKey, '--batch-key');
  const labels = column(options.labelKey, '--label-key');
  const truth = column(options.truth, '--truth') ?? labels;
  return {
    cells: data.nObs,
    predictions: truth === null ? null : evaluatePredictions(data.obs, truth, options, logger),
    embeddings:
      batch === null && labels === null
        ? null
        : await evaluateEmbeddings(data, { batch, labels }, options, logger),
    warnings: logger.warnings,
  };
}

function checkOptions({ obs }: AnnData, options: EvaluateOptions): void {
  const {
    batchKey,
    labelKey,
    truth,
    predictions = [],
    confidences = [],
    embeddings,
    seeds,
    sample,
  } = options;
  if (batchKey === undefined && labelKey === undefined && predictions.length === 0) {
    const candidates = candidateColumns(obs, 'groups');
    refuse(
      'there is nothing to score by',
      '--batch-key with a column of batches, --label-key with one of cell types, or --prediction and --truth',
      candidates.length === 0 ? undefined : `obs has ${candidates.join(', ')}`,
    );
  }
  if (predictions.length > 0 && truth === undefined && labelKey === undefined) {
    refuse('predictions have nothing to be compared with', '--truth with the column of true types');
  }
  if (predictions.length === 0 && (truth !== undefined || confidences.length > 0)) {
    refuse(
      `${truth === undefined ? '--confidence' : '--truth'} is about predictions, and none are given`,
      '--prediction with a column of predicted types',
    );
  }
  if (confidences.length > 0 && confidences.length !== predictions.length) {
    refuse(
      `there are ${confidences.length} columns of confidence for ${predictions.length} of predictions`,
      'one --confidence for each --prediction, in the same order',
    );
  }
  if (embeddings !== undefined && batchKey === undefined && labelKey === undefined) {
    refuse('embeddings have nothing to be scored by', '--batch-key, --label-key or both');
  }
  if (seeds?.length === 0) refuse('there is no seed', 'at least one');
  if (sample !== undefined && sample < fewestCells) {
    refuse(`a sample of ${sample} cells is too small to score`, `at least ${fewestCells}`);
  }
}

function refuse(what: string, expected: string, advice?: string): never {
  throw new UsageError({ what, where: 'evaluate', expected, advice, reason: 'options' });
}
