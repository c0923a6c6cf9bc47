/** @file The optimum of logistic regression against scikit-learn's, on dense and sparse features, and its limits. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitMultinomial, predictProbabilities } from '../../../../src/analysis/classifiers/multinomial.ts';
import type { Points } from '../../../../src/analysis/points.ts';
import { classes, classical, genes, largestDifference, sparse, trainingCells } from './stored.ts';

/** z-scores of some cells by the stored moments, which the stored models were fitted on. */
function zScores(cells: Int32Array): Points {
  const all = classical.f32('X');
  const [means, deviations] = [classical.f64('logreg/mean'), classical.f64('logreg/scale')];
  const values = new Float64Array(cells.length * genes.length);
  cells.forEach((cell, row) => {
    for (let gene = 0; gene < genes.length; gene++) {
      values[row * genes.length + gene] = (all[cell * genes.length + gene] - means[gene]) / deviations[gene];
    }
  });
  return { values, count: cells.length, dimensions: genes.length };
}

const train = zScores(classical.i32('split/train'));
const test = zScores(classical.i32('split/test'));

describe('multinomial logistic regression', () => {
  it("finds scikit-learn's optimum", async () => {
    const { labels } = await trainingCells();
    const model = await fitMultinomial(train, labels, classes.length);
    const stored = classical.f64('logreg/multinomial/coef'); // [classes, genes]
    const turned = model.coefficients.map(
      (_, i) => stored[(i % classes.length) * genes.length + Math.floor(i / classes.length)],
    );
    expect(largestDifference(model.coefficients, turned)).toBeLessThan(2e-4);
    expect(largestDifference(model.intercepts, classical.f64('logreg/multinomial/intercept'))).toBeLessThan(
      1e-3,
    );
    const probabilities = await predictProbabilities(model, test);
    expect(largestDifference(probabilities, classical.f64('logreg/multinomial/prob'))).toBeLessThan(3e-4);
  });

  it('penalises two classes as scikit-learn does', async () => {
    const { labels } = await trainingCells();
    const isT = labels.map((label) => (classes[label] === 'T' ? 1 : 0));
    const model = await fitMultinomial(train, isT, 2);
    const probabilities = await predictProbabilities(model, test);
    expect(largestDifference(probabilities, classical.f64('logreg/binary/prob'))).toBeLessThan(3e-4);
  });

  it('takes sparse features as it takes dense ones', async () => {
    const { labels } = await trainingCells();
    const model = await fitMultinomial(
      await sparse(Float64Array.from(train.values), train.count, train.dimensions),
      labels,
      classes.length,
    );
    const probabilities = await predictProbabilities(model, test);
    expect(largestDifference(probabilities, classical.f64('logreg/multinomial/prob'))).toBeLessThan(3e-4);
  });

  it('has gradient zero at the optimum, with and without class weights', async () => {
    const row = fc.tuple(
      fc.float({ min: -3, max: 3, noNaN: true }),
      fc.float({ min: -3, max: 3, noNaN: true }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(row, fc.nat(2)), { minLength: 4, maxLength: 30 }),
        fc.constantFrom('none' as const, 'balanced' as const),
        fc.constantFrom(0.01, 1, 10),
        async (cells, weights, C) => {
          const labels = Int32Array.from(cells, ([, label]) => label);
          const values = Float64Array.from(cells.flatMap(([numbers]) => numbers));
          const points = { values, count: cells.length, dimensions: 2 };
          const model = await fitMultinomial(points, labels, 3, { C, weights });
          const probabilities = await predictProbabilities(model, points);
          const sizes = [0, 1, 2].map((k) => labels.filter((label) => label === k).length);
          const present = sizes.filter((size) => size > 0).length;
          for (let k = 0; k < 3; k++) {
            for (let column = 0; column < 2; column++) {
              let slope = model.coefficients[column * 3 + k] / C;
              for (let i = 0; i < cells.length; i++) {
                const weight = weights === 'none' ? 1 : cells.length / (present * sizes[labels[i]]);
                slope +=
                  weight * (probabilities[i * 3 + k] - (labels[i] === k ? 1 : 0)) * values[i * 2 + column];
              }
              // the tolerance is of the mean loss in scaled units
              expect(Math.abs(slope)).toBeLessThan(1e-3 * (1 + cells.length));
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('gives the only class probability 1', async () => {
    const model = await fitMultinomial(train, new Int32Array(train.count), 1);
    expect([...(await predictProbabilities(model, test))].every((p) => p === 1)).toBe(true);
  });

  it('stays finite for features that do not vary and classes of one cell', async () => {
    const points = { values: Float32Array.from([1, 0, 1, 2, 1, 3]), count: 3, dimensions: 2 };
    const model = await fitMultinomial(points, Int32Array.from([0, 1, 2]), 3);
    const probabilities = await predictProbabilities(model, points);
    expect([...probabilities].every(Number.isFinite)).toBe(true);
  });

  it('refuses a penalty that is none', async () => {
    await expect(fitMultinomial(train, new Int32Array(train.count), 1, { C: 0 })).rejects.toMatchObject({
      reason: 'regularisation',
    });
  });

  it('stops when told to', async () => {
    const { labels } = await trainingCells();
    const run = fitMultinomial(train, labels, classes.length, {}, { signal: AbortSignal.abort() });
    await expect(run).rejects.toMatchObject({ name: 'CancelledError' });
  });
});
