/** @file Every good h5ad file of the fixtures reads exactly as expected. */

import { describe, expect, it } from 'vitest';
import { openH5ad } from '../../../../src/single-cell/h5ad/node.ts';
import { RecordingLogger } from '../../../../src/support/log.ts';
import { golden } from '../golden.ts';
import { cases, contentOf, expectedContent, fixtures } from './content.ts';

const tooLargeInteger = 'good/csr_i64_beyond_2p53.h5ad';
const inTensors = 'good/mid_csr_gzip_small_chunks.h5ad';
const good = Object.keys(cases.good_files).filter(
  (file) => file.endsWith('.h5ad') && file !== tooLargeInteger && file !== inTensors,
);

describe('openH5ad', () => {
  it('has files to read', () => expect(good).toHaveLength(47));

  it.each(good)('reads %s', async (file) => {
    const data = await openH5ad(fixtures + file);
    expect(await contentOf(data)).toEqual(expectedContent(file));
    await data.close();
  });

  it('reads row ranges across the chunks of real counts', async () => {
    const { f32, i32 } = golden('h5ad');
    const [values, indices, indptr] = [f32('mid/X.data'), i32('mid/X.indices'), i32('mid/X.indptr')];
    const data = await openH5ad(fixtures + inTensors);
    for (const [start, end] of [
      [0, 300],
      [0, 7],
      [7, 8],
      [250, 300],
      [13, 200],
      [12, 12],
    ]) {
      const block = await data.X!.rows(start, end);
      expect(block.values).toEqual(values.slice(indptr[start], indptr[end]));
      expect(block.indices).toEqual(indices.slice(indptr[start], indptr[end]));
      expect(block.indptr).toEqual(indptr.slice(start, end + 1).map((pointer) => pointer - indptr[start]));
    }
    await data.close();
  });

  it('refuses an integer that would be rounded, and says which', async () => {
    const data = await openH5ad(fixtures + tooLargeInteger);
    await expect(data.X!.rows(0, 12)).rejects.toThrow(/X\/data: the 64-bit integer 9007199254740993/);
    await data.close();
  });

  it('says which names repeat, how much, and which groups it does not know', async () => {
    const logger = new RecordingLogger();
    await (await openH5ad(`${fixtures}good/duplicate_var_names.h5ad`, { logger })).close();
    await (await openH5ad(`${fixtures}good/x_missing_layers_present.h5ad`, { logger })).close();
    expect(logger.warnings).toEqual([
      expect.stringMatching(/var: 2 names are not unique, such as CD3D \(2 times\)/),
    ]);
    expect(logger.infos).toEqual([expect.stringMatching(/has no X; there is the layer counts/)]);
  });

  it('refuses to read matrices after closing', async () => {
    const data = await openH5ad(`${fixtures}good/csr_f32_gzip.h5ad`);
    await data.close();
    await data.close();
    await expect(data.X!.rows(0, 1)).rejects.toThrow(/closed before/);
  });
});
