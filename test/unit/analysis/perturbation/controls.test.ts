/** @file Controls matched by batch, the split-half ceiling, effects and the distance of groups. */

import { describe, expect, it } from 'vitest';
import { splitHalfCeiling } from '../../../../src/analysis/perturbation/ceiling.ts';
import { energyDistance } from '../../../../src/analysis/perturbation/distances.ts';
import { matchedControls } from '../../../../src/analysis/perturbation/matched-control.ts';
import { measuredEffects } from '../../../../src/analysis/perturbation/responders.ts';
import { unmeasuredNames } from '../../../../src/analysis/perturbation/screen.ts';
import { inMemory } from '../../../../src/single-cell/in-memory.ts';
import { matrixOf } from '../rows.ts';
import { codeOf, fixture, profiles, screen } from './fixture.ts';

const conditions = ['ctrl', 'A', 'B'].map((name, i) => ({ name, genes: i === 0 ? [] : [name] }));
const made = { conditions, control: 0, codes: Int32Array.of(0, 0, 0, 1, 1, 1, 2) };

describe('matchedControls', () => {
  it('weighs batches as the condition does, and falls back on all control cells', async () => {
    const expression = await inMemory(matrixOf(Float64Array.of(1, 3, 8, 0, 0, 0, 0), 7, 1));
    const batches = { codes: Int32Array.of(0, 0, 1, 0, 1, 1, 2), groups: ['x', 'y', 'z'] };
    const { controls, matched } = await matchedControls(expression, made, batches);
    expect(controls[1][0]).toBeCloseTo((2 + 2 * 8) / 3, 12);
    expect(controls[2][0]).toBeCloseTo(4, 12);
    expect([...matched]).toEqual([1, 1, 0]);
  });
});

describe('splitHalfCeiling', () => {
  it('is near 1 where the effect is strong, and lower with separate controls', async () => {
    const { means } = await profiles();
    const expression = await inMemory(matrixOf(fixture.f32('X'), 450, 80));
    const code = codeOf('G04+G57');
    const top = Int32Array.from(fixture.about.de_order_by_abs_t['G04+G57'].slice(0, 20));
    const known = { control: means[screen.control], centre: means[codeOf('G01+ctrl')], top };
    const [ceiling] = await splitHalfCeiling(expression, screen, new Map([[code, known]]));
    expect(ceiling.condition).toBe(code);
    expect(ceiling.scores.pearsonDelta).toBeGreaterThan(0.8);
    expect(ceiling.separateControls).toBeLessThan(ceiling.scores.pearsonDelta);
  });
});

describe('measuredEffects', () => {
  it('orders genes as the reference and counts those that differ', async () => {
    const effects = measuredEffects(screen, await profiles());
    const of = (name: string) => effects.find(({ condition }) => condition === codeOf(name));
    for (const name of fixture.about.parameters.test)
      expect([...(of(name)?.top ?? [])]).toEqual(fixture.about.de_order_by_abs_t[name].slice(0, 20));
    expect(effects).toHaveLength(screen.conditions.length - 1);
    for (const { differentGenes, responds } of effects) expect(responds).toBe(differentGenes >= 10);
  });
});

describe('unmeasuredNames', () => {
  it('lists perturbed names that are no gene of the data', () => {
    expect(unmeasuredNames(made, ['A', 'C'])).toEqual(['B']);
  });
});

describe('energyDistance', () => {
  it('is that of its definition, and far larger for groups that differ', async () => {
    const block = await matrixOf(Float64Array.of(0, 1, 0, 2, 10, 11), 6, 1).rows(0, 6);
    const near = energyDistance(block, Int32Array.of(0, 1), Int32Array.of(2, 3));
    // between: |0-0|, |0-2|, |1-0|, |1-2|, mean 1; within: 1 and 2
    expect(near).toBeCloseTo(2 * 1 - 1 - 2, 12);
    expect(energyDistance(block, Int32Array.of(0, 1), Int32Array.of(4, 5))).toBeCloseTo(2 * 10 - 1 - 1, 12);
  });
});
