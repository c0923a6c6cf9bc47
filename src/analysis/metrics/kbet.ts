/** @file kBET: whether the neighbours of a cell come from the batches as all cells do, by a chi-square test. */

import { checkGrouped, type Grouping, groupSizes } from '../groups.ts';
import type { Neighbours } from '../neighbours.ts';
import { chiSquareTail } from './incomplete-gamma.ts';

/** A neighbourhood whose test gives less than this is not mixed. */
const significance = 0.05;

/** What {@link kBet} gives. */
export interface KBet {
  /** Chi-square of the batches among each cell's neighbours and itself, against the batches of all cells. */
  readonly statistics: Float64Array; // [cells]
  readonly pValues: Float64Array; // [cells]
  /** Share of the cells whose neighbourhood is mixed (p of at least 0.05); NaN for a single batch. */
  readonly acceptance: number;
}

/**
 * The k-nearest-neighbour batch effect test (Büttner et al. 2019) as in scib-metrics: of every cell, not of a sample.
 *
 * @param neighbours 49 of each cell, as scib-metrics takes, which counts the cell as the 50th
 * @param batch every cell has one
 * @throws InputError when a cell has no batch, or the grouping is of other cells
 */
export function kBet(neighbours: Neighbours, batch: Grouping): KBet {
  const { count, k, indices } = neighbours;
  checkGrouped(count, batch);
  const { codes } = batch;
  const sizes = groupSizes(codes, batch.groups.length);
  const batches = sizes.filter((size) => size > 0).length;
  const found = new Int32Array(sizes.length);
  const statistics = Float64Array.from({ length: count }, (_, cell) => {
    found.fill(0);
    found[codes[cell]] = 1;
    for (let i = cell * k; i < (cell + 1) * k; i++) found[codes[indices[i]]]++;
    return chiSquare(found, sizes, (k + 1) / count);
  });
  const pValues = statistics.map((statistic) => chiSquareTail(statistic, batches - 1));
  const accepted = pValues.filter((p) => p >= significance).length;
  return { statistics, pValues, acceptance: batches < 2 ? Number.NaN : accepted / count };
}

/** @param share of the cells that were looked at */
function chiSquare(found: Int32Array, sizes: Int32Array, share: number): number {
  let sum = 0;
  for (let code = 0; code < sizes.length; code++) {
    if (sizes[code] === 0) continue;
    const expected = sizes[code] * share;
    sum += (found[code] - expected) ** 2 / expected;
  }
  return sum;
}
