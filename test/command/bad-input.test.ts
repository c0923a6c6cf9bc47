/** @file What the command line does with input it cannot use: one clear message, a code, and nothing left behind. */

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finished, scgpt, start } from './run.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const fixtures = at('test/fixtures/data/h5ad');
const demo = at('demo/pbmc_three_sources.h5ad');
const bad: Record<string, { severity: string; code: string }> = JSON.parse(
  readFileSync(join(fixtures, 'case.json'), 'utf8'),
).bad_files;

/** Git and npm keep no empty folders and packages no broken links; whatever is there is tested. */
const files = Object.keys(bad).filter((name) => existsSync(join(fixtures, name)));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scgpt-bad-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Fails with this code and exactly one message, and leaves the folder as it was. */
async function refuses(args: readonly string[], code: number, ...words: (string | RegExp)[]): Promise<void> {
  const before = readdirSync(folder).sort();
  const done = await scgpt(args, folder);
  expect(done.stderr).not.toMatch(/^\s+at /m);
  expect(done.stderr).not.toContain('This is a bug');
  expect(done.stderr.match(/^error: /gm)).toHaveLength(1);
  for (const word of words) expect(done.stderr).toMatch(word);
  expect(done.stdout).toBe('');
  expect(done.code).toBe(code);
  expect(readdirSync(folder).sort()).toEqual(before);
}

