/** @file Several embeddings of the same cells side by side, each with a share of the distances. */

import { UsageError } from '../../support/errors.ts';
import type { Points } from '../points.ts';

/**
 * Puts embeddings side by side. Each is centred and scaled as a whole, not by dimension, to the given root of its total
 * variance, so that none counts for more because its numbers are larger. One without variance adds nothing.
 *
 * @throws UsageError when they are not of the same number of cells
 */
export function joined(...parts: readonly (readonly [points: Points, weight: number])[]): Points {
  const [[{ count }]] = parts;
  const dimensions = parts.reduce((sum, [points]) => sum + points.dimensions, 0);
  const values = new Float64Array(count * dimensions);
  let first = 0;
  for (const [points, weight] of parts) {
    if (points.count !== count) {
      throw new UsageError({
        what: `one embedding is of ${count} cells, another of ${points.count}`,
        expected: 'the same cells',
        reason: 'cells_differ',
      });
    }
    const { means, deviation } = spread(points);
    const factor = deviation > 0 ? weight / deviation : 0;
    for (let cell = 0; cell < count; cell++) {
      for (let j = 0; j < points.dimensions; j++) {
        const value = points.values[cell * points.dimensions + j];
        values[cell * dimensions + first + j] = (value - means[j]) * factor;
      }
    }
    first += points.dimensions;
  }
  return { values, count, dimensions };
}

/** Means by dimension, and the root of the variances' sum. */
function spread({ values, count, dimensions }: Points): { means: Float64Array; deviation: number } {
  const means = new Float64Array(dimensions);
  for (let i = 0; i < values.length; i++) means[i % dimensions] += values[i] / count;
  let total = 0;
  for (let i = 0; i < values.length; i++) total += (values[i] - means[i % dimensions]) ** 2 / count;
  return { means, deviation: Math.sqrt(total) };
}
