/** @file Silhouette widths: how much nearer a cell is to its own group than to the next. */

import type { RunControl } from '../support/progress.ts';
import { eachDistanceTile, tileSize } from './distances.ts';
import { type Grouping, groupSizes } from './groups.ts';
import type { Points } from './points.ts';

/**
 * The silhouette width of every cell for several groupings at once (Rousseeuw 1987): (b - a) / max(a, b), where a
 * is the mean Euclidean distance to the other cells of the own group and b the smallest mean distance to another
 * group. 0 for a cell alone in its group or with but one group, NaN for a cell without a group.
 *
 * Compares all pairs of cells: for large data take a sample first.
 *
 * @returns one array `[cells]` for each grouping
 */
export async function silhouetteWidths(
  points: Points,
  groupings: readonly Grouping[],
  control?: RunControl,
): Promise<Float64Array[]> {
  const sums = groupings.map(({ groups }) => new Float64Array(points.count * groups.length));
  await eachDistanceTile(
    points,
    'silhouette widths',
    ({ rowStart, rowEnd, columnStart, columnEnd, squared }) => {
      for (let row = rowStart; row < rowEnd; row++) {
        const start = (row - rowStart) * tileSize - columnStart;
        for (let column = Math.max(columnStart, row + 1); column < columnEnd; column++) {
          const distance = Math.sqrt(squared[start + column]);
          for (let g = 0; g < groupings.length; g++) {
            const { codes, groups } = groupings[g];
            if (codes[column] >= 0) sums[g][row * groups.length + codes[column]] += distance;
            if (codes[row] >= 0) sums[g][column * groups.length + codes[row]] += distance;
          }
        }
      }
    },
    control,
  );
  return groupings.map((grouping, g) => widthsOf(grouping, sums[g]));
}

/** @param sums distances of each cell to each group, `[cells, groups]` */
function widthsOf({ codes, groups }: Grouping, sums: Float64Array): Float64Array {
  const sizes = groupSizes(codes, groups.length);
  return Float64Array.from(codes, (own, cell) => {
    if (own < 0) return Number.NaN;
    if (sizes[own] < 2) return 0;
    let nearest = Number.POSITIVE_INFINITY;
    for (let group = 0; group < groups.length; group++) {
      if (group === own || sizes[group] === 0) continue;
      nearest = Math.min(nearest, sums[cell * groups.length + group] / sizes[group]);
    }
    if (nearest === Number.POSITIVE_INFINITY) return 0;
    const within = sums[cell * groups.length + own] / (sizes[own] - 1);
    const larger = Math.max(within, nearest);
    return larger === 0 ? 0 : (nearest - within) / larger;
  });
}
