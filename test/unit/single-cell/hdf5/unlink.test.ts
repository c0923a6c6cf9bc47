/** @file Elements can be replaced in groups of any size, however the group is stored. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendToH5ad } from '../../../../src/single-cell/h5ad/append.ts';
import { openH5ad } from '../../../../src/single-cell/h5ad/node.ts';
import { writeResults } from '../../../../src/single-cell/h5ad/results.ts';
import { isScgptError } from '../../../../src/support/errors.ts';
import { fixtures } from '../h5ad/content.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'h5ad-'));
});
afterAll(() => rm(folder, { recursive: true }));

const names = Array.from({ length: 40 }, (_, i) => `entry ${String.fromCharCode(65 + (i % 26))}${i}`);

async function entries(path: string): Promise<Map<string, unknown>> {
  const data = await openH5ad(path);
  await data.close();
  return data.uns;
}

describe.each(['csr_f32_gzip', 'superblock3_libver_latest', 'userblock_512'])('a group of %s', (file) => {
  const source = `${fixtures}good/${file}.h5ad`;

  it('takes replacements one after another', async () => {
    const [full, next] = [join(folder, `${file}-full.h5ad`), join(folder, `${file}-next.h5ad`)];
    await appendToH5ad(source, full, { uns: names.map((name) => [name, 'first']) }, { force: true });
    const property = fc.asyncProperty(
      fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }),
      async (chosen) => {
        const replaced = new Map<string, unknown>(names.map((name) => [name, 'first']));
        for (const name of chosen) replaced.set(name, 2);
        const data = await openH5ad(full);
        await writeResults(data, { uns: chosen.map((name) => [name, 2]) }, next, { force: true });
        await data.close();
        expect(new Map([...(await entries(next))].sort())).toEqual(new Map([...replaced].sort()));
      },
    );
    await fc.assert(property, { numRuns: 25 });
  });

  it('takes the replacement of all its entries, and more', async () => {
    const [first, second] = [join(folder, `${file}-1.h5ad`), join(folder, `${file}-2.h5ad`)];
    await appendToH5ad(source, first, { uns: [['only', 1]] }, { force: true });
    await appendToH5ad(
      first,
      second,
      {
        uns: [
          ['only', 'two'],
          ['more', 3],
        ],
      },
      { force: true },
    );
    await appendToH5ad(second, first, { uns: [['only', 4]] }, { force: true });
    expect(await entries(first)).toEqual(
      new Map<string, unknown>([
        ['more', 3],
        ['only', 4],
      ]),
    );
  });
});

it('says when an element cannot be taken out, and leaves nothing behind', async () => {
  const full = join(folder, 'full.h5ad');
  const some = names.slice(0, 20);
  await appendToH5ad(
    `${fixtures}good/csr_f32_gzip.h5ad`,
    full,
    { uns: some.map((name) => [name, 1]) },
    { force: true },
  );
  const error = await appendToH5ad(full, join(folder, 'none.h5ad'), {
    uns: some.map((name) => [name, 2]),
  }).catch((reason: unknown) => reason);
  expect(isScgptError(error) && error.reason).toBe('cannot_replace');
  await expect(entries(join(folder, 'none.h5ad'))).rejects.toThrow(/there is no such file/);
});
