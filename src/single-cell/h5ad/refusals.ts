/** @file What a file is when it is no h5ad file: told from its first bytes, its size or its groups. */

import { InputError } from '../../support/errors.ts';
import type { Hdf5File } from '../hdf5/file.ts';
import { type FileBytes, Hdf5Failure } from '../hdf5/library.ts';
import { type DataKind, sniff } from '../sniff.ts';

/** What one finding says. */
interface Finding {
  readonly what: string;
  readonly advice?: string;
  readonly reason: string;
}

const again = 'Download the file again and compare its size with the source.';

const text: Finding = { what: 'the file is not an HDF5 file: it looks like text or CSV', reason: 'not_hdf5' };

const otherKinds: Record<Exclude<DataKind, 'hdf5'>, Finding> = {
  gzip: {
    what: 'the file is compressed with gzip',
    advice: 'Unpack it first, with gunzip.',
    reason: 'not_hdf5_gzip',
  },
  zip: { what: 'the file is a zip archive', advice: 'Unpack it first.', reason: 'not_hdf5_zip' },
  'matrix-market': text,
  table: text,
};

/** @throws InputError unless the file has an HDF5 signature */
export function requireHdf5(bytes: FileBytes, path: string): void {
  const kind = sniff(bytes.read(0, 1 << 16), path);
  if (kind === 'hdf5') return;
  throw new InputError({ ...otherKinds[kind], where: path, expected: 'an h5ad file, which is HDF5' });
}

/** What opening a file with an HDF5 signature failed of. */
export function openingError(error: unknown, path: string): unknown {
  if (!(error instanceof Hdf5Failure)) return error;
  const sizes = /eof = (\d+),.*stored_eof = (\d+)/.exec(error.trace);
  if (sizes === null) {
    return new InputError({
      what: `the HDF5 file cannot be opened: ${error.message}`,
      where: path,
      advice: again,
      reason: 'damaged',
      cause: error,
    });
  }
  return new InputError({
    what: `the file is truncated, by an incomplete download or copy: its size is ${sizes[1]} bytes`,
    where: path,
    expected: `a size of ${sizes[2]} bytes`,
    advice: again,
    reason: 'truncated',
    cause: error,
  });
}

/** @throws InputError when the file holds data in another format's layout */
export function refuseOtherFormats(file: Hdf5File): void {
  const keys = new Set(file.keys(''));
  if (keys.has('obs') || keys.has('var')) return;
  const finding = otherFormat(file, keys);
  throw new InputError({ ...finding, where: file.path, expected: 'the groups obs and var of AnnData' });
}

function otherFormat(file: Hdf5File, keys: ReadonlySet<string>): Finding {
  if (keys.has('row_attrs') && keys.has('col_attrs')) {
    return {
      what: 'the file is HDF5 but not AnnData: it has the layout of Loom',
      advice: 'Convert it: anndata.read_loom(file).write_h5ad(out).',
      reason: 'other_format_loom',
    };
  }
  if (keys.has('assays') || file.text('', 'active.assay') !== undefined) {
    return {
      what: 'the file is HDF5 but not AnnData: it has the layout of h5Seurat',
      advice: 'Convert it in R: SeuratDisk::Convert(file, dest = "h5ad").',
      reason: 'other_format_h5seurat',
    };
  }
  if ([...keys].some((key) => file.isGroup(key) && file.keys(key).includes('barcodes'))) {
    return {
      what: 'the file is a 10x Genomics HDF5 matrix, not AnnData',
      advice: 'Give it a name ending in .h5.',
      reason: 'other_format_10x',
    };
  }
  const names = [...keys].slice(0, 8).join(', ');
  return {
    what: `the file is HDF5 but not AnnData: it holds ${names === '' ? 'nothing' : names}`,
    reason: 'not_anndata',
  };
}
