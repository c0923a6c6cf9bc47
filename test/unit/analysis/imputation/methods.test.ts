/** @file Methods of imputation and panel completion on small tables whose answers can be computed by hand. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chosenGenes } from '../../../../src/analysis/imputation/chosen-genes.ts';
import { geneMean, nonZeroGeneMean } from '../../../../src/analysis/imputation/gene-means.ts';
import { comparedZeros, hideEntries } from '../../../../src/analysis/imputation/hidden-entries.ts';
import { IncompleteExpression } from '../../../../src/analysis/imputation/incomplete-expression.ts';
import { lowRank } from '../../../../src/analysis/imputation/low-rank.ts';
import { nearestRate, nearestSmoothing } from '../../../../src/analysis/imputation/nearest-cells.ts';
import { partialLeastSquares } from '../../../../src/analysis/imputation/panel/partial-least-squares.ts';
import { ridgeMap } from '../../../../src/analysis/imputation/panel/ridge.ts';
import { auroc, imputationScores, meanRanks } from '../../../../src/analysis/imputation/scores.ts';
import { stacked, stackWeights } from '../../../../src/analysis/imputation/stack.ts';
import { meanGivenNonZero } from '../../../../src/analysis/imputation/truncated-poisson.ts';
import { matrixOf } from '../../../../src/analysis/multimodal/dense-matrix.ts';
import { randomStream } from '../../../../src/support/random.ts';

function table(values: readonly (readonly number[])[]) {
  return matrixOf({
    values: Float64Array.from(values.flat()),
    count: values.length,
    dimensions: values[0].length,
  });
}

function poissonCells(cells: number, genes: number) {
  const random = randomStream(3, 'cells');
  const rows = Array.from({ length: cells }, (_, cell) =>
    Array.from({ length: genes }, (_, gene) => {
      const rate = (gene % 2 === cell % 2 ? 6 : 0.5) * (1 + (gene % 3));
      let [count, product] = [0, random.uniform()];
      while (product > Math.exp(-rate)) {
        count++;
        product *= random.uniform();
      }
      return count;
    }),
  );
  const matrix = chosenGenesOf(rows);
  const totals = Float64Array.from(rows, (row) => row.reduce((a, b) => a + b, 0));
  return matrix.then((counts) => IncompleteExpression.of(counts, totals));
}

async function chosenGenesOf(rows: readonly (readonly number[])[]) {
  const whole = table(rows);
  return chosenGenes(await whole.rows(0, rows.length), Array.from(rows[0].keys()));
}

describe('hidden entries', () => {
  it('are those whose draw is below the share, and zeros are the smallest draws', async () => {
    const rows = await table([
      [1, 0, 2, 3],
      [0, 4, 0, 0],
    ]).rows(0, 2);
    const draws = [0.1, 0.9, 0.3, 0.15];
    const { visible, hidden, values } = hideEntries(rows, 0.2, () => draws.shift()!);
    expect([...hidden.indptr]).toEqual([0, 1, 2]);
    expect([...hidden.genes]).toEqual([0, 1]);
    expect([...values]).toEqual([1, 4]);
    expect([...(await visible.rows(0, 2)).indices]).toEqual([2, 3]);
    const second = [0, 0.4, 0, 0, 0.5, 0, 0.2, 0.1];
    const zeros = comparedZeros(rows, hidden, () => second.shift()!);
    expect([...zeros.genes]).toEqual([1, 3]);
  });

  it('split every entry to one side', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(3), { minLength: 5, maxLength: 5 }), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        async (values, seed) => {
          const rows = await table(values).rows(0, values.length);
          const stream = randomStream(seed, 'hide');
          const { visible, hidden } = hideEntries(rows, 0.4, () => stream.uniform());
          const left = (await visible.rows(0, values.length)).indices.length;
          expect(left + hidden.genes.length).toBe(values.flat().filter((value) => value > 0).length);
        },
      ),
    );
  });
});

describe('methods', () => {
  it('give means of genes, zeros counted or not', async () => {
    const expression = await IncompleteExpression.of(
      await chosenGenesOf([
        [1, 0],
        [3, 2],
      ]),
      Float64Array.of(10, 10),
    );
    const [one, two, three] = [1, 2, 3].map((count) => Math.log1p(count * 1000));
    const row = new Float64Array(2);
    (await geneMean.fit(expression))(0, row);
    expect([...row]).toEqual([(one + three) / 2, two / 2]);
    (await nonZeroGeneMean.fit(expression))(0, row);
    expect([...row]).toEqual([(one + three) / 2, two]);
  });

  it('tell groups of cells apart by neighbours and few directions', async () => {
    const expression = await poissonCells(120, 12);
    const row = new Float64Array(12);
    for (const method of [nearestSmoothing(10), nearestRate(10), lowRank(2)]) {
      const rows = await method.fit(expression);
      for (const cell of [0, 1]) {
        rows(cell, row);
        const own = row.filter((_, gene) => gene % 2 === cell % 2).reduce((a, b) => a + b, 0);
        const other = row.filter((_, gene) => gene % 2 !== cell % 2).reduce((a, b) => a + b, 0);
        expect(own, method.name).toBeGreaterThan(other);
      }
    }
  });

  it('low rank of full rank gives the values back', async () => {
    const expression = await poissonCells(40, 6);
    const rows = await lowRank(6).fit(expression);
    const row = new Float64Array(6);
    rows(7, row);
    const seen = expression.rows;
    for (let i = seen.indptr[7]; i < seen.indptr[8]; i++)
      expect(row[seen.indices[i]]).toBeCloseTo(expression.logged[i], 8);
  });

  it('know the mean of a count above zero', () => {
    expect(meanGivenNonZero(0)).toBe(1);
    expect(meanGivenNonZero(2)).toBeCloseTo(2 / (1 - Math.exp(-2)), 12);
    expect(meanGivenNonZero(50)).toBeCloseTo(50, 8);
  });
});

describe('panel completion', () => {
  it('by ridge without penalty is least squares', async () => {
    const cells = await poissonCells(60, 4);
    const points = { values: new Float64Array(120), count: 60, dimensions: 2 };
    const random = randomStream(1, 'points');
    for (let i = 0; i < 120; i++) points.values[i] = random.normal();
    const { weights, intercept } = ridgeMap(points, cells, 1e-9);
    const residual = new Float64Array(4);
    const along = new Float64Array(4);
    for (let cell = 0; cell < 60; cell++) {
      const truth = new Float64Array(4);
      for (let i = cells.rows.indptr[cell]; i < cells.rows.indptr[cell + 1]; i++)
        truth[cells.rows.indices[i]] = cells.logged[i];
      for (let gene = 0; gene < 4; gene++) {
        const told =
          intercept[gene] +
          weights[0][gene] * points.values[2 * cell] +
          weights[1][gene] * points.values[2 * cell + 1];
        residual[gene] += truth[gene] - told;
        along[gene] += (truth[gene] - told) * points.values[2 * cell];
      }
    }
    for (const value of [...residual, ...along]) expect(value).toBeCloseTo(0, 6);
  });

  it('by partial least squares with all components tells a linear relation exactly', async () => {
    const visible = await poissonCells(80, 5);
    const { rows } = visible;
    const doubled = await IncompleteExpression.of(visible.counts, visible.totals);
    const told = await partialLeastSquares(5).fit({ visible, hidden: doubled }, visible);
    const row = new Float64Array(5);
    told(3, row);
    for (let i = rows.indptr[3]; i < rows.indptr[4]; i++)
      expect(row[rows.indices[i]]).toBeCloseTo(visible.logged[i], 6);
  });
});

describe('scores and weights', () => {
  it('rank ties by their mean and count pairs', () => {
    expect([...meanRanks([3, 1, 3, 2])]).toEqual([3.5, 1, 3.5, 2]);
    expect(auroc(Float64Array.of(2, 3), Float64Array.of(1, 2))).toBe(0.875);
    expect(auroc(Float64Array.of(), Float64Array.of(1))).toBe(0.5);
  });

  it('are perfect for the truth', () => {
    const count = 12;
    const truth = Float64Array.from({ length: count }, (_, i) => i + 1);
    const indptr = Float64Array.of(0, count);
    const genes = Int32Array.from({ length: count }, (_, i) => i);
    const entries = { hidden: { indptr, genes }, truth, zeros: { indptr, genes }, genes: count };
    const scores = imputationScores(entries, { hidden: truth, zeros: new Float64Array(count) });
    expect(scores.pearsonPerCell).toBeCloseTo(1, 12);
    expect(scores.aurocPerCell).toBe(1);
    expect(scores.mse).toBe(0);
  });

  it('find the parts of a sum and leave out what counts negatively', () => {
    const random = randomStream(5, 'parts');
    const [a, b, c] = [0, 1, 2].map(() => Float64Array.from({ length: 500 }, () => random.normal()));
    const truth = a.map((value, i) => 2 * value + 0.5 * b[i] - c[i] + 3);
    const weights = stackWeights([a, b, c], truth, [2]);
    expect(weights.weights[0]).toBeCloseTo(2, 2);
    expect(weights.weights[2]).toBeCloseTo(-1, 2);
    expect(weights.intercept).toBeCloseTo(3, 2);
    expect(stackWeights([a, b, c], truth).weights[2]).toBe(0);
    const told = stacked(weights, [a, b, c]);
    told.forEach((value, i) => {
      expect(value).toBeCloseTo(truth[i], 1);
    });
  });
});
