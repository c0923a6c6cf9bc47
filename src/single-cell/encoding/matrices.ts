/** @file Which kind of matrix an element is. */

import { InputError } from '../../support/errors.ts';
import type { Matrix } from '../matrix.ts';
import { unknownEncoding } from './columns.ts';
import { DenseMatrix } from './dense.ts';
import { encodingOf, type ReadContext } from './encodings.ts';
import { StoredCscMatrix, StoredCsrMatrix } from './sparse.ts';
import { join } from './store.ts';

/** The layout of a sparse group, undefined when it is none. Files before anndata 0.7 say it in `h5sparse_format`. */
function sparseLayout(context: ReadContext, path: string): 'csr' | 'csc' | undefined {
  const encoding = encodingOf(context, path) ?? context.file.text(path, 'h5sparse_format');
  if (encoding === 'csr_matrix' || encoding === 'csr') return 'csr';
  if (encoding === 'csc_matrix' || encoding === 'csc') return 'csc';
  return undefined;
}

/**
 * Opens a matrix, reading none of its values.
 *
 * @param fallback the shape to take, with a warning, for a sparse matrix that does not say its own
 * @throws InputError when it is no matrix, or its arrays do not fit together
 */
export function readMatrix(context: ReadContext, path: string, fallback?: readonly [number, number]): Matrix {
  const { file } = context;
  if (file.isDataset(path)) return new DenseMatrix(file.dataset(path));
  const layout = sparseLayout(context, path);
  if (layout === undefined) throw unknownEncoding(context, path, encodingOf(context, path));
  const shape = sparseShape(context, path, fallback);
  return layout === 'csr' ? new StoredCsrMatrix(file, path, shape) : new StoredCscMatrix(file, path, shape);
}

function sparseShape(
  { file, logger }: ReadContext,
  path: string,
  fallback: readonly [number, number] | undefined,
): readonly [number, number] {
  const stored = file.attribute(path, 'shape') ?? file.attribute(path, 'h5sparse_shape');
  const [rows, columns] = (stored ?? []) as ArrayLike<number> & Iterable<number>;
  if (rows !== undefined && columns !== undefined) return [Number(rows), Number(columns)];
  if (fallback === undefined) {
    throw new InputError({
      what: 'the sparse matrix has no shape',
      where: file.where(path),
      expected: 'an attribute shape of two numbers',
      reason: 'missing_shape',
    });
  }
  logger.warning(
    `${file.where(path)} says no shape; it is taken as ${fallback.join(' x ')}, from obs and var`,
  );
  return fallback;
}

/** True for a path that holds a sparse matrix. */
export function isSparse(context: ReadContext, path: string): boolean {
  return context.file.isGroup(path) && sparseLayout(context, path) !== undefined;
}

/** `X`, `layers/counts`: the matrices of a group by name. */
export function readMatrices(
  context: ReadContext,
  group: string,
  shape: readonly [number, number],
): [string, Matrix][] {
  return context.file.keys(group).map((key) => [key, readMatrix(context, join(group, key), shape)]);
}
