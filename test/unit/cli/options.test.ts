import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { byteSize, commonOptions, flag, option, readOptions, wholeNumber } from '../../../src/cli/options.ts';
import { UsageError } from '../../../src/support/errors.ts';

const table = {
  maxLength: option('--max-length <tokens>', 'longest cell', wholeNumber(2).default(1200)),
  memory: option('--memory <size>', 'bound', byteSize.optional()),
  binning: option('--binning <mode>', 'ties', z.enum(['left', 'random']).default('left')),
  genes: flag('--genes', 'gene embeddings'),
  ...commonOptions,
};

const folder = mkdtempSync(join(tmpdir(), 'scgpt-options-'));
afterAll(() => rmSync(folder, { recursive: true }));
const config = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('readOptions', () => {
  it('fills in the defaults of the schema', async () => {
    expect(await readOptions(table, {})).toMatchObject({ maxLength: 1200, binning: 'left', genes: false });
  });

  it('reads numbers and sizes typed as text', async () => {
    const read = await readOptions(table, { maxLength: '600', memory: '1.5 GB' });
    expect(read).toMatchObject({ maxLength: 600, memory: 1.5 * 1024 ** 3 });
  });

  it('takes options from JSON and YAML, and lets the command line win', async () => {
    for (const path of [
      config('a.json', '{"maxLength": 300, "genes": true}'),
      config('a.yaml', 'maxLength: 300\ngenes: true\n'),
      config('typed.yaml', 'max-length: 300\ngenes: true\n'),
    ]) {
      expect(await readOptions(table, { config: path })).toMatchObject({ maxLength: 300, genes: true });
      expect(await readOptions(table, { config: path, maxLength: '40' })).toMatchObject({ maxLength: 40 });
    }
  });

  it.each([
    [{ maxLength: 'many' }, '--max-length: must be a whole number'],
    [{ maxLength: '1' }, '--max-length: must be at least 2'],
    [{ maxLength: '2.5' }, '--max-length: must be a whole number'],
    [{ memory: 'lots' }, '--memory: must be a size such as 4GB, got lots'],
    [{ memory: '-1GB' }, '--memory: must be a size'],
    [{ binning: 'right' }, '--binning: '],
  ])('refuses %j by the name of the option', async (typed, message) => {
    await expect(readOptions(table, typed)).rejects.toThrow(UsageError);
    await expect(readOptions(table, typed)).rejects.toThrow(message);
  });

  it('refuses a config file that is missing, broken or has unknown keys', async () => {
    await expect(readOptions(table, { config: join(folder, 'none.json') })).rejects.toThrow('cannot be read');
    await expect(readOptions(table, { config: config('b.json', '{') })).rejects.toThrow(
      'not a table of options',
    );
    await expect(readOptions(table, { config: config('c.yaml', '- a\n- b\n') })).rejects.toThrow(
      'not a table of options',
    );
    await expect(readOptions(table, { config: config('d.json', '{"maxlength": 3}') })).rejects.toThrow(
      'unknown options: maxlength',
    );
  });
});
