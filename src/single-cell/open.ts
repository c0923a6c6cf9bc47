/** @file Opens a data file or folder of any known format in Node, told by its content. */

import { readdir, stat } from 'node:fs/promises';
import { InputError } from '../support/errors.ts';
import { type Logger, silent } from '../support/log.ts';
import { whyNotOpened } from '../support/unopened.ts';
import type { AnnData } from './anndata.ts';
import { sniff } from './sniff.ts';
import { readHead, textFile, unpackedHead } from './text/node-files.ts';

/** How to open data. */
export interface OpenDataOptions {
  /** Hears how the content was understood, and of what is odd in it. */
  readonly logger?: Logger | undefined;
}

/**
 * Opens cells x genes data: h5ad, a 10x HDF5 matrix, a Zarr store (folder or zip), a 10x Matrix Market folder or a
 * bare `.mtx`, a csv, tsv or text table; text may be gzipped. HDF5 and Zarr are streamed from the file when asked
 * for, text is read here and now. Close the result after use.
 *
 * @throws InputError when the path leads to none of these, or to one that is broken
 */
export async function openData(path: string, { logger = silent }: OpenDataOptions = {}): Promise<AnnData> {
  const found = await stat(path).catch((cause) => {
    throw new InputError({
      what: whyNotOpened(cause, 'file or folder'),
      where: path,
      reason: 'missing_file',
      cause,
    });
  });
  return found.isDirectory() ? openFolder(path, logger) : openFile(path, logger);
}

async function openFolder(path: string, logger: Logger): Promise<AnnData> {
  const names = await readdir(path);
  const { isMatrixMarketFolder, openMatrixMarket } = await import('./matrix-market/node.ts');
  if (isMatrixMarketFolder(names)) return openMatrixMarket(path, { logger });
  const looksLikeZarr = names.some((name) =>
    ['.zgroup', '.zattrs', '.zmetadata', 'zarr.json'].includes(name),
  );
  if (looksLikeZarr || /\.zarr\/?$/i.test(path)) return openZarrStore(path, logger);
  const shown = names.slice(0, 5).join(', ');
  throw new InputError({
    what: `the folder holds ${names.length === 0 ? 'nothing' : `no data set, but ${shown}${names.length > 5 ? ', ...' : ''}`}`,
    where: path,
    expected: 'a Zarr store, or matrix.mtx with its barcodes and features',
    reason: 'not_data',
  });
}

async function openFile(path: string, logger: Logger): Promise<AnnData> {
  const head = await readHead(path);
  if (/\.h5ad$/i.test(path) && !isHdf5Kind(head, path)) return openH5adFile(path, logger); // which says what it is
  const kind = sniff(head, path);
  switch (kind) {
    case 'hdf5':
      return openHdf5(path, logger);
    case 'zip':
      return openZip(path, logger);
    case 'gzip':
      return openText(path, packedKind(head, path), logger);
    default:
      return openText(path, kind, logger);
  }
}

function isHdf5Kind(head: Uint8Array, path: string): boolean {
  try {
    return sniff(head, path) === 'hdf5';
  } catch {
    return false;
  }
}

function packedKind(head: Uint8Array, path: string): 'matrix-market' | 'table' {
  const kind = sniff(unpackedHead(head, path), path);
  if (kind === 'matrix-market' || kind === 'table') return kind;
  throw new InputError({
    what: `the file is a gzip-compressed ${kind === 'hdf5' ? 'HDF5' : kind} file`,
    where: path,
    advice: 'Unpack it first, with gunzip.',
    reason: `packed_${kind}`,
  });
}

async function openText(path: string, kind: 'matrix-market' | 'table', logger: Logger): Promise<AnnData> {
  if (kind === 'matrix-market' || /\.mtx(\.gz)?$/i.test(path)) {
    const { openMatrixMarket } = await import('./matrix-market/node.ts');
    return openMatrixMarket(path, { logger });
  }
  const { readDelimited } = await import('./delimited/read.ts');
  return readDelimited(await textFile(path), logger);
}

async function openHdf5(path: string, logger: Logger): Promise<AnnData> {
  const { nodeHdf5 } = await import('./hdf5/node.ts');
  const { openTenxIn } = await import('./tenx/open.ts');
  const tenx = await openTenxIn(await nodeHdf5(), path, logger);
  if (tenx === null) return openH5adFile(path, logger);
  if (/\.h5ad$/i.test(path)) {
    logger.warning(`${path}: this is a 10x Genomics HDF5 matrix, not an h5ad file, and is read as one`);
  }
  return tenx;
}

async function openZip(path: string, logger: Logger): Promise<AnnData> {
  if (/\.(csv|tsv|txt|xlsx)$/i.test(path)) {
    throw new InputError({
      what: 'the file is a zip or Excel file, not text',
      where: path,
      advice: 'Save it from Excel as CSV (UTF-8), or unpack it.',
      reason: 'not_text',
    });
  }
  return openZarrStore(path, logger);
}

async function openH5adFile(path: string, logger: Logger): Promise<AnnData> {
  const { openH5ad } = await import('./h5ad/node.ts');
  return openH5ad(path, { logger });
}

async function openZarrStore(path: string, logger: Logger): Promise<AnnData> {
  const { openZarr } = await import('./zarr/open.ts');
  return openZarr(path, { logger });
}
