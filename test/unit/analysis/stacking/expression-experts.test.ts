/** @file The experts on expression against scores by hand, and on cells that lack genes. */

import { describe, expect, it } from 'vitest';
import {
  expressionScores,
  fitExpressionExperts,
  ownCorrelations,
} from '../../../../src/analysis/stacking/expression-experts.ts';
import { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import { randomStream } from '../../../../src/support/random.ts';

function csr(rows: readonly (readonly number[])[]): CsrMatrix {
  const indptr = new Float64Array(rows.length + 1);
  const indices: number[] = [];
  const values: number[] = [];
  rows.forEach((row, i) => {
    row.forEach((value, gene) => {
      if (value === 0) return;
      indices.push(gene);
      values.push(value);
    });
    indptr[i + 1] = indices.length;
  });
  return new CsrMatrix([rows.length, rows[0].length], {
    indptr,
    indices: Int32Array.from(indices),
    values: Float64Array.from(values),
  });
}

/** Cells of two classes over six genes: the first three are of class 0, the others of class 1, each with noise. */
function cells(count: number, seed: number): { rows: number[][]; labels: Int32Array } {
  const random = randomStream(seed, 'cells');
  const labels = Int32Array.from({ length: count }, (_, cell) => cell % 2);
  const rows = Array.from(labels, (label) =>
    Array.from({ length: 6 }, (_, gene) =>
      Math.max(0, random.normal() * 0.3 + (Math.floor(gene / 3) === label ? 2 : 0)),
    ),
  );
  return { rows, labels };
}

const correlation = (a: readonly number[], b: readonly number[]): number => {
  const mean = (x: readonly number[]) => x.reduce((sum, value) => sum + value, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  const sum = (f: (i: number) => number) => a.reduce((total, _, i) => total + f(i), 0);
  return (
    sum((i) => (a[i] - ma) * (b[i] - mb)) /
    Math.sqrt(sum((i) => (a[i] - ma) ** 2) * sum((i) => (b[i] - mb) ** 2))
  );
};

describe('expression experts', () => {
  it('correlate z-scores with the means of classes', async () => {
    const { rows, labels } = cells(40, 1);
    const experts = await fitExpressionExperts(csr(rows), labels, 2);
    const column = (gene: number) => rows.map((row) => row[gene]);
    const z = (row: readonly number[]) =>
      row.map((value, gene) => {
        const all = column(gene);
        const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
        const deviation = Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length);
        return (value - mean) / deviation;
      });
    const centroid = (label: number) => {
      const own = rows.filter((_, cell) => labels[cell] === label).map(z);
      return own[0].map((_, gene) => own.reduce((sum, row) => sum + row[gene], 0) / own.length);
    };
    const query = cells(4, 2).rows;
    const { centroid: found } = await expressionScores(experts, csr(query));
    query.forEach((row, cell) => {
      for (const label of [0, 1]) {
        expect(found[2 * cell + label]).toBeCloseTo(correlation(z(row), centroid(label)), 9);
      }
    });
  });

  it('both tell the classes of new cells, and log probabilities sum to 1', async () => {
    const reference = cells(60, 3);
    const experts = await fitExpressionExperts(csr(reference.rows), reference.labels, 2);
    const query = cells(30, 4);
    const { linear, centroid } = await expressionScores(experts, csr(query.rows));
    query.labels.forEach((label, cell) => {
      for (const scores of [linear, centroid]) {
        expect(scores[2 * cell + label]).toBeGreaterThan(scores[2 * cell + 1 - label]);
      }
      expect(Math.exp(linear[2 * cell]) + Math.exp(linear[2 * cell + 1])).toBeCloseTo(1, 9);
    });
  });

  it('do without genes that were not measured: those are no zeros', async () => {
    const reference = cells(60, 5);
    const experts = await fitExpressionExperts(csr(reference.rows), reference.labels, 2);
    const query = cells(40, 6);
    const blind = query.rows.map((row) => row.map((value, gene) => (gene === 0 || gene === 1 ? 0 : value)));
    const present = Uint8Array.of(0, 0, 1, 1, 1, 1);
    const { linear, centroid } = await expressionScores(experts, csr(blind), present);
    const asZeros = await expressionScores(experts, csr(blind));
    let [told, untold] = [0, 0];
    query.labels.forEach((label, cell) => {
      expect(linear[2 * cell + label]).toBeGreaterThan(linear[2 * cell + 1 - label]);
      expect(centroid[2 * cell + label]).toBeGreaterThan(centroid[2 * cell + 1 - label]);
      told += linear[2 * cell + label];
      untold += asZeros.linear[2 * cell + label];
    });
    expect(told).toBeGreaterThan(untold);
  });

  it('give a class without cells no correlation', async () => {
    const { rows, labels } = cells(20, 7);
    const experts = await fitExpressionExperts(csr(rows), labels, 3);
    const { linear, centroid } = await expressionScores(experts, csr(rows));
    for (let cell = 0; cell < rows.length; cell++) {
      expect(centroid[3 * cell + 2]).toBe(0);
      expect(Math.exp(linear[3 * cell + 2])).toBeLessThan(0.1);
    }
  });

  it("correlate a query on its own scale, whatever its technology measures higher; few cells on the reference's", async () => {
    const reference = cells(60, 8);
    const experts = await fitExpressionExperts(csr(reference.rows), reference.labels, 2);
    const { rows } = cells(80, 9);
    const factors = [1, 3, 0.5, 2, 1, 4];
    const other = rows.map((row) => row.map((value, gene) => value * factors[gene]));
    const own = await ownCorrelations(experts, csr(rows));
    (await ownCorrelations(experts, csr(other))).forEach((value, i) => {
      expect(value).toBeCloseTo(own[i], 6);
    });
    const few = csr(rows.slice(0, 10));
    expect(await ownCorrelations(experts, few)).toEqual((await expressionScores(experts, few)).centroid);
  });
});
