/** @file Logistic regression as an annotator: on log values, on z-scores, and of few classes or cells. */

import { describe, expect, it } from 'vitest';
import { logisticRegression } from '../../../../src/analysis/classifiers/logistic-regression.ts';
import { fitMultinomial, predictProbabilities } from '../../../../src/analysis/classifiers/multinomial.ts';
import { scalingOf } from '../../../../src/analysis/classifiers/scaling.ts';
import type { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import { classes, classical, genes, largestDifference, testCells, trainingCells } from './stored.ts';

const reference = await trainingCells();
const query = await testCells();

/** z-scores of cells by their own moments, densely, cut off at 10. */
async function ownScores(cells: Int32Array, expression: CsrMatrix) {
  const all = classical.f32('X');
  const { means, deviations } = await scalingOf(expression);
  const values = Float64Array.from({ length: cells.length * genes.length }, (_, i) => {
    const gene = i % genes.length;
    const value = all[cells[Math.floor(i / genes.length)] * genes.length + gene];
    return Math.min(Math.max((value - means[gene]) / deviations[gene], -10), 10);
  });
  return { values, count: cells.length, dimensions: genes.length };
}

describe('logistic regression', () => {
  it('scales by the moments that scikit-learn finds', async () => {
    const { means, deviations } = await scalingOf(reference.expression);
    expect(largestDifference(means, classical.f64('logreg/mean'))).toBeLessThan(1e-6);
    expect(largestDifference(deviations, classical.f64('logreg/scale'))).toBeLessThan(1e-6);
  });

  it("gives scikit-learn's probabilities for reference and query z-scored alike", async () => {
    const annotator = logisticRegression({ scaledBy: 'themselves', C: 1 });
    const { scores } = await (await annotator(reference)).predict(reference.expression);
    const cells = classical.i32('split/train');
    const points = await ownScores(cells, reference.expression);
    const expected = storedProbabilities(points.values, cells.length);
    expect(largestDifference(scores, expected)).toBeLessThan(1e-3);
  });

  it('z-scores the query on itself when told to', async () => {
    const annotator = logisticRegression({ scaledBy: 'themselves', C: 0.05, weights: 'balanced' });
    const { scores } = await (await annotator(reference)).predict(query);
    const model = await fitMultinomial(
      await ownScores(classical.i32('split/train'), reference.expression),
      reference.labels,
      classes.length,
      { C: 0.05, weights: 'balanced' },
    );
    const expected = await predictProbabilities(model, await ownScores(classical.i32('split/test'), query));
    expect(largestDifference(scores, expected)).toBeLessThan(1e-3);
  });

  it('gives probabilities, and the likeliest class', async () => {
    const classifier = await logisticRegression()(reference);
    const { scores, codes, confidence } = await classifier.predict(query);
    expect(classifier.probabilistic).toBe(true);
    codes.forEach((code, cell) => {
      const row = scores.subarray(cell * classes.length, (cell + 1) * classes.length);
      expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
      expect(confidence[cell]).toBe(Math.max(...row));
      expect(row[code]).toBe(confidence[cell]);
    });
    const label = classical.i32('label');
    const right = classical.i32('split/test').filter((cell, i) => label[cell] === codes[i]).length;
    expect(right / codes.length).toBeGreaterThan(0.85);
  });

  it.each(['none', 'themselves'] as const)(
    'takes one class and classes of one cell, scaled by %s',
    async (scaledBy) => {
      const annotator = logisticRegression({ scaledBy });
      const one = { ...reference, labels: new Int32Array(reference.labels.length), classes: ['cell'] };
      expect([...(await (await annotator(one)).predict(query)).scores].every((p) => p === 1)).toBe(true);
      const labels = reference.labels.slice();
      labels[0] = 4;
      const five = { ...reference, labels, classes: [...classes, 'alone'] };
      expect((await (await annotator(five)).predict(query)).scores.every(Number.isFinite)).toBe(true);
    },
  );
});

/** What the stored coefficients say of z-scores. */
function storedProbabilities(values: Float64Array, cells: number): Float64Array {
  const coefficients = classical.f64('logreg/multinomial/coef'); // [classes, genes]
  const intercepts = classical.f64('logreg/multinomial/intercept');
  const found = new Float64Array(cells * classes.length);
  for (let cell = 0; cell < cells; cell++) {
    const exponentials = Array.from(intercepts, (intercept, k) => {
      let score = intercept;
      for (let gene = 0; gene < genes.length; gene++) {
        score += values[cell * genes.length + gene] * coefficients[k * genes.length + gene];
      }
      return Math.exp(score);
    });
    const sum = exponentials.reduce((total, value) => total + value, 0);
    found.set(
      exponentials.map((value) => value / sum),
      cell * classes.length,
    );
  }
  return found;
}
