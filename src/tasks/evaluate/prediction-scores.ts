/** @file Scores every column of predicted types on the cells whose true type is known. */

import type { Grouping } from '../../analysis/groups.ts';
import type { DataFrame } from '../../single-cell/data-frame.ts';
import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import { count, plural } from '../../support/words.ts';
import { groupsIn, groupsOfRows, numbersIn } from './columns.ts';
import {
  assignmentMetrics,
  type ComparedPredictions,
  comparePredictions,
  predictionMetrics,
} from './compare-predictions.ts';
import { type ConfidenceScores, confidenceMetrics, scoreConfidence } from './confidence.ts';
import { type ScoredRow, type ScoreTable, spreads, withoutEmptyColumns } from './score-table.ts';

/** Which columns of obs hold predictions. */
export interface PredictionColumns {
  readonly predictions?: readonly string[] | undefined;
  readonly confidences?: readonly string[] | undefined;
}

/** Scores of predicted types. */
export interface EvaluatedPredictions {
  /** The column of true types. */
  readonly truth: string;
  /** Cells with a true type. */
  readonly cells: number;
  readonly table: ScoreTable;
  readonly details: readonly PredictionDetails[];
}

/** More of one column of predictions. */
export interface PredictionDetails extends ComparedPredictions {
  readonly column: string;
  /** Null without a column of confidence. */
  readonly confidence: ConfidenceScores | null;
}

/**
 * Scores columns of predicted types.
 *
 * @throws InputError when a column is missing, no cell has a true type, or names of types have nothing in common
 */
export function evaluatePredictions(
  obs: DataFrame,
  truth: Grouping,
  { predictions = [], confidences = [] }: PredictionColumns,
  logger: Logger,
): EvaluatedPredictions | null {
  if (predictions.length === 0) return null;
  const rows = Int32Array.from(truth.codes.keys()).filter((cell) => truth.codes[cell] >= 0);
  if (rows.length === 0) {
    throw new InputError({
      what: `no cell has a ${truth.name}`,
      where: 'obs',
      expected: 'the true types of the cells that predictions are scored on',
      reason: 'no_labels',
    });
  }
  if (rows.length < obs.length) {
    logger.warning(
      `${plural(obs.length - rows.length, 'cell')} without ${truth.name} left out of the scores of predictions`,
    );
  }
  const trueTypes = groupsOfRows(truth, rows);
  const details = predictions.map((column, i): PredictionDetails => {
    const compared = comparePredictions(trueTypes, groupsOfRows(groupsIn(obs, column, '--prediction'), rows));
    const confidence =
      confidences.length === 0 ? null : confidenceOf(obs, confidences[i], rows, compared, logger);
    if (compared.unassigned > 0) {
      logger.warning(
        `${column} gives ${count(compared.unassigned)} of ${plural(rows.length, 'cell')} no type: they count as wrong`,
      );
    }
    return { column, ...compared, confidence };
  });
  return {
    truth: truth.name,
    cells: rows.length,
    details,
    table: withoutEmptyColumns({
      metrics: [
        ...predictionMetrics,
        ...(details.some(({ unassigned }) => unassigned > 0) ? assignmentMetrics : []),
        ...confidenceMetrics,
      ],
      rows: details.map(rowOf),
    }),
  };
}

function confidenceOf(
  obs: DataFrame,
  column: string,
  rows: Int32Array,
  { right }: ComparedPredictions,
  logger: Logger,
): ConfidenceScores {
  const all = numbersIn(obs, column, '--confidence');
  const confidence = scoreConfidence(
    Float64Array.from(rows, (row) => all[row]),
    right,
  );
  if (confidence.without > 0) {
    logger.warning(
      `${plural(confidence.without, 'cell')} without ${column} left out of the scores of confidence`,
    );
  }
  if (confidence.calibration === null) {
    logger.warning(`${column} is not between 0 and 1: it is no probability, and calibration is not scored`);
  }
  return confidence;
}

function rowOf({ column, scores, confidence }: PredictionDetails): ScoredRow {
  return {
    name: column,
    origin: 'data',
    about: `obs/${column}`,
    runs: 1,
    seconds: null,
    scores: spreads([{ ...scores, ...confidence?.scores }]),
  };
}
