/** @file Pre-training from a model: compact vocabularies, freezing, low rank, released models, and runs that break off. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ModelConfig, modelConfig } from '../../../src/model/config.ts';
import type { ModelFolderKind } from '../../../src/model/folder-layout.ts';
import { writeModelFolder } from '../../../src/model/folder-on-disk.ts';
import { initialParameters } from '../../../src/model/initial-parameters.ts';
import { expectedParameters } from '../../../src/model/parameters.ts';
import type { NamedTensors } from '../../../src/runtime/executable.ts';
import { openData } from '../../../src/single-cell/open.ts';
import { subsetObs } from '../../../src/single-cell/subset.ts';
import { specialTokens, Vocabulary } from '../../../src/single-cell/vocabulary.ts';
import { CheckpointError, OutputError } from '../../../src/support/errors.ts';
import { RecordingLogger } from '../../../src/support/log.ts';
import { bytesOf, type StateDict, type Tensor } from '../../../src/support/tensor.ts';
import { openModel } from '../../../src/tasks/model.ts';
import { corpusOf, type NamedData } from '../../../src/tasks/pretrain/corpus.ts';
import { type PretrainFilesOptions, pretrainInto } from '../../../src/tasks/pretrain/files.ts';
import { pretrain } from '../../../src/tasks/pretrain/pretrain.ts';
import { pretrainDefaults } from '../../../src/tasks/pretrain/settings.ts';
import { openTraining } from '../../../src/tasks/pretrain/training.ts';
import { compactVocabulary } from '../../../src/train/compact-vocabulary.ts';
import { needsNativeRuntime } from '../need.ts';

needsNativeRuntime();

const demo = fileURLToPath(new URL('../../../demo/pbmc_three_sources.h5ad', import.meta.url));
const table = 'encoder.embedding.weight';

let scratch: string;
let data: NamedData;
let vocabulary: Vocabulary;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'scgpt-pretrain-'));
  const whole = await openData(demo);
  data = {
    label: 'cells.h5ad',
    data: subsetObs(
      whole,
      Int32Array.from({ length: 96 }, (_, i) => i * 38),
    ),
  };
  const genes = whole.var.index.slice(0, 400);
  const absent = Array.from({ length: 300 }, (_, i) => `ABSENT${i}`);
  const mixed = genes.flatMap((gene, i) => (i < absent.length ? [absent[i], gene] : [gene]));
  vocabulary = Vocabulary.fromTokens([...mixed, ...Object.values(specialTokens)]);
});
afterAll(async () => {
  await data.data.close();
  rmSync(scratch, { recursive: true, force: true });
});

const small = { embeddingSize: 16, heads: 2, hiddenSize: 24, layers: 2, bins: 21, maxLength: 60 };
const quick = { epochs: 2, batchSize: 16, maxLength: 60, learningRate: 1e-2, threads: 1 } as const;

function configOf(more: Partial<ModelConfig> = {}): ModelConfig {
  return modelConfig({ architecture: 'pretraining', vocabularySize: vocabulary.size, ...small, ...more });
}

const hex = (tensor: Tensor | undefined): string => Buffer.from(bytesOf(tensor!)).toString('hex');

/** Names of the parameters whose bytes differ. */
function changed(before: StateDict, after: StateDict): string[] {
  expect([...after.keys()]).toEqual([...before.keys()]);
  return [...before.keys()].filter((name) => hex(before.get(name)) !== hex(after.get(name)));
}

describe('a vocabulary of the tokens that occur', () => {
  it('trains what the whole table would train, bit for bit', async () => {
    const config = configOf();
    const parameters = initialParameters(config, 3);
    const corpus = await corpusOf([data], vocabulary, {});
    const { rows } = corpus.compact;
    expect(rows.length).toBeLessThan(420);
    const settings = { ...pretrainDefaults, ...quick, clipNorm: 1e9 }; // norms add up in another order
    const start = { config, vocabulary, parameters, drawn: new Set<string>() };
    const part = await openTraining(corpus, start, settings, { threads: 1 });
    const everything = { ...corpus, compact: compactVocabulary(vocabulary, vocabulary.tokens.keys()) };
    const whole = await openTraining(everything, start, settings, { threads: 1 });
    const translated = (feeds: NamedTensors): NamedTensors =>
      Object.fromEntries(
        Object.entries(feeds).map(([name, tensor]) => {
          if (!name.endsWith('Genes')) return [name, tensor];
          return [name, { ...tensor, data: (tensor.data as Int32Array).map((id) => rows[id]) } as Tensor];
        }),
      );
    for await (const { feeds } of part.batches(
      Int32Array.from({ length: 64 }, (_, i) => i),
      1,
    )) {
      const losses = await part.trainer.step(feeds, 1e-2);
      expect(await whole.trainer.step(translated(feeds), 1e-2)).toEqual(losses);
    }
    const [few, all] = [part, whole].map(({ model, trainer }) => model(trainer.state.parameters).parameters);
    expect(changed(few, all)).toEqual([]);
    expect(changed(parameters, few)).toContain(table);
    for (const { trainer } of [part, whole]) await trainer.dispose();
  });

  it('leaves every other row as it was', async () => {
    const config = configOf();
    const parameters = initialParameters(config, 3);
    const start = { config, vocabulary, parameters, drawn: new Set<string>() };
    const corpus = await corpusOf([data], vocabulary, {});
    const { model, outcome } = await pretrain(
      corpus,
      start,
      { ...pretrainDefaults, ...quick },
      { threads: 1 },
    );
    expect(outcome.bestStep).toBeGreaterThan(0);
    const row = (state: StateDict, id: number) =>
      [...(state.get(table) as Tensor<'float32'>).data.subarray(16 * id, 16 * id + 16)].join();
    const initial = initialParameters(config, 3);
    const moved = [...vocabulary.tokens.keys()].filter(
      (id) => row(model.parameters, id) !== row(initial, id),
    );
    expect(moved.length).toBeGreaterThan(300);
    const used = new Set(corpus.compact.rows);
    expect(moved.filter((id) => !used.has(id))).toEqual([]);
    expect(changed(initial, parameters)).toEqual([]); // the model given is as it was
  });
});

