/** @file What a file is when it is no h5ad: told from its first bytes, or from its groups. */

import { InputError } from '../../support/errors.ts';
import type { Hdf5File } from '../hdf5/file.ts';
import { type FileBytes, Hdf5Failure } from '../hdf5/library.ts';
import { isSignature } from '../hdf5/object-header.ts';

/** What one finding says. */
interface Finding {
  readonly what: string;
  readonly advice?: string;
  readonly reason: string;
}

const again = 'Download the file again and compare its size with the source.';

/** @throws InputError unless the file has an HDF5 signature */
export function requireHdf5(bytes: FileBytes, path: string): void {
  for (let offset = 0; offset < bytes.size; offset = offset === 0 ? 512 : 2 * offset) {
    if (isSignature(bytes.read(offset, 8))) return;
  }
  throw new InputError({ ...notHdf5(bytes), where: path, expected: 'an h5ad file, which is HDF5' });
}

function notHdf5(bytes: FileBytes): Finding {
  if (bytes.size === 0) return { what: 'the file is empty (0 bytes)', advice: again, reason: 'empty_file' };
  const head = bytes.read(0, 512);
  const text = new TextDecoder('utf-8').decode(head);
  if (head[0] === 0x1f && head[1] === 0x8b) {
    return {
      what: 'the file is compressed with gzip',
      advice: 'Unpack it first, with gunzip.',
      reason: 'not_hdf5_gzip',
    };
  }
  if (text.startsWith('PK\u0003\u0004')) {
    return { what: 'the file is a zip archive', advice: 'Unpack it first.', reason: 'not_hdf5_zip' };
  }
  if (text.startsWith('version https://git-lfs.github.com')) {
    return {
      what: 'the file is a Git LFS pointer, not the data',
      advice: 'Fetch the data with git lfs pull.',
      reason: 'lfs_pointer',
    };
  }
  if (/^\s*<(!doctype html|html)/i.test(text)) {
    return { what: 'the file is an HTML page: the download failed', advice: again, reason: 'html_page' };
  }
  const printable = !/[^\t\n\r\u0020-\uffef]/.test(text);
  return {
    what: printable
      ? 'the file is not an HDF5 file: it looks like text or CSV'
      : 'the file is not an HDF5 file',
    reason: 'not_hdf5',
  };
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
