/** @file Cells that lack a modality: rows of NaN among those of the others. */

import { finiteRows, type Points } from '../points.ts';

/** The points, those of rows with NaN at the mean of the others. */
export function meanWhereMissing({ values, count, dimensions }: Points): Points {
  const rows = finiteRows({ values, count, dimensions });
  if (rows.length === count) return { values, count, dimensions };
  const filled = Float64Array.from(values);
  const present = new Set(rows);
  for (let d = 0; d < dimensions; d++) {
    let mean = 0;
    for (const row of rows) mean += values[row * dimensions + d] / rows.length;
    for (let row = 0; row < count; row++) if (!present.has(row)) filled[row * dimensions + d] = mean;
  }
  return { values: filled, count, dimensions };
}

/** Points of some rows among all, NaN for the others. */
export function amongAll({ values, dimensions }: Points, rows: Int32Array, count: number): Points {
  const all = new Float64Array(count * dimensions).fill(Number.NaN);
  rows.forEach((row, place) => {
    all.set(values.subarray(place * dimensions, (place + 1) * dimensions), row * dimensions);
  });
  return { values: all, count, dimensions };
}
