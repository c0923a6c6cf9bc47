/** @file Model folders: both layouts open, convert into each other without loss, and fail with one clear sentence. */

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/model/checkpoint/byte-source.ts';
import { encodeSafetensors } from '../../../src/model/checkpoint/safetensors.ts';
import { type ModelFolder, openModelFolder } from '../../../src/model/folder.ts';
import { type WriteModelOptions, writeModelFolder } from '../../../src/model/folder-on-disk.ts';
import { CheckpointError, OutputError } from '../../../src/support/errors.ts';
import { fixtureJson, fixturePath, fixtureTensors } from './fixture.ts';

const release = fixturePath('checkpoints/official-release');
const scratch = mkdtempSync(join(tmpdir(), 'scgpt-folder-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let folder = '';
let tests = 0;
beforeEach(() => {
  folder = join(scratch, `model${tests++}`);
});

/** The release's files in a folder of their own. */
function copyOfRelease(): string {
  cpSync(release, folder, { recursive: true });
  return folder;
}

async function write(
  model: ModelFolder,
  path: string,
  options: WriteModelOptions = {},
  more = {},
): Promise<void> {
  const { config, vocabulary } = model;
  await writeModelFolder(
    path,
    { config, vocabulary, parameters: await model.parameters(), ...more },
    options,
  );
}

describe('the official layout', () => {
  it('opens with its configuration, vocabulary and exact weights', async () => {
    const model = await openModelFolder(release);
    expect(model).toMatchObject({
      kind: 'official',
      name: 'official-release',
      trained: true,
      card: undefined,
    });
    expect(model.config).toMatchObject({
      architecture: 'pretraining',
      embeddingSize: 32,
      doMvc: true,
      classes: 0,
    });
    expect(model.vocabulary.toJSON()).toEqual(fixtureJson('checkpoints/official-release/vocab.json'));
    const weights = fixtureTensors('checkpoints/tensors.safetensors', 'weights/');
    expect(await model.parameters()).toEqual(weights);
    expect((await model.load()).report).toMatchObject({ missing: [], unused: [], wrongShape: [] });
  });

  it('opens with model.pt as well, and prefers best_model.pt', async () => {
    const path = copyOfRelease();
    cpSync(join(path, 'best_model.pt'), join(path, 'model.pt'));
    expect((await openModelFolder(path)).checkpoint.name).toMatch(/best_model\.pt$/);
    rmSync(join(path, 'best_model.pt'));
    expect((await openModelFolder(path)).checkpoint.name).toMatch(/[/\\]model\.pt$/);
  });

  it('opens from files that a page was given', async () => {
    const names = readdirSync(release);
    const open = async (name: string) => bytesSource(readFileSync(join(release, name)), name);
    const model = await (await openModelFolder({ name: 'picked', names, open })).load();
    expect(model.hash).toBe((await (await openModelFolder(release)).load()).hash);
  });
});

describe('conversion', () => {
  it('to our layout and back loses nothing', async () => {
    const original = await (await openModelFolder(release)).load();
    const card = '# Card\n\nWritten by hand.\n';
    const task = { labels: ['B cell', 'T cell'] };
    await write(original, folder, {}, { card, task });
    expect(readdirSync(folder).sort()).toEqual([
      'config.json',
      'model-card.md',
      'model.safetensors',
      'task.json',
      'vocab.json',
    ]);
    const ours = await (await openModelFolder(folder)).load();
    expect(ours).toMatchObject({ kind: 'scgpt', card, task, config: original.config, hash: original.hash });

    const exported = `${folder}-official`;
    await write(ours, exported, { format: 'official' }, { card, task });
    const back = await (await openModelFolder(exported)).load();
    expect(back).toMatchObject({
      kind: 'official',
      card,
      task,
      config: original.config,
      hash: original.hash,
    });
    expect(await back.parameters()).toEqual(await original.parameters());
    for (const name of ['args.json', 'vocab.json']) {
      expect(JSON.parse(readFileSync(join(exported, name), 'utf8'))).toEqual(
        fixtureJson(`checkpoints/official-release/${name}`),
      );
    }
  });

  it('to float16 halves the weights and rounds each once', async () => {
    const original = await openModelFolder(release);
    for (const format of ['scgpt', 'official'] as const) {
      const path = `${folder}-${format}`;
      await write(original, path, { format, dtype: 'float16' });
      const half = await openModelFolder(path);
      expect([...half.checkpoint.tensors.values()].every(({ dtype }) => dtype === 'float16')).toBe(true);
      expect(await half.parameters()).toEqual(fixtureTensorsAsFloat32());
    }
  });

  it('writes a card that says what is known', async () => {
    const original = await openModelFolder(release);
    await write(original, folder);
    expect(readFileSync(join(folder, 'model-card.md'), 'utf8')).toMatch(/3 layers, 4 heads, width 32/);
  });
});

/** The reference's own rounding of the weights to float16, as float32. */
function fixtureTensorsAsFloat32(): Map<string, unknown> {
  return fixtureTensors('checkpoints/tensors.safetensors', 'weights_fp16/');
}

describe('the hash', () => {
  it('changes with a weight, a token and the configuration, and with nothing else', async () => {
    const model = await (await openModelFolder(release)).load();
    expect(model.hash).toMatch(/^[0-9a-f]{64}$/);
    const path = copyOfRelease();
    const edit = (name: string, change: (content: Record<string, unknown>) => void): void => {
      const content = fixtureJson<Record<string, unknown>>(`checkpoints/official-release/${name}`);
      change(content);
      writeFileSync(join(path, name), JSON.stringify(content));
    };
    const hash = async () => (await (await openModelFolder(path)).load()).hash;
    edit('args.json', (content) => {
      content.note = 'nothing reads this';
    });
    expect(await hash()).toBe(model.hash);
    edit('args.json', (content) => {
      content.n_bins = 50;
    });
    expect(await hash()).not.toBe(model.hash);
    edit('args.json', () => {});
    edit('vocab.json', (content) => {
      content.RENAMED = content.GENE00;
      delete content.GENE00;
    });
    expect(await hash()).not.toBe(model.hash);
    edit('vocab.json', () => {});
    expect(await hash()).toBe(model.hash);
    const parameters = new Map(await model.parameters());
    const bias = parameters.get('decoder.fc.4.bias')!;
    parameters.set('decoder.fc.4.bias', { ...bias, data: new Float32Array([0.25]) });
    rmSync(path, { recursive: true });
    await writeModelFolder(path, { ...model, parameters });
    expect(await hash()).not.toBe(model.hash);
  });
});

describe('wrong folders', () => {
  const refused = async (path: string, message: RegExp): Promise<void> => {
    await expect(openModelFolder(path)).rejects.toThrow(CheckpointError);
    await expect(openModelFolder(path)).rejects.toThrow(message);
  };

  it('are refused when there is none, or it is a file', async () => {
    await refused(join(scratch, 'nowhere'), /there is no such model folder/);
    await refused(join(release, 'best_model.pt'), /a file, not a model folder.*Give the folder it lies in/);
  });

  for (const name of ['args.json', 'vocab.json', 'best_model.pt']) {
    it(`are refused without ${name}, which is named`, async () => {
      rmSync(join(copyOfRelease(), name));
      await refused(folder, new RegExp(`no .*${name.replace('.', '\\.')}`));
    });

    it(`are refused when ${name} is a Git LFS pointer or a web page`, async () => {
      writeFileSync(
        join(copyOfRelease(), name),
        'version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 34\n',
      );
      await refused(folder, new RegExp(`${name.replace('.', '\\.')}: this is a Git LFS pointer`));
      writeFileSync(
        join(folder, name),
        '<!DOCTYPE html><html><head><title>Google Drive - Virus scan warning',
      );
      await refused(folder, new RegExp(`${name.replace('.', '\\.')}: this is a web page`));
    });
  }

  it('are refused when they are empty', async () => {
    mkdirSync(folder);
    await refused(folder, /it is empty/);
  });

  it('are refused when JSON is broken', async () => {
    writeFileSync(join(copyOfRelease(), 'args.json'), '{"embsize": 32,');
    await refused(folder, /args\.json: this is no JSON/);
  });

  it('are refused when the vocabulary has another size than the embedding table', async () => {
    const vocabulary = fixtureJson<Record<string, number>>('checkpoints/official-release/vocab.json');
    writeFileSync(join(copyOfRelease(), 'vocab.json'), JSON.stringify({ ...vocabulary, EXTRA: 60 }));
    await refused(folder, /61 tokens, the embedding table .* 60 rows/);
  });

  it('are refused when the padding token is not in the vocabulary', async () => {
    writeFileSync(
      join(copyOfRelease(), 'args.json'),
      JSON.stringify({ ...fixtureJson('checkpoints/official-release/args.json'), pad_token: '[PAD]' }),
    );
    await refused(folder, /padding token '\[PAD\]'/);
  });

  it('are refused when they hold the model of another program', async () => {
    mkdirSync(folder);
    writeFileSync(
      join(folder, 'config.json'),
      '{"architectures": ["BertForMaskedLM"], "model_type": "bert"}',
    );
    writeFileSync(join(folder, 'model.safetensors'), Buffer.concat(encodeSafetensors(new Map())));
    await refused(folder, /holds a BertForMaskedLM, not scGPT/);
  });

  it('are refused when args.json says another width than the weights', async () => {
    writeFileSync(
      join(copyOfRelease(), 'args.json'),
      JSON.stringify({ ...fixtureJson('checkpoints/official-release/args.json'), embsize: 64 }),
    );
    const model = await openModelFolder(folder);
    await expect(model.parameters()).rejects.toThrow(/60 x 32 instead of 60 x 64/);
  });

  it('of a newer format are refused', async () => {
    await write(await openModelFolder(release), folder);
    const path = join(folder, 'config.json');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), version: 99 }));
    await refused(folder, /format version is 99/);
  });
});

