/** @file Votes of the nearest reference cells against scikit-learn's. */

import { describe, expect, it } from 'vitest';
import type { LabelledExpression } from '../../../../src/analysis/classifiers/classifier.ts';
import { nearestNeighbourVote } from '../../../../src/analysis/classifiers/nearest-neighbours.ts';
import type { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import { storedPoints } from '../stored.ts';
import { classes, classical, largestDifference, sparse, testCells, trainingCells } from './stored.ts';

const points = storedPoints();

/** Some cells in the components that the stored votes were taken in. */
function placesOf(cells: Int32Array): Promise<CsrMatrix> {
  const { values, dimensions } = points;
  const rows = Float32Array.from(
    { length: cells.length * dimensions },
    (_, i) => values[cells[Math.floor(i / dimensions)] * dimensions + (i % dimensions)],
  );
  return sparse(rows, cells.length, dimensions);
}

async function placedReference(): Promise<LabelledExpression> {
  const { labels } = await trainingCells();
  return {
    expression: await placesOf(classical.i32('split/train')),
    labels,
    classes,
    genes: Array.from({ length: points.dimensions }, (_, i) => `PC${i + 1}`),
    seed: 0,
  };
}

describe('votes of the nearest cells', () => {
  // as many components as columns are a rotation, which keeps the neighbours
  it.each([1, 15])("are scikit-learn's for k = %d", async (k) => {
    const vote = nearestNeighbourVote({ k, components: points.dimensions });
    const query = await placesOf(classical.i32('split/test'));
    const { scores, codes, confidence } = await (await vote(await placedReference())).predict(query);
    expect(largestDifference(scores, classical.f64(`knn_classifier/uniform_${k}/prob`))).toBeLessThan(1e-6);
    expect([...codes]).toEqual([...classical.i32(`knn_classifier/uniform_${k}/pred`)]);
    codes.forEach((code, cell) => {
      expect(confidence[cell]).toBe(scores[cell * classes.length + code]);
    });
  });

  it.each([false, true])('label most cells right by expression, scaled: %s', async (scaled) => {
    const vote = await nearestNeighbourVote({ scaled, components: 15 })(await trainingCells());
    const { codes } = await vote.predict(await testCells());
    const label = classical.i32('label');
    const right = classical.i32('split/test').filter((cell, i) => label[cell] === codes[i]).length;
    expect(right / codes.length).toBeGreaterThan(0.8);
  });

  it('are of all cells where those are fewer than k', async () => {
    const reference = {
      expression: await sparse(Float64Array.of(1, 0, 0, 1, 5, 5), 3, 2),
      labels: Int32Array.of(0, 1, 1),
      classes: ['a', 'b'],
      genes: ['g', 'h'],
      seed: 0,
    };
    const vote = await nearestNeighbourVote({ components: 2 })(reference);
    const { scores, codes } = await vote.predict(await sparse(Float64Array.of(9, 9), 1, 2));
    expect(largestDifference(scores, [1 / 3, 2 / 3])).toBeLessThan(1e-6);
    expect([...codes]).toEqual([1]);
  });

  it('give every cell the only class', async () => {
    const reference = await trainingCells();
    const one = { ...reference, labels: new Int32Array(reference.labels.length), classes: ['cell'] };
    const { scores } = await (await nearestNeighbourVote()(one)).predict(await testCells());
    expect(largestDifference(scores, new Float32Array(scores.length).fill(1))).toBeLessThan(1e-6);
  });
});