/** Writes a random model of this shape, and gives its parameters. */
async function modelAt(
  path: string,
  config: ModelConfig,
  format: ModelFolderKind = 'scgpt',
): Promise<StateDict> {
  const parameters = initialParameters(config, 3);
  await writeModelFolder(join(scratch, path), { config, vocabulary, parameters }, { format });
  return parameters;
}

async function continued(
  init: string,
  output: string,
  options: Partial<PretrainFilesOptions> = {},
): Promise<{ parameters: StateDict; config: ModelConfig; warnings: readonly string[] }> {
  const logger = new RecordingLogger();
  await pretrainInto([data], {
    ...quick,
    ...options,
    init: join(scratch, init),
    output: join(scratch, output),
    logger,
  });
  const model = await openModel(join(scratch, output));
  return { parameters: await model.parameters(), config: model.config, warnings: logger.warnings };
}

describe('going on from a model', () => {
  let before: StateDict;
  beforeAll(async () => {
    before = await modelAt('model', configOf({ classes: 3, classifierLayers: 2 }));
  });
  const isHead = (name: string) => /^(mvc_)?decoder\./.test(name);
  const isCls = (name: string) => name.startsWith('cls_decoder.');

  it('trains everything that the objectives reach', async () => {
    const { parameters } = await continued('model', 'all');
    expect(changed(before, parameters)).toEqual([...before.keys()].filter((name) => !isCls(name)));
  });

  it('trains heads alone with the body frozen', async () => {
    const { parameters } = await continued('model', 'heads', { freeze: 'body' });
    expect(changed(before, parameters)).toEqual([...before.keys()].filter(isHead));
  });

  it('trains the last layer and the heads', async () => {
    const { parameters } = await continued('model', 'last', { freeze: 'last-1' });
    expect(changed(before, parameters)).toEqual(
      [...before.keys()].filter((name) => isHead(name) || name.includes('.layers.1.')),
    );
  });

  it('merges low-rank factors into the matrices of the transformer', async () => {
    const lora = { freeze: 'low-rank', loraRank: 2, loraAlpha: 4 } as const;
    const { parameters } = await continued('model', 'lora', lora);
    const isMatrix = (name: string) =>
      /\.layers\.\d\.(self_attn\.(Wqkv|out_proj)|linear[12])\.weight$/.test(name);
    expect(changed(before, parameters)).toEqual(
      [...before.keys()].filter((name) => isHead(name) || isMatrix(name)),
    );
    expect(rankOf(before, parameters, 'transformer_encoder.layers.0.linear1.weight')).toBe(2);
  });

  it('refuses more last layers than there are, and a size of its own', async () => {
    await expect(continued('model', 'none', { freeze: 'last-3' })).rejects.toThrow(/last 3 layers/);
    await expect(continued('model', 'none', { layers: 3 })).rejects.toThrow(/layers cannot be chosen/);
  });
});

/** The rank of what training added to a matrix: of its columns, after Gram and Schmidt. */
function rankOf(before: StateDict, after: StateDict, name: string): number {
  const [old, trained] = [before, after].map((state) => state.get(name) as Tensor<'float32'>);
  const [rows, columns] = old.shape;
  const basis: number[][] = [];
  for (let row = 0; row < rows; row++) {
    let rest = Array.from(
      { length: columns },
      (_, i) => trained.data[row * columns + i] - old.data[row * columns + i],
    );
    const length = Math.hypot(...rest);
    for (const unit of basis) {
      const share = unit.reduce((sum, value, i) => sum + value * rest[i], 0);
      rest = rest.map((value, i) => value - share * unit[i]);
    }
    const left = Math.hypot(...rest);
    if (left > 1e-3 * length && left > 1e-6) basis.push(rest.map((value) => value / left));
  }
  return basis.length;
}

