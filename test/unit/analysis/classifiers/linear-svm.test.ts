/** @file Linear support vector machines: their optimum, and what they separate. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { separate } from '../../../../src/analysis/classifiers/dual-coordinate-descent.ts';
import { entriesOf } from '../../../../src/analysis/classifiers/features.ts';
import { linearSvm } from '../../../../src/analysis/classifiers/linear-svm.ts';
import { randomStream } from '../../../../src/support/random.ts';
import { classes, classical, sparse, testCells, trainingCells } from './stored.ts';

const coordinate = fc.float({ min: -3, max: 3, noNaN: true });
const side = fc.constantFrom(1, -1);

/** Gradient of |w|^2/2 + b^2/2 + C * sum of squared hinge losses. */
function gradientAt(rows: number[][], sides: ArrayLike<number>, C: number, place: number[]): number[] {
  const gradient = place.slice();
  rows.forEach((row, i) => {
    const extended = [...row, 1];
    const margin = sides[i] * extended.reduce((sum, value, j) => sum + value * place[j], 0);
    if (margin >= 1) return;
    extended.forEach((value, j) => {
      gradient[j] -= 2 * C * (1 - margin) * sides[i] * value;
    });
  });
  return gradient;
}

describe('a support vector machine of two sides', () => {
  it('has gradient zero at its optimum', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(coordinate, coordinate, side), { minLength: 1, maxLength: 25 }),
        fc.constantFrom(0.1, 1),
        async (cells, C) => {
          const rows = cells.map(([x, y]) => [x, y]);
          const sides = Int8Array.from(cells, ([, , which]) => which);
          const values = Float64Array.from(rows.flat());
          const entries = await entriesOf({ values, count: rows.length, dimensions: 2 });
          const { coefficients, intercept } = await separate(entries, sides, C, randomStream(1, 'test', 0));
          const gradient = gradientAt(rows, sides, C, [...coefficients, intercept]);
          for (const slope of gradient) expect(Math.abs(slope)).toBeLessThan(0.02 * (1 + rows.length));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('stops when told to', async () => {
    const entries = await entriesOf({ values: Float64Array.of(1, -1), count: 2, dimensions: 1 });
    const run = separate(entries, Int8Array.of(1, -1), 1, randomStream(1, 'test', 0), {
      signal: AbortSignal.abort(),
    });
    await expect(run).rejects.toMatchObject({ name: 'CancelledError' });
  });
});

describe('linear SVM', () => {
  it('separates classes that can be separated', async () => {
    const values = Float64Array.of(4, 0, 0, 5, 0, 1, 0, 4, 0, 1, 5, 0, 0, 0, 4, 0, 1, 5);
    const reference = {
      expression: await sparse(values, 6, 3),
      labels: Int32Array.of(0, 0, 1, 1, 2, 2),
      classes: ['a', 'b', 'c'],
      genes: ['g', 'h', 'i'],
      seed: 3,
    };
    const { codes, scores } = await (await linearSvm({ C: 10 })(reference)).predict(reference.expression);
    expect([...codes]).toEqual([...reference.labels]);
    codes.forEach((code, cell) => {
      expect(scores[cell * 3 + code]).toBeGreaterThan(0);
    });
  });

  it('labels most real cells right, the same way for the same seed', async () => {
    const reference = await trainingCells();
    const query = await testCells();
    const { codes, scores } = await (await linearSvm()(reference)).predict(query);
    const label = classical.i32('label');
    const right = classical.i32('split/test').filter((cell, i) => label[cell] === codes[i]).length;
    expect(right / codes.length).toBeGreaterThan(0.8);
    expect((await (await linearSvm()(reference)).predict(query)).scores).toEqual(scores);
  });

  it('takes one class, and classes of one cell', async () => {
    const reference = await trainingCells();
    const query = await testCells();
    const one = { ...reference, labels: new Int32Array(reference.labels.length), classes: ['cell'] };
    const { scores } = await (await linearSvm()(one)).predict(query);
    expect([...scores].every((score) => score > 0.5)).toBe(true);
    const labels = reference.labels.slice();
    labels[0] = 4;
    const five = { ...reference, labels, classes: [...classes, 'alone'] };
    expect((await (await linearSvm()(five)).predict(query)).scores.every(Number.isFinite)).toBe(true);
  });

  it('refuses a penalty that is none', async () => {
    await expect(linearSvm({ C: 0 })(await trainingCells())).rejects.toMatchObject({
      reason: 'regularisation',
    });
  });
});
