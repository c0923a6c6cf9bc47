/**
 * @file Writes a model folder with random weights: of the published size by default, or any other.
 *
 * `node .build/scripts/make-random-model.js <folder> [--format official] [--layers 12] [--embedding-size 512] ...`.
 * Weights come from an integer formula, so every run on every machine writes the same numbers, and the Python that
 * made the fixtures writes them too.
 */

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { type ModelConfig, modelConfig } from '../src/model/config.ts';
import { type WriteModelOptions, writeModelFolder } from '../src/model/folder-on-disk.ts';
import { expectedParameters } from '../src/model/parameters.ts';
import { loadCensusVocabulary, packageData } from '../src/single-cell/genes/load.ts';
import { specialTokens, Vocabulary } from '../src/single-cell/vocabulary.ts';
import { elementCount, type StateDict } from '../src/support/tensor.ts';

/** Size and layout of a random model; what is left out is as published. */
export type RandomModelOptions = Partial<Omit<ModelConfig, 'vocabularySize' | 'trained'>> &
  WriteModelOptions & {
    /** Genes of the published vocabulary to take, from its start. Default: all 60,694; special tokens follow. */
    readonly genes?: number | undefined;
  };

/** Writes a model folder with random weights. Run in the repository, whose `data` folder has the vocabulary. */
export async function writeRandomModel(folder: string, options: RandomModelOptions = {}): Promise<void> {
  const { genes, format, dtype, force, ...fields } = options;
  const published = await loadCensusVocabulary(packageData(pathToFileURL(`${resolve('data')}/`)));
  const vocabulary = Vocabulary.fromTokens([...published.slice(0, genes), ...Object.values(specialTokens)]);
  const config = modelConfig({ ...fields, vocabularySize: vocabulary.size, trained: false });
  await writeModelFolder(
    folder,
    { config, vocabulary, parameters: randomParameters(config) },
    { format, dtype, force },
  );
}

/** Parameters of any size by the fixtures' formula: a parameter's draws depend on its place among the sorted names. */
export function randomParameters(config: ModelConfig): StateDict {
  const expected = expectedParameters(config);
  const drawn: StateDict = new Map();
  for (const [k, name] of [...expected.keys()].sort().entries()) {
    const { shape } = expected.get(name)!;
    const { centre, amplitude } = distribution(name, shape);
    drawn.set(
      name,
      name.endsWith('num_batches_tracked')
        ? { dtype: 'int64', shape, data: new BigInt64Array(1) }
        : { dtype: 'float32', shape, data: draws(k, elementCount(shape), centre, amplitude) },
    );
  }
  return new Map([...expected.keys()].map((name) => [name, drawn.get(name)!]));
}

/** Where the values of a kind of parameter lie: like trained ones in size, with no gain of 1 and no bias of 0. */
function distribution(name: string, shape: readonly number[]): { centre: number; amplitude: number } {
  if (shape.length === 1) {
    return /(weight|running_var)$/.test(name) ? { centre: 1, amplitude: 0.2 } : { centre: 0, amplitude: 0.1 };
  }
  if (name.endsWith('embedding.weight')) return { centre: 0, amplitude: 0.1 };
  return { centre: 0, amplitude: name === 'value_encoder.linear1.weight' ? 0.5 : 0.06 };
}

/** Uniform draws from MurmurHash3's finaliser over element and parameter number. */
function draws(k: number, count: number, centre: number, amplitude: number): Float32Array {
  const values = new Float32Array(count);
  const offset = Math.imul(k + 1, 0x9e3779b1);
  for (let i = 0; i < count; i++) {
    let x = (i + offset) | 0;
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    x ^= x >>> 16;
    values[i] = centre + amplitude * (2 * ((x >>> 0) / 4294967296) - 1);
  }
  return values;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      format: { type: 'string', default: 'scgpt' },
      dtype: { type: 'string', default: 'float32' },
      force: { type: 'boolean', default: false },
      genes: { type: 'string' },
      layers: { type: 'string' },
      heads: { type: 'string' },
      'embedding-size': { type: 'string' },
      'hidden-size': { type: 'string' },
    },
  });
  const number = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : Number(text);
  const sizes = {
    layers: number(values.layers),
    heads: number(values.heads),
    embeddingSize: number(values['embedding-size']),
    hiddenSize: number(values['hidden-size']),
  };
  const given = Object.fromEntries(Object.entries(sizes).filter(([, size]) => size !== undefined));
  await writeRandomModel(positionals[0], {
    ...given,
    genes: number(values.genes),
    format: values.format === 'official' ? 'official' : 'scgpt',
    dtype: values.dtype === 'float16' ? 'float16' : 'float32',
    force: values.force,
  });
  console.log(`wrote ${positionals[0]}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
