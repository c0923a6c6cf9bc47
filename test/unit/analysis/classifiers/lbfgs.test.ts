/** @file L-BFGS on functions whose minimum is known. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minimise, type Objective } from '../../../../src/analysis/classifiers/lbfgs.ts';
import { largestDifference } from './stored.ts';

const options = { stage: 'test', tolerance: 1e-8, iterations: 500 };

/** sum of curvature * (x - centre)^2 / 2 */
function bowl(curvatures: readonly number[], centre: readonly number[]): Objective {
  return (place, gradient) => {
    let value = 0;
    place.forEach((x, i) => {
      gradient[i] = curvatures[i] * (x - centre[i]);
      value += (gradient[i] * (x - centre[i])) / 2;
    });
    return value;
  };
}

describe('L-BFGS', () => {
  it('finds the bottom of quadratics, steep and flat', async () => {
    const axis = fc.record({
      curvature: fc.double({ min: 0.01, max: 100, noNaN: true }),
      centre: fc.double({ min: -10, max: 10, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(axis, { minLength: 1, maxLength: 12 }), async (axes) => {
        const centre = axes.map((one) => one.centre);
        const objective = bowl(
          axes.map((one) => one.curvature),
          centre,
        );
        const { place, value, converged } = await minimise(objective, new Float64Array(axes.length), options);
        expect(converged).toBe(true);
        expect(value).toBeLessThan(1e-9);
        expect(largestDifference(place, centre)).toBeLessThan(1e-4);
      }),
      { numRuns: 60 },
    );
  });

  it("follows the valley of Rosenbrock's function", async () => {
    const { place } = await minimise(
      ([x, y], gradient) => {
        gradient[0] = -2 * (1 - x) - 400 * x * (y - x * x);
        gradient[1] = 200 * (y - x * x);
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
      },
      Float64Array.of(-1.2, 1),
      options,
    );
    expect(largestDifference(place, [1, 1])).toBeLessThan(1e-6);
  });

  it('stays where it starts at the minimum, and says when it gave up', async () => {
    const objective = bowl([1, 50], [2, -3]);
    const there = await minimise(objective, Float64Array.of(2, -3), options);
    expect(there).toMatchObject({ iterations: 0, converged: true });
    const short = await minimise(objective, Float64Array.of(9, 9), { ...options, iterations: 1 });
    expect(short.converged).toBe(false);
  });

  it('stops when told to', async () => {
    const run = minimise(bowl([1], [1]), new Float64Array(1), options, { signal: AbortSignal.abort() });
    await expect(run).rejects.toMatchObject({ name: 'CancelledError' });
  });
});
