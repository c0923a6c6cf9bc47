/** @file A perturbation carried over to an unseen context, on made contexts whose truth is known. */

import { describe, expect, it } from 'vitest';
import {
  contextBaselines,
  nearestContext,
} from '../../../../src/analysis/perturbation/contexts/baselines.ts';
import { withFoldChange } from '../../../../src/analysis/perturbation/contexts/fold-change.ts';
import { similarContexts } from '../../../../src/analysis/perturbation/contexts/similar-contexts.ts';

/** Two families of contexts; the perturbation multiplies counts, differently in each family. */
function made(family: number, member: number) {
  const counts = Array.from({ length: 60 }, (_, gene) => {
    const base = 1 + Math.sin(gene * (family + 1)) ** 2 * 5;
    return base * (1 + 0.1 * Math.sin(gene * 3 + member));
  });
  const ratio = (gene: number) => (gene % (family + 3) === 0 ? 4 : 1);
  return {
    control: Float64Array.from(counts, Math.log1p),
    perturbed: Float64Array.from(counts, (value, gene) => Math.log1p(value * ratio(gene))),
  };
}
const contexts = [made(0, 0), made(0, 1), made(0, 2), made(1, 0), made(1, 1), made(1, 2)];
const training = {
  control: contexts.map(({ control }) => control),
  perturbed: contexts.map(({ perturbed }) => perturbed),
};
const errorOf = (found: Float64Array, truth: Float64Array) =>
  found.reduce((sum, value, gene) => sum + (value - truth[gene]) ** 2, 0);

describe('contexts', () => {
  it('finds the context of the same family', () => {
    expect(nearestContext(training, made(0, 7).control)).toBeLessThan(3);
    expect(nearestContext(training, made(1, 7).control)).toBeGreaterThan(2);
  });

  it('carries a change over within its family, better than every baseline that averages all', () => {
    for (const family of [0, 1]) {
      const { control, perturbed } = made(family, 7);
      const found = errorOf(similarContexts.fit(training).predict(control), perturbed);
      for (const id of ['no-change', 'mean-shift', 'fold-change', 'perturbed-mean']) {
        const baseline = contextBaselines.find((method) => method.id === id)!;
        expect(found, id).toBeLessThan(0.2 * errorOf(baseline.fit(training).predict(control), perturbed));
      }
    }
  });

  it('predicts with one training context, and never below 0', () => {
    const one = { control: training.control.slice(0, 1), perturbed: training.perturbed.slice(0, 1) };
    const { control, perturbed } = made(0, 7);
    const found = similarContexts.fit(one).predict(control);
    expect(errorOf(found, perturbed)).toBeLessThan(0.2 * errorOf(control, perturbed));
    expect(Math.min(...found)).toBeGreaterThanOrEqual(0);
  });

  it('multiplies counts', () => {
    const [from, to, own] = [3, 7, 1].map((value) => Float64Array.of(Math.log1p(value)));
    expect(Math.expm1(withFoldChange(own, { from, to }, 0)[0])).toBeCloseTo(7 / 3, 12);
    const absent = Float64Array.of(0);
    expect(withFoldChange(own, { from: absent, to: absent }, 0.1)[0]).toBeCloseTo(own[0], 12);
  });
});
