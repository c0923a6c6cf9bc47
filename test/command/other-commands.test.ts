/** @file `scgpt info`, `convert`, `demo` and the program's own words. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openModelFolder } from '../../src/model/folder.ts';
import { version } from '../../src/support/version.ts';
import { finished, scgpt, start } from './run.ts';

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const model = at('models/blood');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scgpt-other-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function json(...args: string[]): Promise<Record<string, unknown>> {
  const done = await scgpt([...args, '--json', '--quiet'], folder);
  expect(done.code).toBe(0);
  return JSON.parse(done.stdout);
}

describe('scgpt', () => {
  it('has the version of its package', async () => {
    expect(JSON.parse(readFileSync(at('package.json'), 'utf8')).version).toBe(version);
    expect((await scgpt(['--version'], folder)).stdout.trim()).toBe(version);
  });

  it('explains every command with examples', async () => {
    const { stdout, code } = await scgpt(['--help'], folder);
    expect(code).toBe(0);
    for (const command of [
      'demo',
      'embed',
      'integrate',
      'annotate',
      'map',
      'evaluate',
      'merge',
      'info',
      'convert',
    ]) {
      expect(stdout).toContain(command);
      const help = await scgpt([command, '--help'], folder);
      expect(help.code).toBe(0);
      expect(help.stdout).toContain(`$ scgpt ${command}`);
      expect(help.stdout).toContain('--json');
    }
  });
});

describe('scgpt info', () => {
  it('describes a model', async () => {
    const facts = await json('info', model);
    expect(facts).toMatchObject({ kind: 'model', trained: true, layout: 'scgpt' });
    const people = await scgpt(['info', model], folder);
    expect(people.stdout).not.toContain('RANDOM WEIGHTS');
    expect(people.stdout).toContain('gene embedding');
  });

  it('says that weights alone are no model', async () => {
    const done = await scgpt(['info', join(model, 'model.safetensors')], folder);
    expect(done).toMatchObject({ code: 2, stderr: expect.stringMatching(/weights alone.*folder/) });
  });

  it('says that its output has no room', async ({ skip }) => {
    if (process.platform !== 'linux') skip('/dev/full needs Linux');
    const done = await finished(start(['info', model, '--quiet'], folder, 'exec > /dev/full;'));
    expect(done.stderr).toMatch(/error: the disk is full/);
    expect(done.stderr).not.toMatch(/^\s+at /m);
    expect(done.code).toBe(1);
  });

  it('describes data and what embedding them costs', async () => {
    const facts = await json('info', at('demo/pbmc_three_sources.h5ad'));
    expect(facts).toMatchObject({ kind: 'data', cells: 3707, genes: 763, values: { kind: 'raw_counts' } });
    expect((facts.estimate as { seconds: number }).seconds).toBeGreaterThan(0);
  });

  it('describes data that cannot be embedded, and says why', async () => {
    const path = at('test/fixtures/data/h5ad/good/layers.h5ad');
    const facts = await json('info', path);
    expect(facts).toMatchObject({ kind: 'data', cells: 12, genes: 8 });
    expect(facts.problem).toMatchObject({ message: expect.stringContaining('genes') });
    const people = await scgpt(['info', path], folder);
    expect(people.stdout).toContain('cannot be embedded: ');
  });
});

describe('scgpt convert', () => {
  it('goes to the official layout and back without loss', async () => {
    await json('convert', model, '-o', 'official', '--to', 'official');
    await json('convert', 'official', '-o', 'back');
    const original = await (await openModelFolder(model)).load();
    const back = await (await openModelFolder(join(folder, 'back'))).load();
    for (const [name, tensor] of await original.parameters()) {
      expect((await back.parameters()).get(name)?.data).toEqual(tensor.data);
    }
  });

  it('writes weights alone, and an ONNX file', async () => {
    expect(await json('convert', model, '-o', 'weights.pt', '--to', 'pt')).toMatchObject({ to: 'pt' });
    expect(
      await json('convert', 'weights.pt', '-o', 'weights.safetensors', '--to', 'safetensors'),
    ).toMatchObject({ to: 'safetensors' });
    expect(await json('convert', model, '-o', 'embed.onnx', '--to', 'onnx')).toMatchObject({ to: 'onnx' });
    const again = await scgpt(['convert', model, '-o', 'embed.onnx', '--to', 'onnx'], folder);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('exists already') });
  });

  it('says that weights alone cannot become a folder', async () => {
    const done = await scgpt(['convert', 'weights.pt', '-o', 'folder'], folder);
    expect(done).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot become a model folder') });
  });
});

describe('scgpt demo', () => {
  it('writes an h5ad and a report with the model beside its baseline', async () => {
    const facts = await json('demo');
    expect(facts).toMatchObject({ cells: 3707, model: { name: 'blood', trained: true } });
    const report = readFileSync(join(folder, 'scgpt-demo/report.html'), 'utf8');
    expect(report).toContain('PCA');
    expect(report).not.toMatch(/random weights/i);
    expect(report).not.toMatch(/(src|href)="https?:/);
  });
});
