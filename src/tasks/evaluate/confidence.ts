/** @file Whether the confidence of predictions can be believed: calibration, and whether errors are the unsure ones. */

import { rejectionScores, riskCoverage } from '../../analysis/metrics/rejection.ts';
import type { CalibrationCurve } from '../../report/task-report.ts';
import type { Metric } from './score-table.ts';

/** Scores of confidence. */
export const confidenceMetrics: readonly Metric[] = [
  {
    id: 'auroc_errors',
    name: 'AUROC errors',
    about: 'how often a cell given the wrong type is less sure than one given the right type; 0.5 is chance',
    group: 'Confidence',
    better: 'high',
  },
  {
    id: 'risk_coverage',
    name: 'risk-coverage',
    about: 'mean share of errors when only the surest cells are labelled, over all shares of cells',
    group: 'Confidence',
    better: 'low',
  },
  {
    id: 'calibration_error',
    name: 'calibration error',
    about:
      'how far confidence lies from the share of right predictions, mean over 15 bins; of confidence from 0 to 1',
    group: 'Confidence',
    better: 'low',
  },
];

/** What {@link scoreConfidence} gives. */
export interface ConfidenceScores {
  /** By the ids of {@link confidenceMetrics}. */
  readonly scores: Readonly<Record<string, number>>;
  /** Null where confidence is not between 0 and 1. */
  readonly calibration: Omit<CalibrationCurve, 'name'> | null;
  /** Cells without a confidence, which are left out. */
  readonly without: number;
}

const binCount = 15;

/**
 * Scores the confidence of predictions.
 *
 * @param confidence of each cell, NaN for none
 * @param right 1 where the prediction is the true type
 */
export function scoreConfidence(confidence: Float64Array, right: Uint8Array): ConfidenceScores {
  const cells = Int32Array.from(confidence.keys()).filter((cell) => !Number.isNaN(confidence[cell]));
  const sure = Float64Array.from(cells, (cell) => confidence[cell]);
  const correct = Uint8Array.from(cells, (cell) => right[cell]);
  const without = confidence.length - cells.length;
  if (cells.length === 0) return { scores: {}, calibration: null, without };
  const wrong = correct.map((flag) => 1 - flag);
  const calibration = sure.every((value) => value >= 0 && value <= 1) ? reliability(sure, correct) : null;
  return {
    scores: {
      auroc_errors: rejectionScores(sure, correct, wrong).unseenAuroc,
      risk_coverage: riskCoverage(sure, correct).area,
      calibration_error: calibration?.error ?? Number.NaN,
    },
    calibration,
    without,
  };
}

/** Expected calibration error over bins of equal width (Guo et al. 2017), from the confidence of predictions alone. */
function reliability(confidence: Float64Array, right: Uint8Array): Omit<CalibrationCurve, 'name'> {
  const sums = Array.from({ length: binCount }, () => ({ cells: 0, confidence: 0, right: 0 }));
  confidence.forEach((value, cell) => {
    const sum = sums[Math.min(binCount - 1, Math.floor(value * binCount))];
    sum.cells++;
    sum.confidence += value;
    sum.right += right[cell];
  });
  const bins = sums
    .filter(({ cells }) => cells > 0)
    .map(({ cells, ...sum }) => ({ cells, confidence: sum.confidence / cells, accuracy: sum.right / cells }));
  const error = bins.reduce(
    (total, bin) => total + (bin.cells / right.length) * Math.abs(bin.accuracy - bin.confidence),
    0,
  );
  return { error, bins };
}
