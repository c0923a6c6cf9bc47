/** @file Squared Euclidean distances between all pairs of points, of one set or of two, tile by tile. */

import { CancelledError } from '../support/errors.ts';
import type { RunControl } from '../support/progress.ts';
import type { Points } from './points.ts';

/** The distances of some rows to some columns; both count points, of their sets. */
export interface DistanceTile {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly columnStart: number;
  readonly columnEnd: number;
  /** Row-major, `tileSize` columns apart whatever the tile's width. Valid during the visit only. */
  readonly squared: Float64Array; // [tileSize, tileSize]
}

/** Points along the side of a tile: two such blocks of 512 dimensions stay in the processor's cache. */
export const tileSize = 64;

/** Tile rows between two looks at the clock and the signal. */
const pause = 8;

/**
 * Visits the tiles on and above the diagonal; those below mirror them. Distances are sums of squared differences
 * in float64, so that close points lose no digits, and do not depend on the tiling.
 *
 * @throws CancelledError when the control's signal is aborted
 */
export async function eachDistanceTile(
  points: Points,
  stage: string,
  visit: (tile: DistanceTile) => void,
  control?: RunControl,
): Promise<void> {
  await visitTiles(points, points, (rowStart) => rowStart, stage, visit, control);
}

/**
 * Visits the tiles of all distances from rows to columns, which are points of one number of dimensions.
 *
 * @throws CancelledError when the control's signal is aborted
 */
export async function eachCrossTile(
  rows: Points,
  columns: Points,
  stage: string,
  visit: (tile: DistanceTile) => void,
  control?: RunControl,
): Promise<void> {
  await visitTiles(rows, columns, () => 0, stage, visit, control);
}

/** @param firstColumn where the tiles of a row of tiles begin */
async function visitTiles(
  rowPoints: Points,
  columnPoints: Points,
  firstColumn: (rowStart: number) => number,
  stage: string,
  visit: (tile: DistanceTile) => void,
  { onProgress, signal }: RunControl = {},
): Promise<void> {
  const { count, dimensions } = rowPoints;
  const rows = new Float64Array(tileSize * dimensions);
  const columns = new Float64Array(tileSize * dimensions);
  const squared = new Float64Array(tileSize * tileSize);
  for (let rowStart = 0; rowStart < count; rowStart += tileSize) {
    const rowEnd = Math.min(rowStart + tileSize, count);
    rows.set(rowPoints.values.subarray(rowStart * dimensions, rowEnd * dimensions));
    for (let columnStart = firstColumn(rowStart); columnStart < columnPoints.count; columnStart += tileSize) {
      const columnEnd = Math.min(columnStart + tileSize, columnPoints.count);
      columns.set(columnPoints.values.subarray(columnStart * dimensions, columnEnd * dimensions));
      fillTile(rows, columns, rowEnd - rowStart, columnEnd - columnStart, dimensions, squared);
      visit({ rowStart, rowEnd, columnStart, columnEnd, squared });
    }
    if (signal?.aborted === true) throw new CancelledError({ what: `stopped while ${stage}` });
    onProgress?.({ stage, done: rowEnd, total: count, unit: 'cells' });
    if ((rowStart / tileSize) % pause === pause - 1) await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

/** Four rows at once, so that each column's entry is loaded once for them. */
function fillTile(
  rows: Float64Array,
  columns: Float64Array,
  rowCount: number,
  columnCount: number,
  dimensions: number,
  squared: Float64Array,
): void {
  for (let row = 0; row < rowCount; row += 4) {
    const a = row * dimensions;
    const b = a + dimensions;
    const c = b + dimensions;
    const d = c + dimensions;
    for (let column = 0; column < columnCount; column++) {
      const start = column * dimensions;
      let sumA = 0;
      let sumB = 0;
      let sumC = 0;
      let sumD = 0;
      for (let i = 0; i < dimensions; i++) {
        const x = columns[start + i];
        const deltaA = rows[a + i] - x;
        const deltaB = rows[b + i] - x;
        const deltaC = rows[c + i] - x;
        const deltaD = rows[d + i] - x;
        sumA += deltaA * deltaA;
        sumB += deltaB * deltaB;
        sumC += deltaC * deltaC;
        sumD += deltaD * deltaD;
      }
      const place = row * tileSize + column;
      squared[place] = sumA;
      squared[place + tileSize] = sumB;
      squared[place + 2 * tileSize] = sumC;
      squared[place + 3 * tileSize] = sumD;
    }
  }
}
