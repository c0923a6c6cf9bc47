/** @file Mean profiles, correlations with them, and the annotator that goes by those. */

import { describe, expect, it } from 'vitest';
import { centroidsOf, correlations, meanProfiles } from '../../../../src/analysis/classifiers/centroids.ts';
import { nearestCentroid } from '../../../../src/analysis/classifiers/nearest-centroid.ts';
import { classes, classical, genes, largestDifference, sparse, testCells, trainingCells } from './stored.ts';

const reference = await trainingCells();
const query = await testCells();
const unscaled = new Float64Array(genes.length);

describe('correlations with mean profiles', async () => {
  const scaled = { matrix: reference.expression, origin: unscaled };
  const profiles = await meanProfiles(scaled, reference.labels, classes.length);
  const centroids = centroidsOf(profiles, classes.length);

  it('are the stored ones', async () => {
    const found = await correlations(centroids, { matrix: query, origin: unscaled });
    expect(largestDifference(found, classical.f64('nearest_centroid/correlation/scores'))).toBeLessThan(1e-6);
    const stored = classical.i32('nearest_centroid/correlation/pred');
    stored.forEach((code, cell) => {
      const row = found.subarray(cell * classes.length, (cell + 1) * classes.length);
      expect(row.indexOf(Math.max(...row))).toBe(code);
    });
  });

  it('are 0 with a cell that does not vary between genes', async () => {
    const empty = await sparse(new Float64Array(genes.length), 1, genes.length);
    expect([...(await correlations(centroids, { matrix: empty, origin: unscaled }))]).toEqual([0, 0, 0, 0]);
  });
});

/** Pearson correlation, term by term. */
function pearson(a: Float64Array, b: Float64Array): number {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [product, squareA, squareB] = [0, 0, 0];
  a.forEach((value, i) => {
    product += (value - meanA) * (b[i] - meanB);
    squareA += (value - meanA) ** 2;
    squareB += (b[i] - meanB) ** 2;
  });
  return product / Math.sqrt(squareA * squareB);
}

/** z-scores of the stored cells by the stored moments of the reference, cut off at 10, a row a cell. */
function storedScores(cells: Int32Array): Float64Array[] {
  const all = classical.f32('X');
  const [means, deviations] = [classical.f64('logreg/mean'), classical.f64('logreg/scale')];
  return Array.from(cells, (cell) =>
    means.map((mean, gene) =>
      Math.min(Math.max((all[cell * genes.length + gene] - mean) / deviations[gene], -10), 10),
    ),
  );
}

describe('nearest centroid', () => {
  it('correlates z-scores with mean z-scores', async () => {
    const profiles = classes.map(() => new Float64Array(genes.length));
    storedScores(classical.i32('split/train')).forEach((row, cell) => {
      const profile = profiles[reference.labels[cell]];
      // the length of a profile does not matter
      for (let gene = 0; gene < genes.length; gene++) profile[gene] += row[gene];
    });
    const expected = storedScores(classical.i32('split/test')).flatMap((row) =>
      profiles.map((profile) => pearson(row, profile)),
    );
    const { scores, confidence } = await (await nearestCentroid()(reference)).predict(query);
    expect(largestDifference(scores, expected)).toBeLessThan(1e-5);
    expect(confidence[0]).toBe(Math.max(...scores.subarray(0, classes.length)));
  });

  it('labels most cells right, however the query is scaled', async () => {
    const codes = classical.i32('label');
    const truth = classical.i32('split/test').map((cell) => codes[cell]);
    for (const queryScaledBy of ['reference', 'own'] as const) {
      const found = await (await nearestCentroid({ queryScaledBy })(reference)).predict(query);
      const right = found.codes.filter((code, cell) => code === truth[cell]).length;
      expect(right / truth.length).toBeGreaterThan(0.75);
    }
  });

  it('gives every cell the only class', async () => {
    const one = { ...reference, labels: new Int32Array(reference.labels.length), classes: ['cell'] };
    const { codes, scores } = await (await nearestCentroid()(one)).predict(query);
    expect(codes.every((code) => code === 0)).toBe(true);
    expect(largestDifference(scores, new Float32Array(scores.length))).toBeLessThan(1e-6);
  });
});
