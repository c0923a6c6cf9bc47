/** @file Mapped labels beside true ones: what is scored, what counts as wrong, unseen classes, and agreement. */

import { describe, expect, it } from 'vitest';
import { agreement, rejectionOutcome, truthOf, truthScores } from '../../../../src/tasks/map/scores.ts';

const classes = ['B', 'T', 'NK'];
const labels = {
  name: 'truth',
  groups: ['T', 'B', 'HSC'],
  codes: Int32Array.of(0, 0, 1, 1, 2, -1, 0),
};
const method = (codes: number[], confidence = [0.9, 0.8, 0.7, 0.6, 0.1, 0.5, Number.NaN]) => ({
  classes,
  codes: Int32Array.from(codes),
  confidence: Float32Array.from(confidence),
});
const truth = truthOf(labels, classes);

describe('truthOf', () => {
  it('sorts cells by whether the reference has their class; cells without a true label are neither', () => {
    expect([...truth.known]).toEqual([0, 1, 2, 3, 6]);
    expect([...truth.unseen]).toEqual([4]);
  });
});

describe('truthScores', () => {
  it('scores cells of known classes over the classes that occur, a missing label counting as wrong', () => {
    const scores = truthScores(truth, method([1, 1, 0, 2, 0, 0, -1]));
    expect(scores?.cells).toBe(5);
    expect(scores?.accuracy).toBe(3 / 5);
    expect(scores?.classes).toEqual(['B', 'T', 'NK', 'none']);
    // B: 1 of 2 found, nothing else called B; T: 2 of 3 found; NK and none never right
    expect(scores?.macroF1).toBeCloseTo((2 / 3 + 4 / 5 + 0 + 0) / 4, 12);
    expect(scores?.weightedF1).toBeCloseTo((2 * (2 / 3) + 3 * (4 / 5)) / 5, 12);
    expect([...(scores?.confusion ?? [])]).toEqual([1, 0, 1, 0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('says whether confidence tells unseen classes apart', () => {
    expect(truthScores(truth, method([1, 1, 0, 0, 0, 0, -1]))?.unseenAuroc).toBe(1);
    const sure = method([1, 1, 0, 0, 0, 0, -1], [0.9, 0.8, 0.7, 0.6, 1, 0.5, Number.NaN]);
    expect(truthScores(truth, sure)?.unseenAuroc).toBe(0);
    const none = truthOf({ ...labels, codes: labels.codes.map((code) => (code === 2 ? -1 : code)) }, classes);
    expect(truthScores(none, method([1, 1, 0, 0, 0, 0, -1]))?.unseenAuroc).toBeNaN();
  });

  it('has no scores where no true class is in the reference', () => {
    expect(truthScores(truthOf(labels, ['other']), method([0, 0, 0, 0, 0, 0, 0]))).toBeNull();
  });
});

describe('rejectionOutcome', () => {
  it('compares what was withheld with what should have been', () => {
    const found = rejectionOutcome(truth, method([1, 1, 0, 2, 0, 0, -1]), Uint8Array.of(0, 1, 0, 1, 1, 0, 1));
    expect(found).toEqual({ keptRight: 2 / 3, rejectedWrong: 1, rejectedUnseen: 1 });
  });
});

describe('agreement', () => {
  it('compares names of classes over cells that both label', () => {
    const other = { ...method([0, 1, 0, -1, 0, 0, 0]), classes: ['T', 'B'] };
    expect(agreement(method([1, 1, 1, 1, 1, -1, 0]), other)).toBe(3 / 5);
  });
});
