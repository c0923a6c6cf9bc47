/** @file Labels carried over, thresholds learnt on held-out cells, and the shift of a query that lies farther away. */

import { describe, expect, it } from 'vitest';
import type { Neighbours } from '../../../../src/analysis/neighbours.ts';
import { randomStream } from '../../../../src/support/random.ts';
import { type Calibration, calibrate } from '../../../../src/tasks/map/calibration.ts';
import { queryDistances, transfer } from '../../../../src/tasks/map/transfer.ts';

const k = 4;
const labels = { name: 'type', groups: ['a', 'b'], codes: Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1) };

/** Cells with their neighbours' labels (`a` or `b`) and one distance to all of them. */
function cells(lists: readonly (readonly [string, number])[]): Neighbours {
  return {
    count: lists.length,
    k,
    indices: Int32Array.from(
      lists.flatMap(([types]) => Array.from(types, (type, i) => (type === 'a' ? i : 4 + i))),
    ),
    distances: Float64Array.from(lists.flatMap(([, distance]) => new Array<number>(k).fill(distance))),
  };
}

const calibration: Calibration = {
  cells: 100,
  accuracy: 0.9,
  score: 0.7,
  distance: 2,
  usualDistance: 1,
  keptRight: 0.95,
  rejectedWrong: 0.5,
};

describe('transfer', () => {
  const query = {
    cellCount: 6,
    rows: Int32Array.of(0, 1, 2, 4, 5), // cell 3 has no embedding
    neighbours: cells([
      ['aaaa', 1],
      ['aaab', 1],
      ['aabb', 1],
      ['bbbb', 1],
      ['bbbb', 3],
    ]),
  };

  it('withholds labels of undecided votes, of far cells and of cells without an embedding', () => {
    const found = transfer(query, labels, calibration, 'auto');
    expect([...found.codes]).toEqual([0, 0, 0, -1, 1, 1]);
    expect([...found.scores]).toEqual([1, 0.75, 0.5, Number.NaN, 1, 1]);
    expect([...found.unassigned]).toEqual([0, 0, 1, 1, 0, 1]);
    expect(found.thresholds).toEqual({ score: 0.7, distance: 2, shift: 1 });
  });

  it('moves the distance that is allowed with the whole query, not with a few cells', () => {
    const far = {
      cellCount: 4,
      rows: Int32Array.of(0, 1, 2, 3),
      neighbours: cells([
        ['aaaa', 3],
        ['bbbb', 3],
        ['aaaa', 3],
        ['bbbb', 9],
      ]),
    };
    const found = transfer(far, labels, calibration, 'auto');
    expect(found.thresholds).toEqual({ score: 0.7, distance: 6, shift: 3 });
    expect([...found.unassigned]).toEqual([0, 0, 0, 1]);
  });

  it('withholds nothing but what has no label when rejection is off or nothing could be learnt', () => {
    for (const found of [
      transfer(query, labels, calibration, 'off'),
      transfer(query, labels, null, 'auto'),
    ]) {
      expect([...found.unassigned]).toEqual([0, 0, 0, 1, 0, 0]);
    }
  });

  it('takes a least score as it is given', () => {
    const found = transfer(query, labels, calibration, 0.8);
    expect([...found.unassigned]).toEqual([0, 1, 1, 1, 0, 0]);
    expect(found.thresholds.distance).toBe(Number.POSITIVE_INFINITY);
  });

  it('tells how far each cell lies', () => {
    expect([...queryDistances(query)]).toEqual([1, 1, 1, Number.NaN, 1, 3]);
  });
});

describe('calibrate', () => {
  /** Held-out cells: decided votes nearby are right, undecided ones far away wrong. */
  function heldOut(count: number) {
    const random = randomStream(2, 'held out');
    const sure = Array.from({ length: count }, () => random.uniform() < 0.8);
    const lists = sure.map((is) => [is ? 'aaaa' : 'abbb', is ? 1 + 0.1 * random.uniform() : 5] as const);
    return { sure, found: { rows: Int32Array.from(sure.keys()), neighbours: cells(lists) } };
  }

  it('keeps at least 95 % of right labels and finds the wrong ones where they differ', () => {
    const { sure, found } = heldOut(400);
    const truth = { ...labels, codes: new Int32Array(400) }; // all are a: 'abbb' is wrong
    const votes = { ...truth, codes: Int32Array.from({ length: 400 }, (_, row) => (row < 4 ? 0 : 1)) };
    const learnt = calibrate({ ...found, rows: found.rows }, { ...votes, codes: votes.codes });
    expect(learnt.cells).toBe(400);
    const right = calibrate(
      {
        rows: Int32Array.from({ length: 400 }, (_, row) => (sure[row] ? 0 : 1)),
        neighbours: found.neighbours,
      },
      labels,
    );
    expect(right.accuracy).toBeCloseTo(sure.filter((is) => is).length / 400, 12);
    expect(right.keptRight).toBeGreaterThanOrEqual(0.95);
    expect(right.rejectedWrong).toBe(1);
    expect(right.score).toBeCloseTo(1, 6);
    expect(right.distance).toBeLessThan(1.1);
    expect(right.usualDistance).toBeGreaterThan(1);
  });

  it('leaves cells without a label out, and learns nothing from a handful', () => {
    const few = calibrate(
      {
        rows: Int32Array.of(0, 8),
        neighbours: cells([
          ['aaaa', 1],
          ['bbbb', 1],
        ]),
      },
      { ...labels, codes: Int32Array.of(...labels.codes, -1) },
    );
    expect(few.cells).toBe(1);
    expect(few.score).toBe(Number.NEGATIVE_INFINITY);
    expect(few.distance).toBe(Number.POSITIVE_INFINITY);
  });
});