describe('a released model, without the flag of unknown genes', () => {
  const released = { architecture: 'standard', classes: 4, explicitZeroProbability: true } as const;

  it.each([
    ['scgpt', 'none'],
    ['official', 'body'],
  ] as const)(
    'in the layout %s, gets one, which is trained with %s frozen, and keeps its other heads',
    async (format, freeze) => {
      const config = configOf(released);
      const before = await modelAt(`standard-${freeze}`, config, format);
      const {
        parameters,
        config: after,
        warnings,
      } = await continued(`standard-${freeze}`, `flagged-${freeze}`, { freeze });
      expect(warnings).toContainEqual(
        expect.stringMatching(/has no weights for generation flag: they begin at random/),
      );
      const { officialArguments: _, ...fields } = after;
      expect({ ...fields, officialArguments: {} }).toEqual({ ...config, architecture: 'pretraining' });
      expect([...parameters.keys()]).toEqual([...expectedParameters(after).keys()]);
      const flag = initialParameters(after, 0).get('flag_encoder.weight') as Tensor<'float32'>;
      const trained = parameters.get('flag_encoder.weight') as Tensor<'float32'>;
      expect([...trained.data.subarray(0, 16)]).toEqual([...flag.data.subarray(0, 16)]); // never used
      expect([...trained.data.subarray(16)]).not.toEqual([...flag.data.subarray(16)]);
      for (const [name, tensor] of before) {
        if (!/^cls_decoder|zero_logit/.test(name)) continue;
        expect(hex(parameters.get(name)), name).toBe(hex(tensor));
      }
    },
  );

  it('is refused where nothing defines how it generates', async () => {
    await modelAt(
      'batches',
      configOf({ architecture: 'standard', batchCount: 2, inputBatchNorm: 'per-batch' }),
    );
    const failure = await continued('batches', 'none').catch((error) => error);
    expect(failure).toBeInstanceOf(CheckpointError);
    expect(failure.message).toMatch(/cannot have inputBatchNorm per-batch/);
  });
});

describe('a run that breaks off', () => {
  class Crash extends Error {}

  it.each([
    ['new model', {}],
    ['gradients of three batches', { accumulate: 3 }],
    ['low-rank factors', { init: 'resumed', freeze: 'low-rank', recompute: true }],
    ['cell prompts, no dropout', { cellPrompted: true, dropout: 0 }],
  ] as const)('ends with the same bytes wherever it broke off: %s', async (name, { ...options }) => {
    const choices: Partial<PretrainFilesOptions> = {
      ...quick,
      embeddingSize: 16,
      layers: 2,
      heads: 2,
      ...options,
    };
    if ('init' in options) {
      await modelAt(name, configOf());
      Object.assign(choices, {
        init: join(scratch, name),
        embeddingSize: undefined,
        layers: undefined,
        heads: undefined,
      });
    }
    const at = (output: string) => join(scratch, `${name} ${output}`);
    await pretrainInto([data], { ...choices, output: at('whole') });
    for (let broke = 0, resume = false; ; broke++, resume = true) {
      let left = 3 + 2 * (broke % 3);
      const onProgress = ({ stage }: { stage: string }) => {
        if (stage === 'training' && --left === 0) throw new Crash();
      };
      const run = pretrainInto([data], {
        ...(resume ? { threads: 1 } : choices), // choices are remembered
        output: at('broken'),
        resume,
        checkpointSeconds: broke % 2 === 0 ? 0 : 300,
        onProgress,
      });
      const failure = await run.then(
        () => undefined,
        (error) => error,
      );
      if (failure === undefined) {
        expect(broke).toBeGreaterThanOrEqual(2);
        break;
      }
      expect(failure).toBeInstanceOf(Crash);
      expect(broke).toBeLessThan(30);
    }
    const models = await Promise.all(['whole', 'broken'].map((output) => openModel(at(output))));
    const [whole, broken] = await Promise.all(models.map((model) => model.parameters()));
    expect(changed(whole, broken)).toEqual([]);
    expect(models[0].config).toEqual(models[1].config);
  });

  it('is not lost when its model cannot be written', async () => {
    const output = join(scratch, 'taken');
    const choices = { ...quick, embeddingSize: 16, layers: 1, heads: 2 };
    const onProgress = ({ stage }: { stage: string }) => {
      if (stage !== 'training') return;
      mkdirSync(output, { recursive: true });
      writeFileSync(join(output, 'mine.txt'), 'mine');
    };
    const failure = await pretrainInto([data], { ...choices, output, onProgress }).catch((error) => error);
    expect(failure).toBeInstanceOf(OutputError);
    expect(failure.message).toMatch(/could not be written: .*mine\.txt.*--resume: training is done/);
    rmSync(output, { recursive: true });
    const done = await pretrainInto([data], { output, resume: true, threads: 1 });
    expect(done.steps).toBeGreaterThan(0);
    expect((await openModel(output)).trained).toBe(true);
  });
});
