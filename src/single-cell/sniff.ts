/** @file What a data file is, told from its first bytes. */

import { InputError } from '../support/errors.ts';
import { isGzip } from '../support/gzip.ts';
import { refuseUtf16 } from './text/source.ts';

/** What is read. */
export type DataKind = 'hdf5' | 'zip' | 'gzip' | 'matrix-market' | 'table';

const again = 'Download the file again and compare its size with the source.';

/** What is recognised and refused, by the bytes it begins with. */
const refused: readonly { begins: RegExp; what: string; advice: string; reason: string }[] = [
  {
    begins: /^version https:\/\/git-lfs\.github\.com/,
    what: 'the file is a Git LFS pointer, not the data',
    advice: 'Fetch the data with git lfs pull.',
    reason: 'lfs_pointer',
  },
  {
    begins: /^\s*<(!doctype html|html)/i,
    what: 'the file is an HTML page: the download failed',
    advice: again,
    reason: 'html_page',
  },
  {
    begins: /^\u00d0\u00cf.\u00e0/s,
    what: 'the file is an old Excel file',
    advice: 'Save it as CSV (UTF-8).',
    reason: 'not_text',
  },
  {
    begins: /^(X\n\0\0|RDX[23]\n|RDA[23]\n|A\n\d\n)/,
    what: 'the file is an R object (RDS or RData)',
    advice: 'Write it in R as an h5ad file or as a Matrix Market folder.',
    reason: 'other_format_r',
  },
  {
    begins: /^\u0093NUMPY/,
    what: 'the file is a NumPy array without names of cells and genes',
    advice: 'Put it into an AnnData and write an h5ad file.',
    reason: 'other_format_numpy',
  },
  {
    begins: /^(BZh[1-9]|\u00fd7zXZ|\(\u00b5\/\u00fd)/,
    what: 'the file is compressed with bzip2, xz or zstd',
    advice: 'Unpack it first.',
    reason: 'other_compression',
  },
];

/**
 * Tells what a file is.
 *
 * @param head its first bytes, at least 512 where there are as many
 * @throws InputError saying what it is when that is nothing that can be read
 */
export function sniff(head: Uint8Array, path: string): DataKind {
  if (head.length === 0) {
    throw new InputError({
      what: 'the file is empty (0 bytes)',
      where: path,
      advice: again,
      reason: 'empty_file',
    });
  }
  if (isHdf5(head)) return 'hdf5';
  if (isGzip(head)) return 'gzip';
  refuseUtf16(head, path);
  const text = String.fromCharCode(...head.subarray(0, 512)); // a character for each byte
  if (text.startsWith('PK\u0003\u0004') || text.startsWith('PK\u0005\u0006')) return 'zip';
  const found = refused.find(({ begins }) => begins.test(text));
  if (found !== undefined) {
    throw new InputError({ what: found.what, where: path, advice: found.advice, reason: found.reason });
  }
  if (/^\s*%%MatrixMarket/i.test(text)) return 'matrix-market';
  if (!text.includes('\0')) return 'table';
  throw new InputError({
    what: 'the file is binary and of no known format',
    where: path,
    expected: 'h5ad, 10x HDF5, Zarr, Matrix Market, csv or tsv',
    reason: 'not_text',
  });
}

/** HDF5 may keep other bytes before itself: its signature is at 0, 512, or a doubling of that. */
function isHdf5(head: Uint8Array): boolean {
  const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
  for (let at = 0; at + 8 <= head.length; at = at === 0 ? 512 : 2 * at) {
    if (signature.every((byte, i) => head[at + i] === byte)) return true;
  }
  return false;
}