describe('files that cannot be used', () => {
  it.each(files)('%s', async (name) => {
    const { severity } = bad[name];
    const path = join(fixtures, name);
    const done = await scgpt(['embed', path, '-o', 'out.h5ad', '--quiet'], folder);
    expect(done.stderr).not.toMatch(/^\s+at /m);
    expect(done.stderr).not.toContain('This is a bug');
    const told = done.stderr;
    expect(told).toContain(name.split('/').at(-1)!);
    if (done.code === 0) {
      expect(severity).not.toBe('error'); // only strange: used, and the user is told
      expect(told).toMatch(/^warning: /);
      rmSync(join(folder, 'out.h5ad'));
    } else {
      expect(done.code).toBe(2);
      expect(told.match(/^error: /gm)).toHaveLength(1);
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('options that do not fit', () => {
  it.each([
    [['embed', demo], /--output: is required/],
    [['embed', demo, '-o', 'out.txt'], /ends in \.h5ad or \.zarr/],
    [['embed', demo, '-o', 'none/out.h5ad'], /folder to write into does not exist/],
    [['embed', 'none.h5ad', '-o', 'out.h5ad'], /none\.h5ad/],
    [['embed', demo, '-o', 'out.h5ad', '--max-length', '1'], /--max-length: must be at least 2/],
    [['embed', demo, '-o', 'out.h5ad', '--layer', 'counts'], /no layer 'counts'/],
    [['embed', demo, '-o', 'out.h5ad', '--gene-column', 'symbol'], /no column 'symbol'/],
    [['embed', demo, '-o', 'out.h5ad', '--shard', '3/2'], /is no shard/],
    [['embed', demo, '-o', 'out.h5ad', '--device', 'tpu'], /--device/],
    [['embed', demo, '-o', 'out.h5ad', '--config', 'none.yaml'], /config file cannot be read/],
    [['embed', demo, '-o', 'out.h5ad', '--color-by', 'batch'], /--color-by is about a report/],
    [['merge', demo, '-o', 'out.h5ad'], /no part of a sharded run/],
  ])('%j', async (args, words) => {
    await refuses(args, (args as string[]).includes('none/out.h5ad') ? 1 : 2, words);
  });

  it.each([[['embed', demo, '--colour', 'red']], [['embd', demo]], [['embed']]])('%j', async (args) => {
    const done = await scgpt(args, folder);
    expect(done.code).toBe(2);
    expect(done.stderr).toMatch(/^error: (unknown option|unknown command|missing required argument)/);
  });

  it('keeps an existing output unless forced', async () => {
    writeFileSync(join(folder, 'kept.h5ad'), 'mine');
    await refuses(['embed', demo, '-o', 'kept.h5ad'], 1, /exists already/, /--force/);
    expect(readFileSync(join(folder, 'kept.h5ad'), 'utf8')).toBe('mine');
    rmSync(join(folder, 'kept.h5ad'));
  });
});

describe('outputs that would replace something else', () => {
  const mine = () => readFileSync(join(folder, 'mine.h5ad'));
  beforeAll(() => {
    cpSync(demo, join(folder, 'mine.h5ad'));
    symlinkSync('mine.h5ad', join(folder, 'link.h5ad'));
    mkdirSync(join(folder, 'folder.h5ad'));
    mkdirSync(join(folder, 'folder.zarr'));
    writeFileSync(join(folder, 'folder.zarr/notes'), 'mine');
  });

  it.each([
    ['-o', 'mine.h5ad'],
    ['-o', 'link.h5ad'],
    ['-o', 'out.h5ad', '--report', './mine.h5ad'],
  ])('keeps an input from %j even when forced', async (...outputs) => {
    await refuses(['embed', 'mine.h5ad', ...outputs, '--force'], 2, /would replace .*mine\.h5ad/);
    expect(mine().equals(readFileSync(demo))).toBe(true);
  });

  it('keeps the embedded cells from their report', async () => {
    const both = ['-o', 'out.h5ad', '--report', 'out.h5ad'];
    await refuses(['embed', 'mine.h5ad', ...both], 2, /would replace out\.h5ad/);
  });

  it('keeps a model from its conversion', async () => {
    cpSync(at('models/blood'), join(folder, 'model'), { recursive: true });
    const args = ['convert', 'model', '-o', 'model/', '--to', 'official', '--dtype', 'f16', '--force'];
    await refuses(args, 2, /would replace model/);
    expect(existsSync(join(folder, 'model/model.safetensors'))).toBe(true);
  });

  it('says that a demo needs a folder', async () => {
    writeFileSync(join(folder, 'taken'), '');
    await refuses(['demo', '-o', 'taken'], 1, /taken: /);
  });

  it('refuses a folder without permission before any work', async ({ skip }) => {
    if (process.getuid?.() === 0) skip('root may write everywhere');
    mkdirSync(join(folder, 'readonly'), { mode: 0o555 });
    await refuses(['embed', 'none.h5ad', '-o', 'readonly/out.h5ad'], 1, /no permission to write/);
  });

  it.each(['folder.h5ad', 'folder.zarr'])('refuses the folder %s before any work', async (output) => {
    await refuses(['embed', 'none.h5ad', '-o', output, '--force'], 1, /folder/);
  });
});

describe('models that cannot be used', () => {
  it('says what is missing from a folder', async () => {
    mkdirSync(join(folder, 'empty'));
    await refuses(['embed', demo, '-m', 'empty', '-o', 'out.h5ad'], 2, /args\.json/, /vocab\.json/);
    mkdirSync(join(folder, 'other'));
    writeFileSync(join(folder, 'other/config.json'), '{"architectures": ["BertForMaskedLM"]}');
    await refuses(['embed', demo, '-m', 'other', '-o', 'out.h5ad'], 2, /BertForMaskedLM, not scGPT/);
    await refuses(['embed', demo, '-m', 'nowhere', '-o', 'out.h5ad'], 2, /no such model folder/);
  });

  it('refuses a hostile pickle without running it', async () => {
    const hostile = join(folder, 'hostile');
    mkdirSync(hostile);
    const blood = at('models/blood');
    cpSync(join(blood, 'vocab.json'), join(hostile, 'vocab.json'));
    writeFileSync(
      join(hostile, 'args.json'),
      JSON.stringify({
        embsize: 64,
        nheads: 4,
        d_hid: 64,
        nlayers: 4,
        n_layers_cls: 3,
        dropout: 0,
        pad_token: '<pad>',
        pad_value: -2,
      }),
    );
    const canary = join(folder, 'canary');
    const pickle = `\x80\x02cposix\nsystem\nX${String.fromCharCode(canary.length + 6, 0, 0, 0)}touch ${canary}\x85R.`;
    writeFileSync(join(hostile, 'best_model.pt'), Buffer.from(pickle, 'latin1'));
    await refuses(['embed', demo, '-m', 'hostile', '-o', 'out.h5ad'], 2, /best_model\.pt/);
    expect(existsSync(canary)).toBe(false);
  });
});

describe('a run that is stopped', () => {
  it('leaves nothing behind on Ctrl-C', async () => {
    const before = readdirSync(folder).sort();
    const child = start(['embed', demo, '-o', 'stopped.h5ad', '--threads', '1'], folder);
    const end = finished(child);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    child.kill('SIGINT');
    const done = await end;
    expect(done.stderr).toMatch(/error: stopped/);
    expect(done.code).toBe(1);
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  it('says that the disk is full', async ({ skip }) => {
    if (process.platform !== 'linux') skip('file size limits need Linux');
    const before = readdirSync(folder).sort();
    const done = await finished(
      start(['embed', demo, '-o', 'full.h5ad', '--quiet'], folder, 'ulimit -f 200;'),
    );
    expect(done.stderr).toMatch(/error: .*the disk is full/);
    expect(done.code).toBe(1);
    expect(readdirSync(folder).sort()).toEqual(before);
  });
});
