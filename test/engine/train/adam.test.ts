/** @file Six optimiser steps of a whole model against the reference's, Adam and AdamW. */

import { describe, expect, it } from 'vitest';
import { modelConfig } from '../../../src/model/config.ts';
import { openDevice } from '../../../src/runtime/device.ts';
import type { Tensor } from '../../../src/support/tensor.ts';
import { objectives } from '../../../src/train/objectives.ts';
import type { AdamSettings } from '../../../src/train/optimiser.ts';
import { createTrainer } from '../../../src/train/trainer.ts';
import { type ModelCase, official, readCase } from '../model/fixture.ts';
import { needsNativeRuntime } from '../need.ts';
import { noteParity } from '../parity.ts';
import { batchOf, caseFile, groupRule, largestDifference } from './batch.ts';

needsNativeRuntime();

describe.each(['adam-steps', 'adam-steps-eps', 'adamw-steps'])('%s', (name) => {
  it('follows the reference step by step', async () => {
    const fixture = await readCase(name);
    const config = modelConfig({ ...fixture.config, doDab: true, ecsThreshold: 0.8 });
    const { optimizer_args: given } = caseFile(name).run as Run;
    const adam: AdamSettings = {
      epsilon: given.eps ?? 1e-8,
      weightDecay: given.weight_decay ?? 0,
    };
    const build = objectives(config, { weights: { gep: 1, gepc: 1, ecs: 10, dar: 1 } });
    const device = await openDevice({ device: 'cpu', threads: 1 });
    const trainer = await createTrainer(device, { training: build, evaluation: build }, fixture.state, {
      adam,
      clipNorm: 1,
      seed: 0,
      trains: () => true,
    });
    for (let step = 1; step <= 6; step++) {
      const rate = fixture.tensor('out/lr').data[step - 1];
      const result = await trainer.step(batchOf(fixture, `batch${(step - 1) % 3}.`), Number(rate));
      expect(Math.abs(result.total - Number(fixture.tensor('out/loss').data[step - 1]))).toBeLessThan(2e-4);
      expect(
        Math.abs(result.gradientNorm - Number(fixture.tensor('out/grad_norm').data[step - 1])),
      ).toBeLessThan(0.01);
      if (step === 1 || step === 6) compareParameters({ ...fixture, name }, trainer.state.parameters, step);
    }
    await trainer.dispose();
  });
});

interface Run {
  readonly optimizer_args: { readonly eps?: number; readonly weight_decay?: number };
}

function compareParameters(
  fixture: ModelCase & { name: string },
  parameters: ReadonlyMap<string, Tensor>,
  step: number,
): void {
  const group = `out/param_step${step}/`;
  const { atol = 0 } = groupRule(fixture.name, `${group}*`);
  let compared = 0;
  for (const [key, expected] of fixture.tensors) {
    if (!key.startsWith(group)) continue;
    const parameter = key.slice(group.length);
    const stable = fixture.tensors.get(`stable/${parameter}`);
    const actual = parameters.get(official(parameter));
    expect(actual, parameter).toBeDefined();
    const distance = largestDifference(actual!, expected, stable);
    noteParity({ case: fixture.name, kind: 'optimiser steps', tensor: key, distance, tolerance: atol });
    expect(distance, `${parameter} step ${step}`).toBeLessThanOrEqual(atol);
    compared++;
  }
  expect(compared).toBeGreaterThan(40);
}
