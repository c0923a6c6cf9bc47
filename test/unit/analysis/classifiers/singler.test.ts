/** @file SingleR against the R package's numbers. */

import { describe, expect, it } from 'vitest';
import { pairwiseMarkers } from '../../../../src/analysis/classifiers/pairwise-markers.ts';
import { rankVector } from '../../../../src/analysis/classifiers/rank-vectors.ts';
import { singleR } from '../../../../src/analysis/classifiers/singler.ts';
import { classes, classical, largestDifference, referenceOf, testCells } from './stored.ts';

const markersOf = (classical.about as unknown as { singler: { pairwise_markers: Record<string, number[]> } })
  .singler.pairwise_markers;
const reference = await referenceOf(classical.i32('singler/reference_cells'));
const { labels } = reference;
const query = await testCells();

describe('SingleR', () => {
  it('finds the same markers', async () => {
    const found = await pairwiseMarkers(reference.expression, labels, 4);
    classes.forEach((a, i) => {
      classes.forEach((b, j) => {
        const stored = markersOf[`${a}>${b}`];
        expect(new Set(found[i][j])).toEqual(new Set(stored));
      });
    });
  });

  it('gives the same scores, and the same labels after fine-tuning', async () => {
    const classifier = await singleR(reference);
    const { scores, codes, confidence } = await classifier.predict(query);
    const stored = classical.f64('singler/scores');
    expect(largestDifference(scores, stored)).toBeLessThan(1e-6);
    const named = Array.from(codes, (code) => classes[code]);
    const equal = named.filter((name, i) => name === classical.about.singler.labels_fine_tuned[i]).length;
    expect(equal / named.length).toBeGreaterThanOrEqual(0.98);
    expect(confidence.every((value) => value >= 0)).toBe(true);
  });

  it('gives the one class of a reference that has no other, without numbers that are none', async () => {
    const one = { ...reference, labels: new Int32Array(labels.length), classes: ['cell'] };
    const { codes, scores, confidence } = await (await singleR(one)).predict(query);
    expect(codes.every((code) => code === 0)).toBe(true);
    expect([...scores, ...confidence].every(Number.isFinite)).toBe(true);
  });

  it('takes classes of one cell', async () => {
    const alone = labels.slice();
    alone[0] = 4;
    const five = { ...reference, labels: alone, classes: [...classes, 'alone'] };
    const { scores } = await (await singleR(five)).predict(query);
    expect(scores.every(Number.isFinite)).toBe(true);
  });
});

describe('ranks', () => {
  it('are shared by equal values', () => {
    const out = new Float32Array(4);
    rankVector([5, 1, 1, 9], out);
    const expected = [0.5, -1, -1, 1.5].map((rank) => rank / Math.sqrt(4.5));
    expect(largestDifference(out, expected)).toBeLessThan(1e-6);
    rankVector([2, 2, 2, 2], out);
    expect([...out]).toEqual([0, 0, 0, 0]);
  });
});
