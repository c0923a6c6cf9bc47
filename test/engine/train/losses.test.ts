/** @file Every fine-tuning objective in a whole model: value, and gradient of every parameter, against the reference. */

import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../src/graph/graph.ts';
import { type ModelConfig, modelConfig } from '../../../src/model/config.ts';
import type { DeviceName } from '../../../src/runtime/device.ts';
import type { NamedTensors } from '../../../src/runtime/executable.ts';
import type { StateDict, Tensor } from '../../../src/support/tensor.ts';
import { type ObjectiveOptions, type ObjectiveWeights, objectives } from '../../../src/train/objectives.ts';
import { type ModelCase, readCase } from '../model/fixture.ts';
import { needsNativeRuntime } from '../need.ts';
import { batchOf } from './batch.ts';
import { type Differentiated, differentiated, expectGradients, expectLoss } from './gradients.ts';

needsNativeRuntime();

/** Training without dropout, so that batch norm takes the batch's own statistics. */
const training: ObjectiveOptions['training'] = () => ({ probabilities: 'stored' });

/** The loss of one part of the objectives, or of their sum, with the other parts as further results. */
async function lossOf(
  fixture: ModelCase,
  config: ModelConfig,
  options: ObjectiveOptions,
  { part, feeds, device }: { part?: string; feeds?: NamedTensors; device?: DeviceName } = {},
): Promise<Differentiated> {
  const build = (graph: Graph) => {
    const { total, parts, buffers = new Map() } = objectives(config, options)(graph);
    const loss = part === undefined ? total : parts.get(part);
    if (loss === undefined) throw new Error(`no part ${part}`);
    return { loss, outputs: new Map([...parts, ...buffers]) };
  };
  return differentiated(
    build,
    { ...Object.fromEntries(fixture.state), ...batchOf(fixture), ...feeds },
    device,
  );
}

const number = (tensor: Tensor | undefined): number => Number(tensor?.data[0]);

describe('losses', () => {
  const name = 'losses';
  /** The fixture's name of an objective, and ours. */
  const cases: Record<string, [ObjectiveWeights, string]> = {
    gep: [{ gep: 1 }, 'gep'],
    gep_zero: [{ gep: 1 }, 'gep_zero'],
    gepc: [{ gepc: 1 }, 'gepc'],
    gepc_zero: [{ gepc: 1 }, 'gepc_zero'],
    ecs: [{ ecs: 10 }, 'ecs'],
    dab: [{ dar: 1 }, 'dar'],
    cce: [{ cce: 10 }, 'cce'],
    cls: [{ cls: 1 }, 'cls'],
  };
  for (const [objective, [weights, part]] of Object.entries(cases)) {
    it(`${objective} alone`, async () => {
      const { fixture, config } = await withHeads(name);
      const { loss, gradients } = await lossOf(fixture, config, { weights, training }, { part });
      expectLoss(fixture, name, `loss/${objective}`, loss);
      expect(expectGradients(fixture, name, objective, gradients)).toBeGreaterThan(40);
    });
  }

  const integration: ObjectiveWeights = { gep: 1, gepc: 1, ecs: 10, dar: 1 };

  it('the weighted sum, with its parts reported unweighted', async () => {
    const { fixture, config } = await withHeads(name);
    const { loss, gradients, outputs } = await lossOf(fixture, config, { weights: integration, training });
    expectLoss(fixture, name, 'loss/sum_integration', loss);
    expect(expectGradients(fixture, name, 'sum_integration', gradients)).toBe(75);
    for (const part of ['gep', 'gep_zero', 'gepc', 'gepc_zero', 'ecs']) {
      expectLoss(fixture, name, `loss/${part}`, number(outputs.get(part)));
    }
    expectLoss(fixture, name, 'loss/dab', number(outputs.get('dar')));
  });

  it('the same with values embedded once each', async () => {
    const { fixture, config } = await withHeads(name);
    const batch = batchOf(fixture);
    const distinctValues = Float32Array.from(new Set(batch.values.data as Float32Array));
    const values: Tensor = {
      dtype: 'int32',
      shape: batch.values.shape,
      data: Int32Array.from(batch.values.data as Float32Array, (value) => distinctValues.indexOf(value)),
    };
    const options = { weights: integration, training, distinctValues };
    const { loss, gradients } = await lossOf(fixture, config, options, { feeds: { values } });
    expectLoss(fixture, name, 'loss/sum_integration', loss);
    expect(expectGradients(fixture, name, 'sum_integration', gradients)).toBe(75);
  });

  it('the weighted sum in WebAssembly', async () => {
    const { fixture, config } = await withHeads(name);
    const options = { weights: integration, training };
    const { loss, gradients } = await lossOf(fixture, config, options, { device: 'wasm' });
    expectLoss(fixture, name, 'loss/sum_integration', loss);
    expect(expectGradients(fixture, name, 'sum_integration', gradients)).toBe(75);
  });
});