describe('writing', () => {
  it('replaces a model folder only with force, and never one with other files', async () => {
    const model = await openModelFolder(release);
    await write(model, folder);
    await expect(write(model, folder)).rejects.toThrow(OutputError);
    await expect(write(model, folder)).rejects.toThrow(/exists.*--force/);
    await write(model, folder, { force: true, format: 'official' });
    expect(readdirSync(folder).sort()).toEqual(['args.json', 'best_model.pt', 'vocab.json']);
    writeFileSync(join(folder, 'thesis.txt'), 'years of work');
    await expect(write(model, folder, { force: true })).rejects.toThrow(/other files \(thesis\.txt\)/);
    expect(readFileSync(join(folder, 'thesis.txt'), 'utf8')).toBe('years of work');
  });

  it('leaves nothing behind when it fails', async () => {
    const model = await openModelFolder(release);
    const parameters = new Map(await model.parameters());
    parameters.set('decoder.fc.4.bias', { dtype: 'float32', shape: [1], data: new Float32Array([1e9]) });
    await expect(writeModelFolder(folder, { ...model, parameters }, { dtype: 'float16' })).rejects.toThrow(
      /too large/,
    );
    writeFileSync(`${folder}-file`, '');
    await expect(write(model, join(`${folder}-file`, 'inside'))).rejects.toThrow(OutputError);
    expect(existsSync(folder)).toBe(false);
    expect(readdirSync(scratch).filter((name) => name.includes(basename(folder)))).toEqual([
      `${basename(folder)}-file`,
    ]);
  });
});
