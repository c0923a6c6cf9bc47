/** @file Both ways to train against the batch: one reversed gradient, or two objectives taken in turn. */

import { describe, expect, it } from 'vitest';
import type { Graph, Value } from '../../../src/graph/graph.ts';
import { multiply, stopGradient } from '../../../src/graph/ops/elementwise.ts';
import { cellInputs, scgpt } from '../../../src/model/scgpt.ts';
import { batchDiscriminator } from '../../../src/nn/classifier.ts';
import { crossEntropy } from '../../../src/nn/losses.ts';
import { Scope } from '../../../src/nn/scope.ts';
import type { Tensor } from '../../../src/support/tensor.ts';
import { type ModelCase, readCase } from '../model/fixture.ts';
import { needsNativeRuntime } from '../need.ts';
import { batchOf, largestDifference, tensorRule } from './batch.ts';
import { differentiated, expectGradients, expectLoss } from './gradients.ts';

needsNativeRuntime();

const name = 'adversary';
const batches = 3;

/** Cross entropy of the discriminator on cell embeddings. */
function discriminate(graph: Graph, cell: Value, reverse?: number): Value {
  const width = Number(cell.shape[1]);
  const logits = batchDiscriminator(new Scope(graph, 'disc.'), cell, { width, batches, reverse });
  return crossEntropy(logits, graph.input('batch', 'int32', ['cells']));
}

function feedsOf(fixture: ModelCase) {
  return { ...Object.fromEntries(fixture.state), ...batchOf(fixture) };
}

/** Gradients of one of the two modules, under its own names. */
function ofModule(prefix: string, gradients: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  const own = [...gradients].filter(([key]) => key.startsWith(prefix));
  return new Map(own.map(([key, gradient]) => [key.slice(prefix.length), gradient]));
}

describe.each([
  ['plain', undefined],
  ['reversed', 1],
] as const)('%s', (key, reverse) => {
  it('differentiates by the discriminator and by what it reads', async () => {
    const fixture = await readCase(name);
    const feeds = { ...feedsOf(fixture), cell: fixture.tensor('in/cell_emb') };
    const { loss, gradients } = await differentiated((graph) => {
      const cell = graph.input('cell', 'float32', ['cells', fixture.config.embeddingSize]);
      const value = discriminate(graph, cell, reverse);
      return { loss: value, by: new Map([...graph.parameters, ['disc.cell_emb', cell]]) };
    }, feeds);
    expectLoss(fixture, name, `loss/${key}`, loss);
    const found = ofModule('disc.', gradients);
    expect(expectGradients(fixture, name, key, found)).toBe(11);
    const expected = fixture.tensor(`grad/${key}/cell_emb`);
    const { atol } = tensorRule(name, `grad/${key}/cell_emb`);
    expect(largestDifference(found.get('cell_emb') as Tensor, expected)).toBeLessThanOrEqual(Number(atol));
  });
});

describe('in turn', () => {
  const objectives = {
    discriminator: ['disc.', (cell: Value) => discriminate(cell.graph, stopGradient(cell))],
    encoder: ['model.', (cell: Value) => multiply(discriminate(cell.graph, cell), -1)],
  } as const;
  it.each(['discriminator', 'encoder'] as const)('trains the %s', async (key) => {
    const fixture = await readCase(name);
    const [prefix, objective] = objectives[key];
    const { loss, gradients } = await differentiated((graph) => {
      const model = new Scope(graph, 'model.');
      return { loss: objective(scgpt(model, fixture.config, cellInputs(graph, fixture.config)).cell) };
    }, feedsOf(fixture));
    expectLoss(fixture, name, `loss/${key}`, loss);
    expect(expectGradients(fixture, name, key, ofModule(prefix, gradients))).toBe(
      key === 'encoder' ? 45 : 10,
    );
    if (key === 'discriminator') expect(ofModule('model.', gradients).size).toBe(0);
  });
});
