/** @file The rows of a matrix as float32, which counts are held in everywhere else. */

import { InputError } from '../../support/errors.ts';
import type { Matrix, MatrixLayout, SparseRows } from '../matrix.ts';

/** Changes the type of the values and nothing else: a value that float32 would round is an error. */
export class Float32Rows implements Matrix {
  readonly dtype = 'float32';
  readonly shape: readonly [rows: number, columns: number];
  readonly layout: MatrixLayout;
  private readonly matrix: Matrix;
  private readonly where: string;

  constructor(matrix: Matrix, where: string) {
    this.matrix = matrix;
    this.where = where;
    this.shape = matrix.shape;
    this.layout = matrix.layout;
  }

  async rows(start: number, end: number): Promise<SparseRows> {
    const block = await this.matrix.rows(start, end);
    const values = Float32Array.from(block.values);
    const changed = values.findIndex((value, i) => value !== block.values[i] && !Number.isNaN(value));
    if (changed < 0) return { ...block, values };
    let row = 0;
    while (block.indptr[row + 1] <= changed) row++;
    throw new InputError({
      what: `the value ${block.values[changed]} in row ${start + row}, column ${block.indices[changed]} is rounded as float32`,
      where: this.where,
      expected: 'counts of at most 16,777,216',
      reason: 'rounded',
    });
  }
}
