/** @file The log-gamma function and its slope against values of the C library and of SciPy. */

import { describe, expect, it } from 'vitest';
import { logGamma } from '../../../../src/analysis/variational-autoencoder/log-gamma.ts';
import { reduceSum } from '../../../../src/graph/ops/reduce.ts';
import { needsNativeRuntime } from '../../need.ts';
import { differentiated } from '../../train/gradients.ts';

needsNativeRuntime();

/** An argument, its log-gamma (C's `lgamma`) and its digamma (`scipy.special.digamma`). */
const known = [
  [1e-6, 13.81550998074943, -1000000.57721402],
  [0.003, 5.807418734725977, -333.9056249854074],
  [0.1, 2.2527126517342055, -10.423754940411076],
  [0.5, 0.5723649429247004, -1.9635100260214235],
  [1, 0, -0.5772156649015329],
  [1.4616321449683622, -0.12148629053584936, 0],
  [2, 0, 0.42278433509846713],
  [2.5, 0.2846828704729196, 0.7031566406452432],
  [3.7, 1.4280723266653883, 1.1671535393615113],
  [10, 12.801827480081467, 2.251752589066721],
  [33.3, 82.60372358165495, 3.490467238520243],
  [250, 1128.5237708729908, 5.519459584531046],
  [1e4, 82099.71749644238, 9.21029037114285],
  [1e6, 12815504.569147611, 13.81551005796419],
  [1e9, 19723265827.503716, 20.723265836446412],
] as const;

/** Of the larger of a value and 1: float32 cancels where the function is near 0. */
const tolerance = 1e-5;

describe('logGamma', () => {
  it('and its slope are those of the libraries from 1e-6 to 1e9', async () => {
    const z = Float32Array.from(known, ([argument]) => argument);
    const found = await differentiated(
      (graph) => {
        const input = graph.input('z', 'float32', [known.length]);
        const value = logGamma(input);
        return {
          loss: reduceSum(value, [0]),
          by: new Map([['z', input]]),
          outputs: new Map([['value', value]]),
        };
      },
      { z: { dtype: 'float32', shape: [known.length], data: z } },
    );
    const values = found.outputs.get('value')?.data as Float32Array;
    const slopes = found.gradients.get('z')?.data as Float32Array;
    known.forEach(([argument, value, slope], i) => {
      expect(Math.abs(values[i] - value), `at ${argument}`).toBeLessThan(tolerance * Math.max(1, value));
      expect(Math.abs(slopes[i] - slope), `slope at ${argument}`).toBeLessThan(
        tolerance * Math.max(1, Math.abs(slope)),
      );
    });
  });
});
