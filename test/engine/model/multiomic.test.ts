/** @file The multi-omic model against the reference: forward pass, objectives, gradients. */

import { describe, expect, it } from 'vitest';
import { Graph, type Value } from '../../../src/graph/graph.ts';
import { modelConfig } from '../../../src/model/config.ts';
import { expectedParameters } from '../../../src/model/parameters.ts';
import { cellInputs, scgpt } from '../../../src/model/scgpt.ts';
import { Scope } from '../../../src/nn/scope.ts';
import { openDevice } from '../../../src/runtime/device.ts';
import { type ObjectiveWeights, objectives } from '../../../src/train/objectives.ts';
import { needsNativeRuntime } from '../need.ts';
import { batchOf } from '../train/batch.ts';
import { differentiated, expectGradients, expectLoss } from '../train/gradients.ts';
import { type ModelCase, readCase } from './fixture.ts';

needsNativeRuntime();

async function run(fixture: ModelCase, outputs: (graph: Graph) => Record<string, Value | undefined>) {
  const graph = new Graph();
  for (const [name, value] of Object.entries(outputs(graph)))
    if (value !== undefined) graph.output(name, value);
  const device = await openDevice({ device: 'cpu', threads: 1 });
  const executable = await device.load(graph, fixture.state);
  const feeds = batchOf(fixture);
  const results = await executable.run(
    Object.fromEntries(executable.inputs.map((name) => [name, feeds[name]])),
  );
  await executable.dispose();
  return results;
}

describe.each(['multiomic', 'multiomic-no-batch'])('%s', (name) => {
  it('has the parameters of the checkpoint, shape by shape', async () => {
    const { config, state } = await readCase(name);
    for (const [key, { shape }] of expectedParameters(config))
      expect(state.get(key)?.shape, key).toEqual(shape);
  });

  it('gives the reference outputs of every head', async () => {
    const fixture = await readCase(name);
    const results = await run(fixture, (graph) => {
      const { cell, expression, cellPrompted, classes, batches, modality, batch } = scgpt(
        new Scope(graph),
        fixture.config,
        cellInputs(graph, fixture.config),
      );
      return {
        cell_emb: cell,
        mlm_output: expression?.value,
        mlm_zero_probs: expression?.nonZeroProbability,
        mvc_output: cellPrompted?.value,
        mvc_zero_probs: cellPrompted?.nonZeroProbability,
        cls_output: fixture.tensors.has('out/cls_output') ? classes : undefined,
        dab_output: batches,
        mod_emb: modality,
        batch_emb: batch,
      };
    });
    const stored = [...fixture.tensors.keys()].filter((key) => key.startsWith('out/'));
    expect(Object.keys(results).sort()).toEqual(stored.map((key) => key.slice('out/'.length)).sort());
    for (const [key, value] of Object.entries(results)) fixture.check(key, value);
  });
});

/** Our weights, our part, and the fixture's name for it. */
const objectivesOf: Record<string, Record<string, [ObjectiveWeights, string | undefined]>> = {
  multiomic: {
    gep: [{ gep: 1 }, 'gep'],
    gepc: [{ gepc: 1 }, 'gepc'],
    dab: [{ dar: 1 }, 'dar'],
    cls: [{ cls: 1 }, 'cls'],
    ecs: [{ ecs: 1 }, 'ecs'],
    cce: [{ cce: 1 }, 'cce'],
    sum_multiomic: [{ gep: 1, gepc: 1, dar: 1 }, undefined],
  },
  'multiomic-no-batch': {
    gep: [{ gep: 1 }, 'gep'],
    gep_zero: [{ gep: 1 }, 'gep_zero'],
    gepc: [{ gepc: 1 }, 'gepc'],
    gepc_zero: [{ gepc: 1 }, 'gepc_zero'],
  },
};

for (const [name, cases] of Object.entries(objectivesOf)) {
  describe(`${name}: objectives`, () => {
    it.each(Object.entries(cases))('%s: value and every gradient', async (objective, [weights, part]) => {
      const fixture = await readCase(name);
      const config = modelConfig({ ...fixture.config, ecsThreshold: 0.3 });
      const { loss, gradients } = await differentiated(
        (graph) => {
          const { total, parts } = objectives(config, {
            weights,
            training: () => ({ probabilities: 'stored' }),
          })(graph);
          return { loss: part === undefined ? total : (parts.get(part) as Value) };
        },
        { ...Object.fromEntries(fixture.state), ...batchOf(fixture) },
      );
      expectLoss(fixture, name, `loss/${objective}`, loss);
      expect(expectGradients(fixture, name, objective, gradients)).toBeGreaterThan(40);
    });
  });
}
