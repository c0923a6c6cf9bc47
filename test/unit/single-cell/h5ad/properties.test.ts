/** @file Whatever an AnnData holds, it reads back as it was written. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openH5ad } from '../../../../src/single-cell/h5ad/node.ts';
import { writeResults } from '../../../../src/single-cell/h5ad/results.ts';
import { writeH5ad } from '../../../../src/single-cell/h5ad/write.ts';
import { contentOf } from './content.ts';
import { anyAnnData } from './made-up.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'h5ad-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(path: string) {
  const data = await openH5ad(path);
  const content = await contentOf(data);
  await data.close();
  return content;
}

describe('any AnnData', () => {
  it('reads back as written', async () => {
    const property = fc.asyncProperty(
      anyAnnData,
      fc.constantFrom('gzip', 'none'),
      async (data, compression) => {
        const path = join(folder, 'any.h5ad');
        await writeH5ad(data, path, { force: true, compression });
        expect(await read(path)).toEqual(await contentOf(data));
      },
    );
    await fc.assert(property, { numRuns: 60 });
  }, 60_000);

  it('takes results and keeps the rest', async () => {
    const property = fc.asyncProperty(anyAnnData, anyAnnData, async (data, other) => {
      const [before, after] = [join(folder, 'before.h5ad'), join(folder, 'after.h5ad')];
      await writeH5ad(data, before, { force: true });
      const source = await openH5ad(before);
      await writeResults(source, { uns: other.uns }, after, { force: true });
      await source.close();
      const expected = await contentOf(data);
      Object.assign(expected.uns as object, (await contentOf(other)).uns);
      expect(await read(after)).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 30 });
  }, 60_000);
});
