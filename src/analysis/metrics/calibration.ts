/** @file Calibration: whether predicted probabilities are as often right as they say. */

import { UsageError } from '../../support/errors.ts';

/** The cells whose top probability lies in one interval. */
export interface ReliabilityBin {
  /** Where the interval begins; it ends where the next begins, the last one with 1, which it holds. */
  readonly start: number;
  readonly end: number;
  readonly cells: number;
  /** Mean top probability of the cells; NaN without any. */
  readonly confidence: number;
  /** Share of the cells whose top class is the true one; NaN without any. */
  readonly accuracy: number;
}

/** What {@link calibration} gives. */
export interface Calibration {
  /** Expected calibration error: |accuracy - confidence| of bins, weighted by their cells. */
  readonly expectedError: number;
  /** The largest |accuracy - confidence| of a bin. */
  readonly largestError: number;
  /** Mean of -ln(probability of the true class), in nats; probabilities below 2.2e-16 count as that. */
  readonly negativeLogLikelihood: number;
  /** Brier score: mean squared distance of the probabilities from the truth, summed over classes, 0 .. 2. */
  readonly brier: number;
  /** All bins, from 0 to 1: the reliability table. */
  readonly bins: readonly ReliabilityBin[];
}

/** Of equal width; the number of Guo et al. (2017). */
const binCount = 15;
const borders = Float64Array.from({ length: binCount + 1 }, (_, i) =>
  i === binCount ? 1 : i * (1 / binCount),
);

/**
 * Scores predicted probabilities of classes (Guo et al. 2017). Cells of types that are no class have to be left out.
 *
 * @param truth class of each cell, 0 .. classCount - 1
 * @param probabilities in each row 0 .. 1, in sum 1
 * @throws UsageError when there is no cell, numbers do not fit, or a row is no distribution
 */
export function calibration(
  truth: Int32Array,
  probabilities: Float32Array | Float64Array, // [cells, classes]
  classCount: number,
): Calibration {
  checkProbabilities(truth, probabilities, classCount);
  const sums: Sums[] = Array.from({ length: binCount }, () => ({ cells: 0, confidence: 0, right: 0 }));
  let logLikelihood = 0;
  let squares = 0;
  truth.forEach((own, cell) => {
    const row = probabilities.subarray(cell * classCount, (cell + 1) * classCount);
    const top = Math.max(...row);
    const sum = sums[binOf(top)];
    sum.cells++;
    sum.confidence += top;
    if (row.indexOf(top) === own) sum.right++;
    logLikelihood += Math.log(Math.min(1, Math.max(Number.EPSILON, row[own])));
    row.forEach((probability, code) => {
      squares += (probability - (code === own ? 1 : 0)) ** 2;
    });
  });
  const bins = sums.map(({ cells, confidence, right }, bin) => ({
    start: borders[bin],
    end: borders[bin + 1],
    cells,
    confidence: confidence / cells,
    accuracy: right / cells,
  }));
  const errors = bins.map(({ cells, confidence, accuracy }) =>
    cells === 0 ? 0 : Math.abs(accuracy - confidence),
  );
  return {
    expectedError: bins.reduce((sum, { cells }, bin) => sum + (cells / truth.length) * errors[bin], 0),
    largestError: Math.max(...errors),
    negativeLogLikelihood: -logLikelihood / truth.length,
    brier: squares / truth.length,
    bins,
  };
}

/** Sums over the cells of a bin. */
interface Sums {
  cells: number;
  confidence: number;
  right: number;
}

/** The last bin that begins at a probability or below it. */
function binOf(probability: number): number {
  let bin = 0;
  while (bin < binCount - 1 && borders[bin + 1] <= probability) bin++;
  return bin;
}

/** Rounding of float32 probabilities of thousands of classes. */
const sumTolerance = 1e-3;

function checkProbabilities(
  truth: Int32Array,
  probabilities: Float32Array | Float64Array,
  classCount: number,
): void {
  if (truth.length === 0 || truth.length * classCount !== probabilities.length) {
    refuse(
      `there are ${truth.length} cells of ${classCount} classes and ${probabilities.length} probabilities`,
      'cells, and a probability of every class for each',
    );
  }
  truth.forEach((own, cell) => {
    if (own < 0 || own >= classCount) refuse(`cell ${cell} has class ${own}`, `0 to ${classCount - 1}`);
    const row = probabilities.subarray(cell * classCount, (cell + 1) * classCount);
    let sum = 0;
    for (const probability of row) sum += probability;
    if (!row.every((probability) => probability >= 0) || !(Math.abs(sum - 1) <= sumTolerance)) {
      refuse(`cell ${cell} has probabilities that sum to ${sum}`, 'none below 0, and a sum of 1');
    }
  });
}

function refuse(what: string, expected: string): never {
  throw new UsageError({ what, where: 'calibration', expected, reason: 'probabilities' });
}
