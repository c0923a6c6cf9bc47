/** @file The packed package in an empty folder: small, whole, and running its demo. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scgpt package ')); // a path with spaces, as users have them
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Not the environment of `npm test`, which carries this repository's npm settings. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env });

describe('npm pack', () => {
  it('gives a small package that installs into an empty folder and runs its demo', ({ skip }) => {
    const packing = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
    const [{ filename, files }] = JSON.parse(execFileSync('npm', packing, { cwd: root, encoding: 'utf8' }));
    expect(statSync(join(folder, filename)).size).toBeLessThan(6_000_000);
    const paths: string[] = files.map(({ path }: { path: string }) => path);
    for (const needed of [
      'dist/cli/main.js',
      'dist/index.d.ts',
      'data/hgnc.tsv.gz',
      'models/blood/model.safetensors',
      'demo/pbmc_three_sources.h5ad',
      'LICENSE',
      'NOTICE.md',
      'README.md',
    ]) {
      expect(paths).toContain(needed);
    }
    expect(paths.filter((path) => /^(src|test|bench|scripts|docs)\//.test(path))).toEqual([]);

    writeFileSync(join(folder, 'package.json'), '{}');
    try {
      run(
        'npm',
        'install',
        `./${filename}`,
        '--onnxruntime-node-install=skip',
        '--no-audit',
        '--no-fund',
        '--prefer-offline',
      );
    } catch (error) {
      if (/ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED/.test(String(error)))
        skip('the npm registry cannot be reached');
      throw error;
    }
    const told = run('npx', 'scgpt', 'demo', '--quiet');
    expect(told).toContain('3707 cells embedded');
    expect(existsSync(join(folder, 'scgpt-demo/embedded.h5ad'))).toBe(true);
    expect(existsSync(join(folder, 'scgpt-demo/report.html'))).toBe(true);
    const library = run(
      'node',
      '--input-type=module',
      '-e',
      "import { version } from 'scgpt'; console.log(version)",
    );
    expect(library.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
