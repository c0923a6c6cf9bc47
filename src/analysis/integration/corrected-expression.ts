/** @file Expression without what sets batches apart: each cell less the difference between its batch and all, nearby. */

import type { Device } from '../../runtime/device.ts';
import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import type { SparseRows } from '../../single-cell/matrix.ts';
import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { exactNeighbours } from '../engine-neighbours.ts';
import { cellsOf, type Grouping } from '../groups.ts';
import type { Neighbours } from '../neighbours.ts';
import { type Points, takeRows } from '../points.ts';

/** Cells of a batch that are near each cell of all batches. */
interface Surroundings {
  readonly members: Int32Array; // of the batch
  /** Places among the members; the cell itself is among them where it is one. */
  readonly neighbours: Neighbours; // [cells, k + 1]
}

/** Corrected expression and what it rests on. */
export interface CorrectedExpression {
  readonly values: Float32Array; // [cells, genes]
  /** Cells that are as they were: the only ones of their batch. */
  readonly unchanged: Int32Array;
}

/** Cells whose mean stands for a batch near a cell: fewer are noise, more are other kinds of cells. */
const profileCells = 10;
/** How fast a batch stops counting whose nearest cells are farther than those of the nearest batch. */
const tolerance = 1;

/**
 * Takes away from each cell the difference between the mean of the cells of its own batch near it and the mean over all
 * batches of theirs. What sets the cell apart from its neighbours stays, noise included. Batches count alike, however
 * large; one whose nearest cells are far off, because it has none of the kind, counts little.
 *
 * @param points in which batches are mixed
 * @param logged log-normalised expression
 * @throws InputError when a point is not finite
 * @throws CancelledError when the signal is aborted
 */
export async function correctedExpression(
  device: Device,
  points: Points, // [cells, dimensions]
  logged: CsrMatrix, // [cells, genes]
  batch: Grouping, // [cells]
  control: RunControl = {},
): Promise<CorrectedExpression> {
  const { onProgress, signal } = control;
  const [cells, genes] = logged.shape;
  const surroundings: Surroundings[] = [];
  for (const code of batch.groups.keys()) {
    const members = cellsOf(batch, code);
    const k = Math.min(profileCells + 1, members.length);
    const reference = takeRows(points, members);
    surroundings.push({
      members,
      neighbours: await exactNeighbours(device, reference, points, k, 'euclidean', { signal }),
    });
  }
  const rows = await logged.rows(0, cells);
  const values = new Float32Array(cells * genes);
  const unchanged: number[] = [];
  for (let cell = 0; cell < cells; cell++) {
    const corrected = values.subarray(cell * genes, (cell + 1) * genes);
    addRow(corrected, rows, cell, 1);
    const near = surroundings.map((of) => nearest(of, cell));
    const own = near[batch.codes[cell]];
    if (own.cells.length === 0) unchanged.push(cell);
    else {
      const weights = weightsOf(near.map(({ distance }) => distance));
      own.cells.forEach((other) => {
        addRow(corrected, rows, other, -1 / own.cells.length);
      });
      near.forEach(({ cells: others }, code) => {
        for (const other of others) addRow(corrected, rows, other, weights[code] / others.length);
      });
    }
    if (cell % 256 !== 255 && cell + 1 !== cells) continue;
    if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while correcting expression' });
    onProgress?.({ stage: 'correcting expression', done: cell + 1, total: cells, unit: 'cells' });
    await breathe();
  }
  return { values, unchanged: Int32Array.from(unchanged) };
}

/** The cells of a batch nearest to a cell, without the cell itself, and their mean distance. */
function nearest({ members, neighbours }: Surroundings, cell: number): { cells: number[]; distance: number } {
  const { k, indices, distances } = neighbours;
  const cells: number[] = [];
  let sum = 0;
  for (let i = cell * k; i < (cell + 1) * k && cells.length < profileCells; i++) {
    const member = members[indices[i]];
    if (member === cell) continue;
    cells.push(member);
    sum += distances[i];
  }
  return { cells, distance: sum / cells.length }; // NaN without cells
}

/** What each batch counts for; they sum to 1. */
function weightsOf(distances: readonly number[]): number[] {
  const least = Math.min(...distances.filter((distance) => !Number.isNaN(distance)));
  const weights = distances.map((distance) => {
    if (Number.isNaN(distance)) return 0;
    if (distance === least) return 1; // 0 among them
    return Math.exp((1 - (distance / least) ** 2) / tolerance);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function addRow(
  sum: Float32Array,
  { indptr, indices, values }: SparseRows,
  row: number,
  factor: number,
): void {
  for (let i = indptr[row]; i < indptr[row + 1]; i++) sum[indices[i]] += factor * values[i];
}

/** The plainest correction: each batch's mean of a gene is moved to the mean of all cells. */
export function centredByBatch(values: Float32Array, genes: number, batch: Grouping): Float32Array {
  const cells = values.length / genes;
  const overall = new Float64Array(genes);
  const sums = batch.groups.map(() => new Float64Array(genes));
  const sizes = batch.groups.map((_, code) => cellsOf(batch, code).length);
  values.forEach((value, i) => {
    overall[i % genes] += value / cells;
    sums[batch.codes[Math.floor(i / genes)]][i % genes] += value;
  });
  return values.map((value, i) => {
    const code = batch.codes[Math.floor(i / genes)];
    return value - sums[code][i % genes] / sizes[code] + overall[i % genes];
  });
}
