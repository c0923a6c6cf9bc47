/** @file Normalisation layers: layer norm, and batch norm over all tokens of all cells, for one domain or several. */

import type { Value } from '../graph/graph.ts';
import { refuse } from '../graph/ops/check.ts';
import { add, divide, multiply, sqrt, subtract } from '../graph/ops/elementwise.ts';
import { layerNorm as normaliseLast } from '../graph/ops/normalise.ts';
import { extent, reduceMean } from '../graph/ops/reduce.ts';
import { concat, gatherRows, reshape } from '../graph/ops/shape.ts';
import type { Scope } from './scope.ts';

function widthOf(x: Value): number {
  const width = x.shape.at(-1);
  return typeof width === 'number' ? width : refuse('normalisation', 'a last dimension of known size', x);
}

/** Layer norm with weight and bias, epsilon 1e-5 (torch's default). */
export function layerNorm(scope: Scope, x: Value): Value {
  const width = widthOf(x);
  return normaliseLast(x, scope.parameter('weight', [width]), scope.parameter('bias', [width])).output;
}

/** scGPT's batch norms use this instead of torch's 1e-5. */
const batchNormEpsilon = 6.1e-5;
const batchNormMomentum = 0.1;

function standardise(x: Value, mean: Value, variance: Value): Value {
  return divide(subtract(x, mean), sqrt(add(variance, batchNormEpsilon)));
}

/** `weight * x + bias`, both `[d]`. */
function affine(scope: Scope, x: Value): Value {
  const width = widthOf(x);
  return add(multiply(x, scope.parameter('weight', [width])), scope.parameter('bias', [width]));
}

/** Batch norm in inference: the stored statistics, then weight and bias. `x` is `[cells, tokens, d]`. */
export function batchNorm(scope: Scope, x: Value): Value {
  const width = widthOf(x);
  const mean = scope.parameter('running_mean', [width]);
  return affine(scope, standardise(x, mean, scope.parameter('running_var', [width])));
}

/**
 * Domain-specific batch norm in inference: each cell by the statistics of its own domain, without weight and bias.
 *
 * The reference takes the first cell's domain for the whole mini-batch; with cells of one domain both agree.
 *
 * @param domain int32 `[cells]`
 */
export function domainBatchNorm(scope: Scope, x: Value, domains: number, domain: Value): Value {
  const width = widthOf(x);
  const perCell = (statistic: string): Value => {
    const rows = Array.from({ length: domains }, (_, k) =>
      reshape(scope.at('bns', k).parameter(statistic, [width]), [1, width]),
    );
    const chosen = gatherRows(concat(rows, 0), domain); // [cells, d]
    return reshape(chosen, [x.shape[0], 1, width]); // [cells, 1, d]
  };
  return standardise(x, perCell('running_mean'), perCell('running_var'));
}

/** Batch norm in training: the normalised value and what the stored statistics become. */
export interface BatchNormStep {
  readonly output: Value;
  readonly runningMean: Value;
  readonly runningVariance: Value;
}

/**
 * Batch norm by the statistics of the batch itself, over all tokens of all cells, pads included as in the reference.
 * The stored variance takes the unbiased estimate; momentum 0.1.
 *
 * @param x `[cells, tokens, d]`
 * @param options.affine whether weight and bias follow (not in domain-specific batch norm)
 */
export function batchNormStep(scope: Scope, x: Value, options: { readonly affine: boolean }): BatchNormStep {
  const width = widthOf(x);
  const count = extent(x.graph, x.shape.slice(0, 2)); // cells * tokens
  const mean = reduceMean(x, [0, 1]); // [d]
  const centred = subtract(x, mean);
  const variance = reduceMean(multiply(centred, centred), [0, 1]); // [d]
  const moved = (stored: string, observed: Value): Value =>
    add(
      multiply(scope.parameter(stored, [width]), 1 - batchNormMomentum),
      multiply(observed, batchNormMomentum),
    );
  const normalised = standardise(x, mean, variance);
  return {
    output: options.affine ? affine(scope, normalised) : normalised,
    runningMean: moved('running_mean', mean),
    runningVariance: moved('running_var', multiply(variance, divide(count, subtract(count, 1)))),
  };
}
