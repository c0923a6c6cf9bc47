import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openData } from '../../../src/single-cell/open.ts';
import { RecordingLogger } from '../../../src/support/log.ts';
import { errorOf, expectAsStated, fixturePath } from './fixture-files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scgpt-open-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

describe('every format, told by its content', () => {
  it.each([
    'csr_f32_gzip.h5ad',
    'userblock_512.h5ad',
    '10x_v2.h5',
    '10x_v2_two_genomes.h5',
    '10x_v3.h5',
    '10x_v3_antibodies.h5',
    'zarr_v2.zarr',
    'zarr_v3.zarr',
    'zarr_v2.zip',
    'zarr_v3.zip',
    'mtx_v2',
    'mtx_v3',
    'mtx_v3_prefix',
    'mtx_real',
    'cells_by_genes.csv',
    'genes_by_cells.tsv.gz',
    'r_write_table.txt',
    'bom_crlf.csv',
    'quoted_commas.csv',
  ])('opens %s', async (name) => {
    const path = fixturePath(`good/${name}`);
    const data = await openData(path);
    try {
      expect(data.source).toBe(path);
      if (/^(zarr|csr|userblock)/.test(name)) expect(data.nObs * data.nVars).toBeGreaterThan(0);
      else await expectAsStated(data, name);
    } finally {
      await data.close();
    }
  });

  it('reads a 10x matrix named h5ad, and says so', async () => {
    const logger = new RecordingLogger();
    const data = await openData(fixturePath('bad/10x_named_h5ad.h5ad'), { logger });
    expect(logger.warnings.join('\n')).toMatch(/10x Genomics HDF5/);
    await expectAsStated(data, '10x_v3.h5');
    await data.close();
  });

  it('reads gzipped text whatever its name', async () => {
    const data = await openData(await write('table', gzipSync('cell\tA\tB\nc1\t1\t0\n')));
    expect(data.var.index).toEqual(['A', 'B']);
  });
});

describe('what is no data', () => {
  it.each<[name: string, reason: string, mentions: RegExp[]]>([
    ['bad/empty_file.h5ad', 'empty_file', [/0 bytes/]],
    ['bad/gzipped.h5ad', 'not_hdf5_gzip', [/gzip/, /[Uu]npack/]],
    ['bad/lfs_pointer.h5ad', 'lfs_pointer', [/Git LFS/]],
    ['bad/html_error_page.h5ad', 'html_page', [/HTML/]],
    ['bad/zip_without_store.zip', 'not_zarr', [/zip without a Zarr store/]],
    ['bad/xlsx_named_csv.csv', 'not_text', [/zip or Excel file/]],
    ['bad/utf16.csv', 'encoding', [/UTF-16/]],
    ['bad/nothing_here.csv', 'missing_file', [/no such file/]],
  ])('%s: %s', async (name, reason, mentions) => {
    const path = fixturePath(name);
    const error = await errorOf(openData(path));
    expect(error.reason).toBe(reason);
    expect(error.message).toContain(path);
    for (const mention of mentions) expect(error.message).toMatch(mention);
  });

  it.each<[name: string, content: string | Uint8Array, reason: string]>([
    ['lfs.csv', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n', 'lfs_pointer'],
    ['page.tsv', '<!DOCTYPE html><html></html>', 'html_page'],
    ['seurat.csv', 'RDX3\nX\n', 'other_format_r'],
    ['array.csv', Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]), 'other_format_numpy'],
    ['seurat.rds', gzipSync('X\n\0\0\0\u0003'), 'other_format_r'],
    ['binary.txt', Uint8Array.from([1, 0, 2, 0, 3]), 'not_text'],
    ['empty.csv', '', 'empty_file'],
    ['packed.h5.gz', gzipSync(Uint8Array.from([0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10])), 'packed_hdf5'],
    ['cut.csv.gz', gzipSync(`cell,A\n${'c1,1\n'.repeat(1000)}`).subarray(0, 40), 'truncated'],
  ])('%s', async (name, content, reason) => {
    const path = await write(name, content);
    const error = await errorOf(openData(path));
    expect(error.reason).toBe(reason);
    expect(error.message).toContain(path);
  });

  it('names what a folder holds instead', async () => {
    const error = await errorOf(openData(folder));
    expect(error.reason).toBe('not_data');
    expect(error.message).toMatch(/Zarr store, or matrix\.mtx/);
  });
});
