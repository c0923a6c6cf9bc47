/** @file Reads a model fixture: its configuration as ours, its weights under official names, its tensors and tolerances. */

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { bytesSource } from '../../../src/model/checkpoint/byte-source.ts';
import { openCheckpoint } from '../../../src/model/checkpoint/open.ts';
import { type ModelConfig, modelConfig } from '../../../src/model/config.ts';
import type { StateDict, Tensor } from '../../../src/support/tensor.ts';
import { elementCount } from '../../../src/support/tensor.ts';
import { noteParity } from '../parity.ts';

interface Comparison {
  readonly tensor?: string;
  readonly where?: string;
  readonly atol?: number;
}

interface CaseFile {
  readonly model: { readonly config: Record<string, unknown> };
  readonly compare: readonly Comparison[];
  readonly weights?: {
    readonly parameters: readonly {
      k: number;
      name: string;
      shape: number[];
      centre: number;
      amplitude: number;
    }[];
  };
}

/** A fixture, ready to compare against. */
export interface ModelCase {
  readonly config: ModelConfig;
  readonly state: StateDict;
  readonly tensors: StateDict;
  /** A tensor of the fixture by name. */
  tensor(name: string): Tensor;
  /** The tolerance the fixture states for `out/<name>`. */
  tolerance(name: string): number;
  /** Compares with the expected tensor `out/<name>` within the tolerance the fixture states for it. */
  check(name: string, actual: Tensor | undefined): void;
}

const root = new URL('../../fixtures/model/', import.meta.url);

async function readCheckpoint(path: string): Promise<StateDict> {
  return (await openCheckpoint(bytesSource(readFileSync(new URL(path, root)), path))).read();
}

/** The fixtures' configuration keys (torch class arguments) under our names. */
function configOf(config: Record<string, unknown>): ModelConfig {
  const batchNorm =
    { dsbn: 'per-batch', batchnorm: 'shared' }[String(config.domain_spec_batchnorm)] ?? 'none';
  const style = String(config.mvc_decoder_style ?? 'inner product');
  const pretraining = config.use_generative_training === true;
  const perturbation = 'pert_pad_id' in config;
  const multiomic = 'use_mod' in config;
  return modelConfig({
    architecture: pretraining
      ? 'pretraining'
      : perturbation
        ? 'perturbation'
        : multiomic
          ? 'multiomic'
          : 'standard',
    modalityCount: config.use_mod === true ? Number(config.ntokens_mod) : 0,
    doDab: config.do_dab === true,
    perturbationPad: Number(config.pert_pad_id ?? 2),
    adaptiveBias: config.decoder_adaptive_bias === true,
    decoderActivation: (config.decoder_activation ?? null) as ModelConfig['decoderActivation'],
    vocabularySize: Number(config.ntoken),
    embeddingSize: Number(config.d_model),
    heads: Number(config.nhead),
    hiddenSize: Number(config.d_hid),
    layers: Number(config.nlayers),
    classifierLayers: Number(config.nlayers_cls),
    classes: pretraining ? 0 : Number(config.n_cls), // its checkpoints hold no classifier
    dropout: 0,
    padValue: Number(config.pad_value),
    bins: Number(config.d_model) === 512 ? 51 : 11, // as the cases' inputs are binned
    inputStyle: (config.input_emb_style ?? 'continuous') as ModelConfig['inputStyle'],
    inputBins: Number(config.n_input_bins ?? 0),
    cellEmbeddingStyle: (config.cell_emb_style ?? 'cls') as ModelConfig['cellEmbeddingStyle'],
    explicitZeroProbability: config.explicit_zero_prob === true,
    batchCount: Number(config.num_batch_labels ?? 0),
    useBatchLabels: config.use_batch_labels === true,
    inputBatchNorm: batchNorm as ModelConfig['inputBatchNorm'],
    doMvc: config.do_mvc === true,
    mvcDecoderStyle: style.replace(', detach', '') as ModelConfig['mvcDecoderStyle'],
    mvcDetach: style.endsWith('detach'),
    preNorm: config.pre_norm === true,
  });
}

