/** @file Training states for tests: small, or as large as a write that can be interrupted has to be. */

import type { StateDict } from '../../../../src/support/tensor.ts';
import type { TrainingProgress, TrainingState } from '../../../../src/train/run/training-state.ts';

/** Every value is the step, so that a state mixed from two is seen. */
export function stateOf(step: number, size = 6): TrainingState {
  const filled = (shift: number): StateDict =>
    new Map([
      [
        'encoder.weight',
        { dtype: 'float32', shape: [2, size / 2], data: new Float32Array(size).fill(step + shift) },
      ],
      ['decoder.bias', { dtype: 'float64', shape: [3], data: Float64Array.of(step + shift, 0.1, -0) }],
    ]);
  const parameters = filled(0).set('frozen', {
    dtype: 'int64',
    shape: [],
    data: BigInt64Array.of(BigInt(step)),
  });
  return { parameters, firstMoments: filled(0.25), secondMoments: filled(0.5), progress: progressOf(step) };
}

export function progressOf(step: number): TrainingProgress {
  return {
    step,
    epoch: 1 + Math.floor(step / 10),
    batch: step % 10,
    bestLoss: step === 0 ? null : 1 / 3 / step,
    bestStep: step === 0 ? null : step,
    epochsWithoutImprovement: 0,
    elapsedSeconds: step * 0.1,
    epochSums: { loss: step * 0.7, cells: step * 32 },
  };
}

/** Whether every value is what {@link stateOf} gives for the state's step. */
export function isWhole(state: TrainingState, size?: number): boolean {
  const expected = stateOf(state.progress.step, size);
  const same = (a: StateDict, b: StateDict) =>
    a.size === b.size &&
    [...a].every(([name, { data }]) => data.every((value, i) => Object.is(value, b.get(name)?.data[i])));
  return (
    same(state.parameters, expected.parameters) &&
    same(state.firstMoments, expected.firstMoments) &&
    same(state.secondMoments, expected.secondMoments)
  );
}
