/** @file Small data sets in memory, whose readings are watched. */

import { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import type { Matrix } from '../../../../src/single-cell/matrix.ts';
import { GenePanel } from '../../../../src/single-cell/tokens/gene-panel.ts';
import { Vocabulary } from '../../../../src/single-cell/vocabulary.ts';
import type { CellSource } from '../../../../src/train/cells/training-cells.ts';

export const geneCount = 6;
const genes = Array.from({ length: geneCount }, (_, i) => `GENE${i}`);
export const vocabulary = Vocabulary.fromTokens(['<pad>', '<cls>', '<eoc>', ...genes]);

/** Tokens of the columns: in falling order, so that a file's order is not the order of tokens; column 1 is unknown. */
export const columnTokens = [8, -1, 6, 5, 4, 3];

/** A matrix that notes which rows were read, takes its time, and cannot be read twice at a time, as files cannot. */
export class WatchedMatrix implements Matrix {
  readonly reads: [start: number, end: number][] = [];
  readonly inner: Matrix;
  private busy = false;

  constructor(inner: Matrix) {
    this.inner = inner;
  }

  get shape() {
    return this.inner.shape;
  }
  get dtype() {
    return this.inner.dtype;
  }
  get layout() {
    return this.inner.layout;
  }

  async rows(start: number, end: number) {
    if (this.busy) throw new Error('read twice at a time');
    this.busy = true;
    this.reads.push([start, end]);
    await Promise.resolve();
    this.busy = false;
    return this.inner.rows(start, end);
  }
}

export function matrixOf(rows: readonly (readonly number[])[]): WatchedMatrix {
  const entries = rows.map((row) => row.flatMap((value, column) => (value === 0 ? [] : [[column, value]])));
  const indptr = new Float64Array(rows.length + 1);
  entries.forEach((row, i) => {
    indptr[i + 1] = indptr[i] + row.length;
  });
  const flat = entries.flat();
  return new WatchedMatrix(
    new CsrMatrix([rows.length, geneCount], {
      indptr,
      indices: Int32Array.from(flat, ([column]) => column),
      values: Float64Array.from(flat, ([, value]) => value),
    }),
  );
}

export function sourceOf(
  rows: readonly (readonly number[])[],
  label: string,
): CellSource & { readonly matrix: WatchedMatrix } {
  return {
    matrix: matrixOf(rows),
    panel: new GenePanel(vocabulary, columnTokens),
    names: rows.map((_, row) => `${label}-${row}`),
    label: `${label}.h5ad`,
  };
}

/** A cell of which only its number is of interest: 1 to 5 known genes, their values telling the number. */
export function numberedRow(cell: number): number[] {
  const known = [0, 2, 3, 4, 5].slice(0, 1 + ((cell * 7) % 5));
  return Array.from({ length: geneCount }, (_, column) => (known.includes(column) ? cell + 1 : 0));
}
