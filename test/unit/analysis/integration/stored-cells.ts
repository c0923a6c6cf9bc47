/** @file The 300 cells of `classical` as methods of integration are given them, and how well batches mix in a result. */

import type { Grouping } from '../../../../src/analysis/groups.ts';
import type { BatchedExpression } from '../../../../src/analysis/integration/method.ts';
import { nearestNeighbours } from '../../../../src/analysis/neighbours.ts';
import type { Points } from '../../../../src/analysis/points.ts';
import { inMemory } from '../../../../src/single-cell/in-memory.ts';
import { golden } from '../../single-cell/golden.ts';
import { matrixOf } from '../rows.ts';

const classical = golden('classical');

export const storedBatch: Grouping = {
  name: 'batch',
  codes: classical.i32('batch'),
  groups: ['a', 'b', 'c'],
};
export const storedLabels: Grouping = {
  name: 'label',
  codes: classical.i32('label'),
  groups: ['B', 'Mono', 'NK', 'T'],
};

/** @param rows some of the cells; default all */
export async function storedCells(
  batch: Grouping = storedBatch,
  rows: readonly number[] = [...batch.codes.keys()],
): Promise<BatchedExpression> {
  const genes = 220;
  const all = classical.f32('X');
  const values = Float32Array.from(
    { length: rows.length * genes },
    (_, i) => all[rows[Math.floor(i / genes)] * genes + (i % genes)],
  );
  const logged = await inMemory(matrixOf(values, rows.length, genes));
  return {
    expression: {
      logged,
      given: logged,
      genes: Int32Array.from({ length: genes }, (_, gene) => gene),
      scale: 'logged',
      method: 'stored values',
    },
    batch: { ...batch, codes: Int32Array.from(rows, (row) => batch.codes[row]) },
    dimensions: 15,
    seed: 0,
  };
}

/** The mean share of a cell's 30 nearest that are of its own group. */
export async function ownShare(points: Points, { codes }: Grouping): Promise<number> {
  const { indices, k } = await nearestNeighbours(points, 30);
  return indices.filter((other, i) => codes[other] === codes[Math.floor(i / k)]).length / indices.length;
}
