/** @file Partial least squares: directions of the visible genes that have most to do with the hidden ones. */

import type { IncompleteExpression } from '../incomplete-expression.ts';
import type { PanelMethod } from './method.ts';

/** Genes about their means, in units of their standard deviations. */
interface Standardised {
  readonly means: Float64Array; // [genes]
  readonly deviations: Float64Array; // [genes], 1 where a gene does not vary
}

/**
 * PLS2 regression with both sides standardised (divisor n - 1), each component the leading singular direction of what is
 * left of the covariance (the NIPALS limit of Wold; as scikit-learn's `PLSRegression` does it).
 */
export const partialLeastSquares = (components: number): PanelMethod => ({
  id: `pls-${components}`,
  name: `PLS-${components}`,
  async fit({ visible, hidden }, query) {
    const [x, y] = [standardised(visible), standardised(hidden)];
    const X = dense(visible, x);
    const Y = dense(hidden, y);
    const [n, p, q] = [visible.cells, visible.genes, hidden.genes];
    const rotations: { w: Float64Array; p: Float64Array; q: Float64Array }[] = [];
    for (let c = 0; c < Math.min(components, n - 1, p); c++) {
      const w = leadingDirection(X, Y, n, p, q);
      const t = timesVector(X, w, n, p);
      const length = t.reduce((sum, value) => sum + value * value, 0);
      if (!(length > 1e-12)) break;
      const loading = transposeTimes(X, t, n, p).map((value) => value / length);
      const targets = transposeTimes(Y, t, n, q).map((value) => value / length);
      deflate(X, t, loading, n, p);
      deflate(Y, t, targets, n, q);
      rotations.push({ w, p: loading, q: targets });
    }
    const row = new Float64Array(p);
    return (cell, into) => {
      for (let gene = 0; gene < p; gene++) row[gene] = -x.means[gene] / x.deviations[gene];
      for (let i = query.rows.indptr[cell]; i < query.rows.indptr[cell + 1]; i++) {
        const gene = query.rows.indices[i];
        row[gene] += query.logged[i] / x.deviations[gene];
      }
      into.fill(0);
      for (const { w, p: loading, q: targets } of rotations) {
        const t = row.reduce((sum, value, gene) => sum + value * w[gene], 0);
        for (let gene = 0; gene < p; gene++) row[gene] -= t * loading[gene];
        for (let gene = 0; gene < q; gene++) into[gene] += t * targets[gene];
      }
      for (let gene = 0; gene < q; gene++) into[gene] = y.means[gene] + into[gene] * y.deviations[gene];
    };
  },
});

function standardised({ rows, logged, cells, genes }: IncompleteExpression): Standardised {
  const [means, squares] = [new Float64Array(genes), new Float64Array(genes)];
  for (let i = 0; i < logged.length; i++) {
    means[rows.indices[i]] += logged[i] / cells;
    squares[rows.indices[i]] += logged[i] ** 2;
  }
  const deviations = squares.map((square, gene) => {
    const variance = (square - cells * means[gene] ** 2) / Math.max(1, cells - 1);
    return variance > 1e-12 ? Math.sqrt(variance) : 1;
  });
  return { means, deviations };
}

function dense(
  { rows, logged, cells, genes }: IncompleteExpression,
  { means, deviations }: Standardised,
): Float64Array {
  const values = new Float64Array(cells * genes);
  for (let cell = 0; cell < cells; cell++) {
    for (let gene = 0; gene < genes; gene++) values[cell * genes + gene] = -means[gene] / deviations[gene];
    for (let i = rows.indptr[cell]; i < rows.indptr[cell + 1]; i++)
      values[cell * genes + rows.indices[i]] += logged[i] / deviations[rows.indices[i]];
  }
  return values;
}

/** The leading left singular vector of X'Y, by the eigenvector of X'YY'X. */
function leadingDirection(X: Float64Array, Y: Float64Array, n: number, p: number, q: number): Float64Array {
  let w = transposeTimes(X, timesVector(Y, startOf(Y, n, q), n, q), n, p);
  normalise(w);
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    const v = transposeTimes(Y, timesVector(X, w, n, p), n, q);
    const next = transposeTimes(X, timesVector(Y, v, n, q), n, p);
    normalise(next);
    const moved = next.reduce((sum, value, i) => sum + (value - w[i]) ** 2, 0);
    w = next;
    if (moved < 1e-10) break;
  }
  return w;
}

/** As scikit-learn's default. */
const mostIterations = 500;

/** A direction that is not by chance at right angles to the answer: the variances themselves. */
function startOf(Y: Float64Array, n: number, q: number): Float64Array {
  return transposeTimes(Y, Y.filter((_, i) => i % q === 0).subarray(0, n), n, q);
}

function normalise(vector: Float64Array): void {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  for (let i = 0; i < vector.length; i++) vector[i] /= length > 0 ? length : 1;
}

function timesVector(A: Float64Array, v: Float64Array, n: number, m: number): Float64Array {
  const product = new Float64Array(n);
  for (let row = 0; row < n; row++) {
    let sum = 0;
    for (let i = 0; i < m; i++) sum += A[row * m + i] * v[i];
    product[row] = sum;
  }
  return product;
}

function transposeTimes(A: Float64Array, t: Float64Array, n: number, m: number): Float64Array {
  const product = new Float64Array(m);
  for (let row = 0; row < n; row++) {
    const value = t[row];
    for (let i = 0; i < m; i++) product[i] += value * A[row * m + i];
  }
  return product;
}

function deflate(A: Float64Array, t: Float64Array, loading: Float64Array, n: number, m: number): void {
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < m; i++) A[row * m + i] -= t[row] * loading[i];
  }
}
