/** @file The content of an AnnData in the form in which the fixtures give what is expected. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AnnData, Annotation, Raw, Unstructured } from '../../../../src/single-cell/anndata.ts';
import { type Column, DataFrame } from '../../../../src/single-cell/data-frame.ts';
import type { Matrix, NumericArray, StoredDtype } from '../../../../src/single-cell/matrix.ts';

/** Where the cases' files lie. */
export const fixtures = fileURLToPath(new URL('../../../fixtures/data/h5ad/', import.meta.url));

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What `case.json` says of a file. */
export interface BadFile {
  readonly severity: string;
  readonly code: string;
  readonly must_mention: readonly string[];
}

export const cases = JSON.parse(readFileSync(`${fixtures}case.json`, 'utf8')) as {
  readonly good_files: Record<string, { readonly expected: string }>;
  readonly bad_files: Record<string, BadFile>;
};

/**
 * The expected content of a good file, with two differences: repeated entries of a sparse matrix are one here, their
 * sum; and np_int is stored as int32, which the expectation gives as Python's only integer.
 */
export function expectedContent(file: string): Record<string, Json> {
  const content = JSON.parse(readFileSync(fixtures + cases.good_files[file].expected, 'utf8'));
  if (file === 'good/csr_duplicate_entries.h5ad') content.X.nnz = 58;
  if (file === 'good/uns_nested.h5ad') content.uns.np_int.dtype = 'int32';
  return { X: null, ...content };
}

/** Everything an AnnData holds. */
export async function contentOf(data: AnnData): Promise<Record<string, Json>> {
  const { obs, var: genes, X, raw } = data;
  return {
    shape: [data.nObs, data.nVars],
    obs_names: [...obs.index],
    var_names: [...genes.index],
    ...(X === null ? { X: null } : { X: await matrixContent(X) }),
    obs: frameContent(obs),
    var: frameContent(genes),
    layers: await mapContent(data.layers, matrixContent),
    obsm: await mapContent(data.obsm, annotationContent),
    varm: await mapContent(data.varm, annotationContent),
    obsp: await mapContent(data.obsp, annotationContent),
    varp: await mapContent(data.varp, annotationContent),
    uns: await mapContent(data.uns, unsContent),
    ...(raw === null ? {} : { raw: await rawContent(raw) }),
  };
}

async function mapContent<V>(map: ReadonlyMap<string, V>, content: (value: V) => Promise<Json>) {
  const entries: [string, Json][] = [];
  for (const [key, value] of map) entries.push([key, await content(value)]);
  return Object.fromEntries(entries);
}

async function rawContent({ X, var: genes }: Raw): Promise<Json> {
  return {
    shape: [...X.shape],
    var_names: [...genes.index],
    X: await matrixContent(X),
    var: frameContent(genes),
  };
}

/** A matrix as all its values, row by row; read in blocks of five rows, so that blocks meet. */
export async function matrixContent(matrix: Matrix): Promise<Json> {
  const { shape, dtype, layout } = matrix;
  const values: number[] = new Array(shape[0] * shape[1]).fill(0);
  let stored = 0;
  for (let start = 0; start < shape[0]; start += 5) {
    const block = await matrix.rows(start, Math.min(start + 5, shape[0]));
    for (let row = 0; row < block.rowCount; row++) {
      for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) {
        values[(start + row) * shape[1] + block.indices[i]] = block.values[i];
        stored++;
      }
    }
  }
  const content = { kind: layout, dtype, shape: [...shape], values: numbers(values, dtype) };
  return layout === 'dense' ? content : { ...content, nnz: stored };
}

function numbers(values: ArrayLike<number>, dtype: StoredDtype): Json[] {
  return Array.from(values, (value): Json => {
    if (dtype === 'bool') return value !== 0;
    return Number.isFinite(value) ? value : String(value);
  });
}

function frameContent(frame: DataFrame): Json {
  return {
    index_name: frame.indexName,
    index: [...frame.index],
    columns: Object.fromEntries(Array.from(frame.columns, ([name, column]) => [name, columnContent(column)])),
    column_order: [...frame.columns.keys()],
  };
}

function columnContent(column: Column): Json {
  switch (column.kind) {
    case 'categorical': {
      const { ordered, categories, categoryDtype, codes } = column;
      const listed = ArrayBuffer.isView(categories)
        ? numbers(categories as NumericArray, categoryDtype ?? 'float64')
        : [...(categories as readonly string[])];
      return { kind: 'categorical', ordered, categories: listed, codes: [...codes] };
    }
    case 'string':
      return { kind: 'strings', values: [...column.values] };
    case 'boolean':
      return { kind: 'bool', values: numbers(column.values, 'bool') };
    case 'number':
      return { kind: 'number', dtype: column.dtype, values: numbers(column.values, column.dtype) };
    default: {
      const values = numbers(column.values, column.dtype).map((value, row) =>
        column.missing[row] ? null : value,
      );
      return column.kind === 'nullable-boolean'
        ? { kind: column.kind, values }
        : { kind: column.kind, dtype: column.dtype, values };
    }
  }
}

async function annotationContent(element: Annotation): Promise<Json> {
  if (element instanceof DataFrame) return { kind: 'dataframe', ...(frameContent(element) as object) };
  if (!('kind' in element)) return matrixContent(element);
  const { dtype, shape, values } = element;
  return { kind: 'dense', dtype, shape: [...shape], values: numbers(values, dtype) };
}

/** A truth value without dimensions is a boolean; other numbers without dimensions say how they are stored. */
function scalarContent(dtype: StoredDtype, value: number): Json {
  return dtype === 'bool' ? { kind: 'boolean', value: value !== 0 } : { kind: 'number', dtype, value };
}

async function unsContent(value: Unstructured): Promise<Json> {
  if (value === null) return { kind: 'null' };
  if (typeof value === 'string') return { kind: 'string', value };
  if (typeof value === 'boolean') return { kind: 'boolean', value };
  if (typeof value === 'number') {
    return scalarContent(Number.isSafeInteger(value) && !Object.is(value, -0) ? 'int64' : 'float64', value);
  }
  if (value instanceof Map) return { kind: 'dict', items: await mapContent(value, unsContent) };
  if (value instanceof DataFrame || !('kind' in value)) return annotationContent(value);
  switch (value.kind) {
    case 'dense':
      if (value.shape.length > 0) return annotationContent(value);
      return scalarContent(value.dtype, value.values[0]);
    case 'strings':
      return { kind: 'strings', shape: [...value.shape], values: [...value.values] };
    case 'records':
      return { kind: 'records', fields: recordsContent(value) };
    case 'other':
      return { kind: 'other', encoding: value.encoding };
    default:
      return columnContent(value);
  }
}

function recordsContent({ fields }: Extract<Unstructured, { kind: 'records' }>): Json {
  return Object.fromEntries(
    Array.from(fields, ([name, field]) => [
      name,
      field.kind === 'strings'
        ? { dtype: 'string', values: [...field.values] }
        : { dtype: field.dtype, values: numbers(field.values, field.dtype) },
    ]),
  );
}
