/** @file Layouts as 16-bit numbers: a tenth of a pixel on any screen, in a quarter of the space. */

import type { DenseArray } from '../single-cell/anndata.ts';

/** Marks a cell without a place; places are 0 .. 65534. */
export const noPlace = 65535;

/**
 * Fits a layout into a square, both axes on one scale, y upward.
 *
 * @param layout `[cells, 2]`, NaN for cells without a place
 * @returns x and y of each cell, `[cells, 2]`
 */
export function quantise({ values, shape }: DenseArray): Uint16Array {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    low[i % 2] = Math.min(low[i % 2], values[i]);
    high[i % 2] = Math.max(high[i % 2], values[i]);
  }
  const extent = Math.max(high[0] - low[0], high[1] - low[1]);
  const scale = extent > 0 ? (noPlace - 1) / extent : 0;
  const places = new Uint16Array(2 * shape[0]).fill(noPlace);
  for (let cell = 0; cell < shape[0]; cell++) {
    if (Number.isNaN(values[2 * cell]) || Number.isNaN(values[2 * cell + 1])) continue;
    for (const axis of [0, 1]) {
      const middle = (low[axis] + high[axis]) / 2;
      places[2 * cell + axis] = Math.round((values[2 * cell + axis] - middle) * scale + (noPlace - 1) / 2);
    }
  }
  return places;
}
