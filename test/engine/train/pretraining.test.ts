/** @file The objectives of generative pre-training, alone and together: value and every gradient against the reference. */

import { describe, expect, it } from 'vitest';
import type { Graph, Value } from '../../../src/graph/graph.ts';
import { add } from '../../../src/graph/ops/elementwise.ts';
import type { DeviceName } from '../../../src/runtime/device.ts';
import type { Tensor } from '../../../src/support/tensor.ts';
import { type PretrainingOptions, pretrainingObjectives } from '../../../src/train/pretraining.ts';
import { type ModelCase, readCase } from '../model/fixture.ts';
import { feedsOf, generativeCases } from '../model/generative-case.ts';
import { needsNativeRuntime } from '../need.ts';
import { type Differentiated, differentiated, expectGradients, expectLoss } from './gradients.ts';

needsNativeRuntime();

/** Our names of the fixture's losses. */
const losses = {
  gen_mse: ['gep'],
  mvc_mse: ['gepc'],
  second_gen_mse: ['cell_prompt'],
  first_pass: ['gep', 'gepc'],
} as const;

/** Weights kept for the backward pass, as training has them. */
const stored: PretrainingOptions['training'] = () => ({ probabilities: 'stored' });
const recomputed: PretrainingOptions['training'] = () => ({ probabilities: 'recomputed' });

async function lossOf(
  fixture: ModelCase,
  parts: readonly string[] | 'total',
  training: PretrainingOptions['training'] = stored,
  device?: DeviceName,
): Promise<Differentiated> {
  const build = (graph: Graph) => {
    const made = pretrainingObjectives(fixture.config, { cellPrompted: true, training })(graph);
    if (parts === 'total') return { loss: made.total, outputs: made.parts };
    const chosen = parts.map((part) => made.parts.get(part) as Value);
    return { loss: chosen.reduce((sum, part) => add(sum, part)) };
  };
  const target = fixture.tensor('in/gen_expr_target');
  const feeds: Record<string, Tensor> = {
    ...Object.fromEntries(fixture.state),
    ...feedsOf(fixture),
    target: { dtype: 'float32', shape: target.shape, data: Float32Array.from(target.data as Float32Array) },
    scored: fixture.tensor('valid_gen'),
  };
  return differentiated(build, feeds, device);
}

/** The variants store gradients of some losses only. */
function hasGradients({ tensors }: ModelCase, prefix: string): boolean {
  return [...tensors.keys()].some((key) => key.startsWith(prefix));
}

describe.each(generativeCases)('%s', (name) => {
  it.each(Object.entries(losses))('%s', async (loss, parts) => {
    const fixture = await readCase(name);
    if (!fixture.tensors.has(`loss/${loss}`)) return;
    const found = await lossOf(fixture, parts);
    expectLoss(fixture, name, `loss/${loss}`, found.loss);
    if (hasGradients(fixture, `grad_${loss}/`)) {
      expect(expectGradients(fixture, name, `grad_${loss}`, found.gradients)).toBeGreaterThan(40);
    }
  });

  it.each([
    ['with attention weights stored', stored],
    ['with attention weights computed again', recomputed],
  ])('the sum of all, %s', async (_, training) => {
    const fixture = await readCase(name);
    const found = await lossOf(fixture, 'total', training);
    expectLoss(fixture, name, 'loss/total', found.loss);
    if (hasGradients(fixture, 'grad/')) {
      expect(expectGradients(fixture, name, '', found.gradients)).toBeGreaterThan(40);
    }
  });
});

it('gives the same on WebAssembly', async () => {
  const [name] = generativeCases;
  const fixture = await readCase(name);
  const found = await lossOf(fixture, 'total', stored, 'wasm');
  expectLoss(fixture, name, 'loss/total', found.loss);
  expectGradients(fixture, name, '', found.gradients);
});