describe('losses-annotation', () => {
  const name = 'losses-annotation';

  it('cross entropy of the class head', async () => {
    const fixture = await readCase(name);
    const options = { weights: { cls: 1 }, training };
    const { loss, gradients } = await lossOf(fixture, fixture.config, options);
    expectLoss(fixture, name, 'loss/sum_annotation', loss);
    expectLoss(fixture, name, 'loss/cls', loss);
    expect(expectGradients(fixture, name, 'sum_annotation', gradients)).toBe(55);
  });

  it('masked objectives are not a number where nothing is masked', async () => {
    const fixture = await readCase(name);
    const { loss } = await lossOf(fixture, fixture.config, { weights: { gep: 1 }, training });
    expectLoss(fixture, name, 'loss/gep', loss);
  });
});

describe('losses-integration', () => {
  const name = 'losses-integration';

  it('the sum, inputs normalised as cells of the first cell’s domain', async () => {
    const { fixture, config } = await withHeads(name);
    const weights = { gep: 1, gepc: 1, ecs: 10, dar: 1 };
    const feeds = currentDomain(fixture.state, Number(fixture.tensor('in/batch_labels').data[0]));
    const { loss, gradients, outputs } = await lossOf(fixture, config, { weights, training }, { feeds });
    expectLoss(fixture, name, 'loss/sum_integration', loss);
    for (const part of ['gep', 'gep_zero', 'gepc', 'gepc_zero', 'ecs']) {
      expectLoss(fixture, name, `loss/${part}`, number(outputs.get(part)));
    }
    expectLoss(fixture, name, 'loss/dab', number(outputs.get('dar')));
    expect(expectGradients(fixture, name, 'sum_integration', gradients)).toBe(75);
  });
});

describe.each(['dsbn', 'batchnorm'])('%s', (name) => {
  it('trains three steps by the statistics of each batch, which the stored ones follow', async () => {
    const fixture = await readCase(name);
    let state = fixture.state;
    for (const step of ['step0', 'step1', 'step2']) {
      const batch = batchOf(fixture, `${step}.`);
      const domain = Number(fixture.tensor(`in/${step}.batch_labels`).data[0]);
      const current = name === 'dsbn' ? currentDomain(state, domain) : {};
      const feeds = { ...Object.fromEntries(state), ...batch, masked: masked(batch.values), ...current };
      const options = { weights: { gep: 1 }, training };
      const { loss, gradients, outputs } = await lossOf(fixture, fixture.config, options, { feeds });
      expectLoss(fixture, name, `out/${step}.loss`, loss);
      if (step === 'step0') expect(expectGradients(fixture, name, '', gradients)).toBeGreaterThan(50);
      const moved = [...outputs].filter(([key]) => key.includes('running_'));
      expect(moved).toHaveLength(2);
      state = new Map([
        ...state,
        ...moved.map(([key, tensor]) => [key.replace('.current.', `.${domain}.`), tensor] as const),
      ]);
      for (const [key, tensor] of state) {
        if (key.includes('running_')) fixture.check(`${step}.after.${key}`, tensor);
      }
    }
  });
});

/** A fixture and its configuration with what the fixtures' classes hold beside their arguments. */
async function withHeads(name: string): Promise<{ fixture: ModelCase; config: ModelConfig }> {
  const fixture = await readCase(name);
  return { fixture, config: modelConfig({ ...fixture.config, doDab: true, ecsThreshold: 0.8 }) };
}

/** A domain's statistics under the names that training in any domain reads. */
function currentDomain(state: StateDict, domain: number): NamedTensors {
  const prefix = `dsbn.bns.${domain}.`;
  const found = [...state].filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(
    found.map(([key, tensor]) => [`dsbn.bns.current.${key.slice(prefix.length)}`, tensor]),
  );
}

/** Where values are hidden: those that are -1. */
function masked({ shape, data }: Tensor): Tensor {
  return {
    dtype: 'bool',
    shape,
    data: Uint8Array.from(data as Float32Array, (value) => Number(value === -1)),
  };
}
