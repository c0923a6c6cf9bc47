/** @file The tree annotator: profile scores by hand, real cells, cells that stop, and odd references. */

import { describe, expect, it } from 'vitest';
import { Candidate, turn } from '../../../../src/analysis/classifiers/branch-point.ts';
import { hierarchical } from '../../../../src/analysis/classifiers/hierarchy.ts';
import { classes, classical, genes, sparse, testCells, trainingCells } from './stored.ts';

const reference = await trainingCells();
const query = await testCells();
const label = classical.i32('label');
const truth = classical.i32('split/test').map((cell) => label[cell]);

describe('profile scores', () => {
  it('are shares of own cells below less shares of others above', () => {
    const candidate = new Candidate(0, Float64Array.of(1, 2, 3, 4), Float64Array.of(0, 0, 0, 0));
    const cell = Float32Array.of(1, 3, 2, 4); // correlation 0.8
    expect(candidate.correlation(cell)).toBeCloseTo(0.8, 6);
    candidate.learn([0.5, 0.7, 0.9, 1], [0.6, 0.7, 0.75, 0.95]);
    expect(candidate.score(cell)).toBeCloseTo(0.5 - 0.25, 12);
    candidate.learn([0.1], [0.2]);
    expect(candidate.score(cell)).toBe(1);
    candidate.learn([0.9], [0.9]);
    expect(candidate.score(cell)).toBe(-1);
    expect(candidate.score(new Float32Array(4))).toBe(0);
  });

  it('go by the 200 genes that differ most, up or down', () => {
    const profile = Float64Array.from({ length: 203 }, (_, gene) => (gene % 2 === 0 ? gene + 3 : -gene - 3));
    const candidate = new Candidate(0, profile, new Float64Array(203));
    const cell = Float32Array.from(profile);
    expect(candidate.correlation(cell)).toBeCloseTo(1, 6);
    cell.fill(1e6, 0, 3);
    expect(candidate.correlation(cell)).toBeCloseTo(1, 6);
    cell[3] = 1e6;
    expect(candidate.correlation(cell)).toBeLessThan(0.999);
  });

  it('send a cell to the highest, by as much as it exceeds the mean across', () => {
    const flat = new Float64Array(3);
    const up = new Candidate(0, Float64Array.of(1, 2, 3), flat);
    const down = new Candidate(1, Float64Array.of(3, 2, 1), flat);
    const middle = new Candidate(2, Float64Array.of(1, 3, 2), flat);
    up.learn([0.9, 0.95], [-1]);
    down.learn([1], [-0.5]);
    middle.learn([0.4, 0.6], [0]);
    // scores of the cell: up 1, down -1, middle 0.5 (correlation 0.5)
    const cell = Float32Array.of(1, 2, 3);
    expect(turn([[down, middle], [up]], cell)).toEqual({ branch: 1, confidence: 1.25 });
    expect(turn([[up], [down, middle]], cell)).toEqual({ branch: 0, confidence: 1.25 });
  });
});

describe('hierarchical annotator', () => {
  it('labels most cells right and says between which types the others stopped', async () => {
    const classifier = await hierarchical()(reference);
    const { codes, stoppedAt, scores, confidence } = await classifier.predict(query);
    const labelled = codes.filter((code) => code >= 0);
    const right = codes.filter((code, cell) => code >= 0 && code === truth[cell]).length;
    expect(labelled.length / codes.length).toBeGreaterThan(0.7);
    expect(right / labelled.length).toBeGreaterThan(0.85);
    expect(labelled.length).toBeLessThan(codes.length);
    codes.forEach((code, cell) => {
      const row = scores.subarray(cell * classes.length, (cell + 1) * classes.length);
      expect(confidence[cell]).toBe(Math.max(...row));
      if (code >= 0) {
        expect(stoppedAt[cell]).toBeNull();
        expect(row[code]).toBe(confidence[cell]);
        expect(confidence[cell]).toBeGreaterThanOrEqual(0.1 - 1e-6);
      } else {
        expect(stoppedAt[cell]?.length).toBeGreaterThan(1);
        expect(stoppedAt[cell]).toContain(classes[row.indexOf(confidence[cell])]);
        expect(confidence[cell]).toBeLessThan(0.1);
      }
    });
  });

  it('parts myeloid from lymphoid cells first', async () => {
    const { tree } = await hierarchical()(reference);
    const sides = tree.branches?.map((side) => Array.from(side.classes, (code) => classes[code]));
    expect(sides).toContainEqual(['Mono']);
  });

  it('labels all cells at threshold 0, none above 2', async () => {
    const all = await (await hierarchical({ threshold: 0 })(reference)).predict(query);
    expect(all.codes.every((code) => code >= 0)).toBe(true);
    const right = all.codes.filter((code, cell) => code === truth[cell]).length;
    expect(right / truth.length).toBeGreaterThan(0.8);
    const none = await (await hierarchical({ threshold: 2.1 })(reference)).predict(query);
    expect(none.codes.every((code) => code === -1)).toBe(true);
    expect(none.stoppedAt.every((types) => types?.length === classes.length)).toBe(true);
    expect(none.scores).toEqual(all.scores);
  });

  it('stops cells without any gene at the root', async () => {
    const empty = await sparse(new Float64Array(genes.length), 1, genes.length);
    const { codes, scores, stoppedAt } = await (await hierarchical()(reference)).predict(empty);
    expect([...codes]).toEqual([-1]);
    expect([...(stoppedAt[0] ?? [])]).toEqual([...classes]);
    expect(scores.every(Number.isFinite)).toBe(true);
  });

  it('gives every cell the only class, and takes a class of one cell', async () => {
    const one = { ...reference, labels: new Int32Array(reference.labels.length), classes: ['cell'] };
    const only = await (await hierarchical()(one)).predict(query);
    expect(only.codes.every((code) => code === 0)).toBe(true);
    expect([...only.confidence].every((value) => value === 0)).toBe(true);
    const labels = reference.labels.slice();
    labels[0] = 4;
    const five = { ...reference, labels, classes: [...classes, 'alone'] };
    const { scores } = await (await hierarchical()(five)).predict(query);
    expect(scores.every(Number.isFinite)).toBe(true);
  });

  it('stops when told to', async () => {
    const control = { signal: AbortSignal.abort() };
    await expect(hierarchical()(reference, control)).rejects.toMatchObject({ name: 'CancelledError' });
    const fitted = await hierarchical()(reference);
    await expect(fitted.predict(query, control)).rejects.toMatchObject({ name: 'CancelledError' });
  });
});
