/** @file Features of cells as the mean of their nearest cells' among others that have them. */

import type { Points } from '../points.ts';

/** @returns for each cell of `from`, the mean of `features` over its `k` nearest cells of `among` */
export function nearestTo(from: Points, among: Points, features: Points, k: number): Points {
  const { dimensions: width } = features;
  const values = new Float64Array(from.count * width);
  const distances = new Float64Array(among.count);
  const wanted = Math.min(k, among.count);
  for (let cell = 0; cell < from.count; cell++) {
    for (let other = 0; other < among.count; other++) {
      let square = 0;
      for (let d = 0; d < from.dimensions; d++) {
        square += (from.values[cell * from.dimensions + d] - among.values[other * from.dimensions + d]) ** 2;
      }
      distances[other] = square;
    }
    const order = Int32Array.from(distances.keys()).sort((a, b) => distances[a] - distances[b] || a - b);
    for (const other of order.subarray(0, wanted)) {
      for (let j = 0; j < width; j++) values[cell * width + j] += features.values[other * width + j] / wanted;
    }
  }
  return { values, count: from.count, dimensions: width };
}
