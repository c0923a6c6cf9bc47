/** @file LISI: how many batches, or cell types, there are among the neighbours of a cell. */

import { checkGrouped, type Grouping } from '../groups.ts';
import type { Neighbours } from '../neighbours.ts';
import { median } from './median.ts';

/** The search for a cell's scale stops this near to the wanted entropy, or after so many steps. */
const tolerance = 1e-5;
const steps = 50;

/**
 * The local inverse Simpson's index of every cell (Korsunsky et al. 2019): the effective number of groups among its
 * neighbours, which count by exp(-beta distance) with beta so that their entropy is that of a third of them, the
 * cell counted. 1 where all are of one group.
 *
 * @param neighbours 89 of each cell, as in scib-metrics, which counts the cell as the 90th; other numbers give
 *   other, not comparable scores
 * @param grouping every cell has a group
 * @throws InputError when a cell has no group, or the grouping is of other cells
 */
export function lisi(neighbours: Neighbours, grouping: Grouping): Float64Array {
  const { count, k, indices, distances } = neighbours;
  checkGrouped(count, grouping);
  const wanted = Math.log(Math.max(1, Math.floor((k + 1) / 3)));
  const weights = new Float64Array(k);
  const shares = new Float64Array(grouping.groups.length);
  return Float64Array.from({ length: count }, (_, cell) => {
    weigh(distances.subarray(cell * k, (cell + 1) * k), wanted, weights);
    shares.fill(0);
    for (let i = 0; i < k; i++) shares[grouping.codes[indices[cell * k + i]]] += weights[i];
    let simpson = 0;
    for (const share of shares) simpson += share * share;
    return Math.max(1, 1 / simpson); // rounding may pass the limit
  });
}

/**
 * iLISI, 0 .. 1, high when batches are mixed: the median cell's LISI of batches, scaled by their number.
 *
 * @param neighbours see {@link lisi}
 * @returns NaN for a single batch, which nothing can mix
 */
export function iLisi(neighbours: Neighbours, batch: Grouping): number {
  return (median(lisi(neighbours, batch)) - 1) / (groupsWithCells(batch) - 1);
}

/**
 * cLISI, 0 .. 1, high when the neighbours of cells share their type: one less the median cell's LISI of labels,
 * scaled by their number.
 *
 * @param neighbours see {@link lisi}
 * @returns NaN for a single label
 */
export function cLisi(neighbours: Neighbours, labels: Grouping): number {
  const count = groupsWithCells(labels);
  return (count - median(lisi(neighbours, labels))) / (count - 1);
}

function groupsWithCells({ codes }: Grouping): number {
  return new Set(codes).size;
}

/** Weights of neighbours with the wanted entropy, in sum 1; beta by doubling, halving and then bisection from 1. */
function weigh(distances: Float64Array, wanted: number, weights: Float64Array): void {
  let beta = 1;
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  for (let step = 0; ; step++) {
    const excess = exponentials(distances, beta, weights) - wanted;
    if (Math.abs(excess) <= tolerance || step === steps) return;
    if (excess > 0) {
      low = beta;
      beta = high === Number.POSITIVE_INFINITY ? beta * 2 : (beta + high) / 2;
    } else {
      high = beta;
      beta = low === Number.NEGATIVE_INFINITY ? beta / 2 : (beta + low) / 2;
    }
  }
}

/** Fills in the weights at a scale and returns their entropy. From the nearest on, so that no sum vanishes. */
function exponentials(distances: Float64Array, beta: number, weights: Float64Array): number {
  const nearest = distances[0];
  let sum = 0;
  let moment = 0;
  for (let i = 0; i < distances.length; i++) {
    const beyond = distances[i] - nearest;
    weights[i] = Math.exp(-beta * beyond);
    sum += weights[i];
    moment += weights[i] * beyond;
  }
  for (let i = 0; i < weights.length; i++) weights[i] /= sum;
  return Math.log(sum) + (beta * moment) / sum;
}
