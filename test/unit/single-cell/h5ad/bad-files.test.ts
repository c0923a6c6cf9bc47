/** @file Every bad h5ad file of the fixtures is refused, or read with a warning, in words a user understands. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openH5ad } from '../../../../src/single-cell/h5ad/node.ts';
import { InputError } from '../../../../src/support/errors.ts';
import { RecordingLogger } from '../../../../src/support/log.ts';
import { cases, fixtures } from './content.ts';

/** What the message says of each file: the place and the finding. */
const findings: Record<string, RegExp[]> = {
  'truncated_60pct.h5ad': [/truncated/, /incomplete download/, /17707 bytes/, /29512 bytes/],
  'truncated_100_bytes.h5ad': [/truncated/, /100 bytes/, /29512 bytes/],
  'empty_file.h5ad': [/empty/, /0 bytes/],
  'text_named_h5ad.h5ad': [/not an HDF5 file/, /looks like text or CSV/],
  'gzipped.h5ad': [/gzip/, /Unpack it first/],
  'lfs_pointer.h5ad': [/Git LFS pointer/, /not the data/],
  'html_error_page.h5ad': [/HTML page/, /download failed/],
  'missing_x.h5ad': [/no X/, /no layer/, /no raw/],
  'missing_var.h5ad': [/no var/, /gene names/],
  'obs_too_short.h5ad': [/obs has 11 rows/, /X has 12/],
  'var_too_long.h5ad': [/var has 9 rows/, /X has 8/],
  'obs_column_short.h5ad': [/obs column n/, /10 values for 12 cells/],
  'indptr_not_monotone.h5ad': [/X: indptr/, /row 3/, /not increasing/],
  'indptr_end_too_large.h5ad': [/X: indptr/, /last value/, /number of stored values/],
  'indptr_too_short.h5ad': [/X: indptr/, /11 entries/, /13/],
  'indptr_starts_at_1.h5ad': [/X: indptr/, /must start at 0/],
  'index_out_of_range.h5ad': [/X\/indices/, /column index 8/, /8 columns \(genes\)/, /row 0/],
  'index_negative.h5ad': [/X\/indices/, /negative column index/, /row 0/],
  'data_indices_differ.h5ad': [/data and indices/, /different lengths/],
  'shape_disagrees.h5ad': [/X says 12 x 9/, /var has 8/],
  'unknown_encoding.h5ad': [/X/, /coo_matrix/],
  'category_code_out_of_range.h5ad': [/obs\/ct/, /code 5/, /2 categories/],
  'dangling_soft_link.h5ad': [/X/, /link/, /\/nowhere/],
  'external_link.h5ad': [/X/, /other_file\.h5/],
  'strings_in_x.h5ad': [/X/, /text/],
  'one_dimensional_x.h5ad': [/X/, /1 dimension/],
  'loom_layout.h5ad': [/HDF5 but not AnnData/, /Loom/],
  'h5seurat_layout.h5ad': [/HDF5 but not AnnData/, /h5Seurat/],
  '10x_named_h5ad.h5ad': [/10x Genomics HDF5/],
};

/** Files that are read; what is said of each. Their values are judged by the input diagnosis. */
const readable: Record<string, RegExp[]> = {
  'shape_missing.h5ad': [/X says no shape/, /12 x 8/],
  'extra_root_group.h5ad': [/unknown group analysis ignored/],
  'future_encoding_version.h5ad': [/9\.9\.0/],
  'nan_in_x_csr.h5ad': [],
  'nan_in_x_dense.h5ad': [],
  'inf_in_x.h5ad': [],
  'negative_counts.h5ad': [],
  'all_zeros.h5ad': [],
  'one_empty_cell.h5ad': [],
};

async function readAll(path: string, logger: RecordingLogger): Promise<void> {
  const data = await openH5ad(path, { logger });
  try {
    await data.X!.rows(0, data.nObs);
  } finally {
    await data.close();
  }
}

describe('bad h5ad files', () => {
  it('are all judged here', () => {
    const files = Object.keys(cases.bad_files).filter((file) => file.endsWith('.h5ad'));
    expect(files.map((file) => file.slice(4)).sort()).toEqual(
      [...Object.keys(findings), ...Object.keys(readable)].sort(),
    );
  });

  it.each(Object.keys(findings))('refuses %s', async (file) => {
    const path = `${fixtures}bad/${file}`;
    const error = await readAll(path, new RecordingLogger()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    const { message, reason } = error as InputError;
    expect(message.startsWith(path)).toBe(true);
    for (const finding of findings[file]) expect(message).toMatch(finding);
    expect(reason).toBe(cases.bad_files[`bad/${file}`].code);
  });

  it.each(Object.keys(readable))('reads %s, saying what is odd', async (file) => {
    const logger = new RecordingLogger();
    await readAll(`${fixtures}bad/${file}`, logger);
    expect(logger.warnings).toHaveLength(Math.min(readable[file].length, 1));
    for (const finding of readable[file]) expect(logger.warnings[0]).toMatch(finding);
  });

  it('names a missing file, a folder, and a file of noise', async () => {
    await expect(openH5ad('/nowhere/at/all.h5ad')).rejects.toThrow(/all\.h5ad: there is no such file/);
    await expect(openH5ad(fixtures)).rejects.toThrow(/it is a folder/);
    const folder = await mkdtemp(join(tmpdir(), 'h5ad-'));
    const noise = join(folder, 'noise.h5ad');
    await writeFile(
      noise,
      Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 7919) >>> 3),
    );
    await expect(openH5ad(noise)).rejects.toThrow(/binary and of no known format/);
    await rm(folder, { recursive: true });
  });
});
