/** @file The files a reader meets (fixture `h5ad`): paths, what they hold, and what must be said of broken ones. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { AnnData } from '../../../src/single-cell/anndata.ts';
import { columnStrings, type DataFrame } from '../../../src/single-cell/data-frame.ts';
import { blocksOf, type Matrix } from '../../../src/single-cell/matrix.ts';
import { isScgptError, type ScgptError } from '../../../src/support/errors.ts';

const folder = new URL('../../fixtures/data/h5ad/', import.meta.url);

interface ExpectedFrame {
  readonly index: readonly string[];
  readonly columns: Readonly<Record<string, { readonly values: readonly (string | null)[] }>>;
  readonly column_order: readonly string[];
}

interface Expected {
  readonly shape: readonly [number, number];
  readonly obs_names: readonly string[];
  readonly var_names: readonly string[];
  readonly X: { readonly dtype?: string; readonly nnz?: number; readonly values: readonly number[] };
  readonly obs?: ExpectedFrame;
  readonly var?: ExpectedFrame;
}

/** A path such as `good/mtx_v2`. */
export function fixturePath(name: string): string {
  return fileURLToPath(new URL(name, folder));
}

/** Compares everything the fixture states of a good file. */
export async function expectAsStated(data: AnnData, name: string): Promise<void> {
  const url = new URL(`expected/${name}.json`, folder);
  const stated = JSON.parse(readFileSync(url, 'utf8')) as Expected;
  expect([data.nObs, data.nVars]).toEqual(stated.shape);
  expect(data.obs.index).toEqual(stated.obs_names);
  expect(data.var.index).toEqual(stated.var_names);
  expect(data.X?.shape).toEqual(stated.shape);
  const { dense, entries } = await denseOf(data.X!);
  expect(dense).toEqual(stated.X.values);
  if (stated.X.nnz !== undefined) expect(entries).toBe(stated.X.nnz);
  if (stated.X.dtype !== undefined) expect(data.X!.dtype).toBe(stated.X.dtype);
  if (stated.obs !== undefined) expectFrame(data.obs, stated.obs);
  if (stated.var !== undefined) expectFrame(data.var, stated.var);
}

function expectFrame(frame: DataFrame, stated: ExpectedFrame): void {
  expect([...frame.columns.keys()]).toEqual(stated.column_order);
  for (const [name, column] of frame.columns) {
    expect(columnStrings(column)).toEqual(stated.columns[name].values);
  }
}

/** All values row by row, read in blocks of five rows so that blocks have to fit together. */
export async function denseOf(matrix: Matrix): Promise<{ dense: number[]; entries: number }> {
  const [rows, columns] = matrix.shape;
  const dense = new Array<number>(rows * columns).fill(0);
  let entries = 0;
  for await (const block of blocksOf(matrix, 5)) {
    for (let row = 0; row < block.rowCount; row++) {
      for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) {
        if (i > block.indptr[row]) expect(block.indices[i]).toBeGreaterThan(block.indices[i - 1]);
        dense[(block.start + row) * columns + block.indices[i]] = block.values[i];
        entries++;
      }
    }
  }
  return { dense, entries };
}

/** The error a promise ends with, which must be one of this package's own. */
export async function errorOf(promise: Promise<unknown>): Promise<ScgptError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isScgptError(error)) throw error ?? new Error('nothing was thrown');
  return error;
}
