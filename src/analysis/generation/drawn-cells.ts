/** @file Drawn cells as expression that can be compared. */

import { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import type { SparseRows } from '../../single-cell/matrix.ts';
import type { Random } from '../../support/random.ts';
import { IncompleteExpression, rowSums } from '../imputation/incomplete-expression.ts';
import type { DrawCell } from './population.ts';

/** Rows of counts that grow one cell at a time. */
export class CountRows {
  private readonly ends = [0];
  private readonly indices: number[] = [];
  private readonly values: number[] = [];

  add(counts: Float64Array): void {
    for (let gene = 0; gene < counts.length; gene++) {
      if (counts[gene] === 0) continue;
      this.indices.push(gene);
      this.values.push(counts[gene]);
    }
    this.ends.push(this.indices.length);
  }

  matrix(genes: number): CsrMatrix {
    return new CsrMatrix([this.ends.length - 1, genes], {
      indptr: Float64Array.from(this.ends),
      indices: Int32Array.from(this.indices),
      values: Float64Array.from(this.values),
    });
  }
}

/** Cells of one kind. */
export async function drawnCells(
  draw: DrawCell,
  kind: number,
  cells: number,
  genes: number,
  random: Random,
): Promise<IncompleteExpression> {
  const rows = new CountRows();
  const counts = new Float64Array(genes);
  for (let cell = 0; cell < cells; cell++) {
    draw(kind, random, counts);
    rows.add(counts);
  }
  return expressionOf(rows.matrix(genes));
}

/** Cells of two sets of the same genes, one after the other. */
export async function joinedCells(
  a: IncompleteExpression,
  b: IncompleteExpression,
): Promise<IncompleteExpression> {
  const entries = a.rows.indices.length;
  const whole = (part: (rows: SparseRows) => ArrayLike<number>) => [
    ...Array.from(part(a.rows)),
    ...Array.from(part(b.rows)),
  ];
  const ends = Array.from(b.rows.indptr.subarray(1, b.cells + 1), (end) => entries + end);
  const counts = new CsrMatrix([a.cells + b.cells, a.genes], {
    indptr: Float64Array.from([...a.rows.indptr.subarray(0, a.cells + 1), ...ends]),
    indices: Int32Array.from(whole(({ indices }) => indices)),
    values: Float64Array.from(whole(({ values }) => values)),
  });
  return IncompleteExpression.of(counts, Float64Array.from([...a.totals, ...b.totals]));
}

/** Counts whose totals are their own; 1 for cells without any. */
export async function expressionOf(counts: CsrMatrix): Promise<IncompleteExpression> {
  const totals = rowSums(await counts.rows(0, counts.shape[0])).map((sum) => (sum > 0 ? sum : 1));
  return IncompleteExpression.of(counts, totals);
}
