/** @file Weights of predictors: those that are right count, missing answers leave their weight to others. */

import { describe, expect, it } from 'vitest';
import { type Answers, chooseWeights, stacked } from '../../../../src/tasks/perturb/stack.ts';

const row = (...values: number[]): Float64Array => Float64Array.from(values);

describe('chooseWeights', () => {
  const truth = [row(1, 2, 3, 0), row(0, -1, 2, 1)];
  const centres = truth.map((change) => change.map(() => 0));
  const right: Answers = { id: 'right', name: 'right', changes: truth };
  const wrong: Answers = {
    id: 'wrong',
    name: 'wrong',
    changes: truth.map((change) => change.map((value) => -value)),
  };

  it('gives all to a predictor that is right', () => {
    expect([...chooseWeights([wrong, right], truth, centres)]).toEqual([
      ['wrong', 0],
      ['right', 1],
    ]);
  });

  it('sums to one and never scores below the best predictor alone', () => {
    const halves: Answers[] = [
      { id: 'first', name: 'first', changes: [row(1, 2, 0, 0), row(0, -1, 0, 0)] },
      { id: 'second', name: 'second', changes: [row(0, 0, 3, 0), row(0, 0, 2, 1)] },
    ];
    const weights = chooseWeights(halves, truth, centres);
    expect([...weights.values()].reduce((sum, value) => sum + value, 0)).toBeCloseTo(1);
    expect(Math.min(...weights.values())).toBeGreaterThan(0); // both halves are needed
  });
});

describe('stacked', () => {
  it('is the weighted mean of what there is', () => {
    const answers = new Map<string, Float64Array | null>([
      ['a', row(1, 1)],
      ['b', row(3, 5)],
      ['c', null],
    ]);
    const weights = new Map([
      ['a', 0.25],
      ['b', 0.25],
      ['c', 0.5],
    ]);
    expect(stacked(answers, weights)).toEqual(row(2, 3));
    expect(stacked(new Map([['c', null]]), weights)).toBeNull();
  });
});
