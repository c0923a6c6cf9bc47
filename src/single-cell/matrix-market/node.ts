/** @file Matrix Market exports by their path in Node: a folder, or the matrix file itself. */

import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../../support/errors.ts';
import { type Logger, silent } from '../../support/log.ts';
import type { AnnData } from '../anndata.ts';
import { textFile } from '../text/node-files.ts';
import { readMatrixMarket } from './read.ts';

const matrixName = /^(.*)matrix\.mtx(\.gz)?$/i;

/** True when a folder's names include a matrix as Cell Ranger names it, perhaps behind a prefix. */
export function isMatrixMarketFolder(names: readonly string[]): boolean {
  return names.some((name) => matrixName.test(name));
}

/**
 * Opens a folder with `matrix.mtx`, `barcodes.tsv` and `features.tsv` or `genes.tsv`, each perhaps gzipped and all
 * perhaps behind one prefix as GEO gives them; or a matrix file, whose names are looked for beside it.
 *
 * @throws InputError when a file is missing or broken, or a folder holds several matrices
 */
export async function openMatrixMarket(path: string, options: { logger?: Logger } = {}): Promise<AnnData> {
  const logger = options.logger ?? silent;
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (names !== undefined) return openExport(path, path, oneMatrix(path, names), names, logger);
  const folder = dirname(path);
  const siblings = await readdir(folder);
  const prefix = matrixName.exec(basename(path))?.[1];
  const hasNames = siblings.some((name) => prefix !== undefined && isNameFile(name, prefix));
  if (hasNames) return openExport(path, folder, basename(path), siblings, logger);
  return readMatrixMarket(path, { matrix: await textFile(path), features: null, barcodes: null }, logger);
}

function isNameFile(name: string, prefix: string): boolean {
  return (
    name.startsWith(prefix) && /^(barcodes|features|genes)\.tsv(\.gz)?$/i.test(name.slice(prefix.length))
  );
}

function oneMatrix(folder: string, names: readonly string[]): string {
  const matrices = names.filter((name) => matrixName.test(name)).sort();
  const prefixes = new Set(matrices.map((name) => matrixName.exec(name)![1]));
  if (prefixes.size === 1) return matrices[0];
  throw new InputError({
    what:
      matrices.length === 0
        ? 'the folder holds no matrix.mtx'
        : `the folder holds several matrices: ${matrices.slice(0, 5).join(', ')}`,
    where: folder,
    expected: 'one matrix.mtx or matrix.mtx.gz with its barcodes and features',
    advice: matrices.length === 0 ? undefined : 'Give the path of one matrix file, or several of them.',
    reason: matrices.length === 0 ? 'missing_file' : 'several_matrices',
  });
}

async function openExport(
  path: string,
  folder: string,
  matrix: string,
  names: readonly string[],
  logger: Logger,
): Promise<AnnData> {
  const [, prefix, packed = ''] = matrixName.exec(matrix)!;
  const beside = (...kinds: string[]): string => {
    const wanted = kinds.flatMap((kind) => [
      `${prefix}${kind}.tsv${packed}`,
      `${prefix}${kind}.tsv`,
      `${prefix}${kind}.tsv.gz`,
    ]);
    const found = wanted.find((name) => names.includes(name));
    if (found !== undefined) return join(folder, found);
    throw new InputError({
      what: `${wanted[0]} is missing`,
      where: folder,
      expected: `${kinds.map((kind) => `${prefix}${kind}.tsv or .tsv.gz`).join(', or ')}, beside ${matrix}`,
      reason: 'missing_file',
    });
  };
  const files = {
    matrix: await textFile(join(folder, matrix)),
    features: await textFile(beside('features', 'genes')),
    barcodes: await textFile(beside('barcodes')),
  };
  return readMatrixMarket(path, files, logger);
}
