/** @file The paper's losses as graph builders; each gives one number, the mean over what it scores. */

import type { Value } from '../graph/graph.ts';
import {
  add,
  cast,
  divide,
  equal,
  greater,
  log,
  maximum,
  minimum,
  multiply,
  relu,
  subtract,
  where,
} from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { logSoftmax } from '../graph/ops/normalise.ts';
import { extent, reduceMean, reduceSum } from '../graph/ops/reduce.ts';
import { reshape } from '../graph/ops/shape.ts';
import { unitLength } from './pooling.ts';

const square = (x: Value): Value => multiply(x, x);

/** The mean of `x` over the elements where `mask` (float32, 0 or 1) is 1; NaN when there are none. */
function maskedMean(x: Value, mask: Value): Value {
  const axes = x.shape.map((_, axis) => axis);
  return divide(reduceSum(multiply(x, mask), axes), reduceSum(mask, axes));
}

/** Squared error of predicted expression over masked positions (GEP, GEPC): all `[cells, tokens]`. */
export function maskedSquaredError(predicted: Value, target: Value, mask: Value): Value {
  return maskedMean(square(subtract(multiply(predicted, mask), multiply(target, mask))), mask);
}

/** The gap between 1 and the largest float32 below it: probabilities this close to 0 or 1 count as that. */
const float32Epsilon = 2 ** -23;

/**
 * Negative log-likelihood of "expressed or not" under the predicted probability of not being zero, over masked
 * positions: all `[cells, tokens]`.
 */
export function zeroLikelihood(nonZeroProbability: Value, target: Value, mask: Value): Value {
  const p = minimum(maximum(nonZeroProbability, float32Epsilon), 1 - float32Epsilon);
  const likelihood = where(greater(target, 0), p, subtract(1, p));
  return maskedMean(multiply(log(likelihood), -1), mask);
}

/** The unit diagonal of a `[cells, cells]` matrix, as bool, from the cells' places int32 `[cells]`. */
function diagonal(places: Value): Value {
  const [cells] = places.shape;
  return equal(reshape(places, [cells, 1]), reshape(places, [1, cells]));
}

/**
 * Elastic cell similarity (ECS): pushes cell embeddings closer than cosine `threshold` together and others apart.
 * The mean of `1 - (cosine - threshold)^2` over all pairs, cosines below 0 counting as 0, a cell's own as 0 too, as
 * in the reference; the paper leaves the diagonal open.
 *
 * @param cell `[cells, d]`
 * @param places int32 `[cells]`, 0, 1, 2, ...
 */
export function elasticCellSimilarity(cell: Value, places: Value, threshold: number): Value {
  const unit = unitLength(cell);
  const cosine = matmul(unit, unit, { transposeRight: true }); // [cells, cells]
  const others = relu(where(diagonal(places), 0, cosine));
  return reduceMean(subtract(1, square(subtract(others, threshold))), [0, 1]);
}

/** Cross entropy of `logits` `[cells, classes]` and `labels` int32 `[cells]`. */
export function crossEntropy(logits: Value, labels: Value): Value {
  const [cells, classes] = logits.shape;
  const numbers = Int32Array.from({ length: Number(classes) }, (_, i) => i);
  const all = logits.graph.constant({ dtype: 'int32', shape: [1, numbers.length], data: numbers });
  const isLabel = equal(reshape(labels, [cells, 1]), all); // [cells, classes]
  return shareOfChosen(logits, isLabel);
}

/** The mean over rows of minus the log-share of the row's one chosen element. */
function shareOfChosen(logits: Value, chosen: Value): Value {
  const shares = where(chosen, logSoftmax(logits), 0);
  const total = reduceSum(shares, [0, 1]);
  return divide(multiply(total, -1), extent(logits.graph, [logits.shape[0]]));
}

/** How sharply {@link contrastiveCellSimilarity} tells cells apart in the reference. */
const contrastiveTemperature = 0.5;

/**
 * Contrastive cell embedding (CCE): of all second embeddings, each cell's first is most similar to its own (SimCSE, Gao
 * et al. 2021). Both `[cells, d]`, from two passes with different dropout.
 *
 * @param places int32 `[cells]`, 0, 1, 2, ...
 */
export function contrastiveCellSimilarity(
  first: Value,
  second: Value,
  places: Value,
  temperature = contrastiveTemperature,
): Value {
  const cosine = matmul(unitLength(first), unitLength(second), {
    transposeRight: true,
    scale: 1 / temperature,
  });
  return shareOfChosen(cosine, diagonal(places));
}

/**
 * Neighbour embedding: how alike two cells are, of all cells of the batch, is to be as given. The cross entropy of
 * given shares and the softmax of cosines, as in stochastic neighbour embedding (Hinton & Roweis 2002), of which this
 * is the form that a network learns (van der Maaten 2009).
 *
 * @param cell `[cells, d]`
 * @param shares `[cells, cells]`, each row summing to 1 and 0 for the cell itself
 * @param places int32 `[cells]`, 0, 1, 2, ...
 */
export function neighbourEmbedding(cell: Value, shares: Value, places: Value, temperature: number): Value {
  const unit = unitLength(cell);
  const cosine = matmul(unit, unit, { transposeRight: true, scale: 1 / temperature });
  const logShares = logSoftmax(where(diagonal(places), leftOut, cosine));
  const total = reduceSum(multiply(shares, logShares), [0, 1]);
  return divide(multiply(total, -1), extent(cell.graph, [cell.shape[0]]));
}

/** A similarity whose exponential is nothing. */
const leftOut = -1e9;

/** Embeddings `[cells, d]` as they differ from the mean of their batch. */
export const centred = (cell: Value): Value => subtract(cell, reduceMean(cell, [0], true));

/** The mean of `|predicted - target| / (target + 1e-6)` over masked positions: a figure to watch, not to train on. */
export function maskedRelativeError(predicted: Value, target: Value, mask: Value): Value {
  const difference = subtract(predicted, target);
  const distance = maximum(difference, multiply(difference, -1));
  return maskedMean(divide(distance, add(target, 1e-6)), mask);
}

/** bool to the float32 mask that losses take. */
export const asMask = (chosen: Value): Value => cast(chosen, 'float32');
