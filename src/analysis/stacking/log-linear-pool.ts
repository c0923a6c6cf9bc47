/** @file Experts' scores of classes pooled into one set of probabilities: a weighted sum of scores, then softmax. */

import type { RunControl } from '../../support/progress.ts';
import { minimise } from '../classifiers/lbfgs.ts';

/** Scores of one expert, any numbers of which the highest is the best, such as log probabilities or correlations. */
export type ExpertScores = Float64Array; // [cells, classes]

/** Cells whose class is known, as the experts see them that have not learnt from them. */
export interface PoolExamples {
  readonly scores: readonly ExpertScores[]; // [experts]
  readonly labels: Int32Array; // [cells]
  readonly classCount: number;
}

/** Weights of the experts before any example is seen, and how many examples they are worth. */
export interface PoolPrior {
  readonly weights: readonly number[]; // [experts]
  readonly strength: number;
}

/**
 * Weights of at least 0 that make the pooled probabilities of the true classes highest (log loss), drawn towards the
 * prior: few examples move it little. Products of experts (Genest & Zidek 1986) keep a class only if no expert rules
 * it out; the weights' common size is the temperature, so that pooled probabilities are calibrated on the examples.
 *
 * @throws CancelledError when the control's signal is aborted
 */
export async function fitPool(
  { scores, labels, classCount }: PoolExamples,
  prior: PoolPrior,
  control?: RunControl,
): Promise<Float64Array> {
  const start = Float64Array.from(prior.weights, Math.log);
  const row = new Float64Array(classCount);
  const objective = (place: Float64Array, gradient: Float64Array): number => {
    const weights = place.map(Math.exp);
    gradient.fill(0);
    let loss = 0;
    for (let cell = 0; cell < labels.length; cell++) {
      const first = cell * classCount;
      const truth = first + labels[cell];
      loss += pooledRow(scores, weights, first, row) - sumAt(scores, weights, truth);
      for (let expert = 0; expert < scores.length; expert++) {
        let expected = 0;
        for (let k = 0; k < classCount; k++) expected += row[k] * scores[expert][first + k];
        gradient[expert] += weights[expert] * (expected - scores[expert][truth]);
      }
    }
    for (let expert = 0; expert < scores.length; expert++) {
      const moved = place[expert] - start[expert];
      loss += (prior.strength * moved * moved) / 2;
      gradient[expert] += prior.strength * moved;
    }
    return loss;
  };
  const options = { stage: 'weighing experts', tolerance: 1e-4, iterations: 200 };
  return (await minimise(objective, start, options, control)).place.map(Math.exp);
}

/** Logarithms of the pooled probabilities. */
export function pool(
  scores: readonly ExpertScores[],
  weights: ArrayLike<number>,
  classCount: number,
): Float64Array {
  const pooled = new Float64Array(scores[0].length);
  const row = new Float64Array(classCount);
  for (let first = 0; first < pooled.length; first += classCount) {
    const logarithm = pooledRow(scores, weights, first, row);
    for (let k = 0; k < classCount; k++) pooled[first + k] = sumAt(scores, weights, first + k) - logarithm;
  }
  return pooled; // [cells, classes]
}

function sumAt(scores: readonly ExpertScores[], weights: ArrayLike<number>, place: number): number {
  let sum = 0;
  for (let expert = 0; expert < scores.length; expert++) sum += weights[expert] * scores[expert][place];
  return sum;
}

/** Writes the probabilities of one cell; returns the logarithm of the sum of exponentials. */
function pooledRow(
  scores: readonly ExpertScores[],
  weights: ArrayLike<number>,
  first: number,
  row: Float64Array,
): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < row.length; k++) {
    row[k] = sumAt(scores, weights, first + k);
    if (row[k] > highest) highest = row[k];
  }
  let sum = 0;
  for (let k = 0; k < row.length; k++) {
    row[k] = Math.exp(row[k] - highest);
    sum += row[k];
  }
  for (let k = 0; k < row.length; k++) row[k] /= sum;
  return highest + Math.log(sum);
}
