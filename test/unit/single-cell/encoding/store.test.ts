/** @file The reader written for any store reads HDF5 as well: it takes h5ad files as they are opened. */

import { describe, expect, it } from 'vitest';
import { AnnData } from '../../../../src/single-cell/anndata.ts';
import { readParts } from '../../../../src/single-cell/encoding/read.ts';
import { Hdf5File } from '../../../../src/single-cell/hdf5/file.ts';
import { nodeHdf5 } from '../../../../src/single-cell/hdf5/node.ts';
import { silent } from '../../../../src/support/log.ts';
import { cases, contentOf, expectedContent, fixtures } from '../h5ad/content.ts';

const notCompared = [
  'good/csr_i64_beyond_2p53.h5ad', // is refused
  'good/mid_csr_gzip_small_chunks.h5ad', // its content is in tensors
];
const good = Object.keys(cases.good_files).filter(
  (file) => file.endsWith('.h5ad') && !notCompared.includes(file),
);

describe('readParts', () => {
  it.each(good)('reads %s', async (file) => {
    const data = new AnnData(await readParts(Hdf5File.open(await nodeHdf5(), fixtures + file), silent));
    expect(await contentOf(data)).toEqual({ X: null, ...expectedContent(file) });
    await data.close();
  });
});