/** Attention weights under the official names, as the checkpoint reader renames them. */
export function official(name: string): string {
  return name
    .replace(/self_attn\.in_proj_(weight|bias)$/, 'self_attn.Wqkv.$1')
    .replace(/self_attn\._impl\./, 'self_attn.');
}

/** The weights of `big-shape`: an integer hash of parameter and element (see its case.json). */
function weightsByFormula({ parameters }: NonNullable<CaseFile['weights']>): StateDict {
  const state: StateDict = new Map();
  for (const { k, name, shape, centre, amplitude } of parameters) {
    const data = new Float32Array(elementCount(shape));
    for (let i = 0; i < data.length; i++) {
      let x = ((i + (k + 1) * 0x9e3779b1) % 4294967296) | 0;
      x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
      x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
      x ^= x >>> 16;
      data[i] = centre + amplitude * ((2 * (x >>> 0)) / 4294967296 - 1);
    }
    state.set(name, { dtype: 'float32', shape, data });
  }
  return state;
}

/** The tensors of a fixture, and one of them by its name. */
export async function readTensors(name: string): Promise<Pick<ModelCase, 'tensors' | 'tensor'>> {
  const tensors = await readCheckpoint(`${name}/tensors.safetensors`);
  const tensor = (key: string): Tensor => {
    const found = tensors.get(key);
    if (found === undefined) throw new Error(`${name} has no tensor ${key}`);
    return found;
  };
  return { tensors, tensor };
}

export async function readCase(name: string): Promise<ModelCase> {
  const file: CaseFile = JSON.parse(readFileSync(new URL(`${name}/case.json`, root), 'utf8'));
  const { tensors, tensor } = await readTensors(name);
  const raw = file.weights ? weightsByFormula(file.weights) : await readCheckpoint(`${name}/state.pt`);
  const ruleOf = (key: string): Comparison & { readonly atol: number } => {
    const { atol, ...rule } = file.compare.find(({ tensor }) => tensor === `out/${key}`) ?? {};
    if (atol === undefined) throw new Error(`${name} states no tolerance for out/${key}`);
    return { ...rule, atol };
  };
  return {
    config: configOf(file.model.config),
    state: new Map([...raw].map(([key, value]) => [official(key), value])),
    tensors,
    tensor,
    tolerance: (key) => ruleOf(key).atol,
    check(key, actual) {
      const { where = '', atol } = ruleOf(key);
      const expected = tensor(`out/${key}`);
      expect(actual?.shape, key).toEqual(expected.shape);
      const mask = where.startsWith('valid_') ? where : 'valid'; // two streams have a mask each
      const valid = where === 'all' ? undefined : (tensor(mask).data as Uint8Array);
      const distance = largestDistance(actual as Tensor, expected, valid, where);
      noteParity({ case: name, kind: 'forward pass', tensor: key, distance, tolerance: atol });
      expect(distance, `${name} ${key}`).toBeLessThanOrEqual(atol);
    },
  };
}

/** The largest distance over comparable elements: real tokens, and for attention maps real queries (and keys). */
function largestDistance(
  actual: Tensor,
  expected: Tensor,
  valid: Uint8Array | undefined,
  where: string,
): number {
  const { shape } = expected;
  const perHead = where.startsWith('rows of valid queries');
  const [cells, tokens] = perHead ? [shape[0], shape[2]] : shape;
  let largest = 0;
  for (let i = 0; i < expected.data.length; i++) {
    if (valid !== undefined) {
      const place = indexOf(i, shape);
      const [cell, query, key] = perHead ? [place[0], place[2], place[3]] : place;
      if (valid[cell * tokens + query] === 0) continue;
      if (where.endsWith('valid keys') && valid[cell * tokens + key] === 0) continue;
    }
    const distance = Math.abs(Number(actual.data[i]) - Number(expected.data[i]));
    if (!(distance <= largest)) largest = distance; // a NaN is kept
  }
  if (cells === 0) throw new Error('nothing to compare');
  return largest;
}

function indexOf(flat: number, shape: readonly number[]): number[] {
  const place: number[] = [];
  for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
    place[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return place;
}
