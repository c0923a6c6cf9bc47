/** @file Some cells of an AnnData, in any order; matrices stay where they are and are read when asked for. */

import { UsageError } from '../support/errors.ts';
import { AnnData, type Annotation, type DenseArray } from './anndata.ts';
import { type Column, DataFrame } from './data-frame.ts';
import { canonicalRows } from './encoding/canonical.ts';
import { emptyLike, type Matrix, type NumericArray, type SparseRows } from './matrix.ts';
import { selectCells } from './preprocess/views.ts';

/**
 * The cells of some rows. Closing the result closes nothing: close the whole instead.
 *
 * @param rows row numbers, each at most once
 * @throws UsageError for rows that there are not, or twice
 */
export function subsetObs(data: AnnData, rows: ArrayLike<number>): AnnData {
  const cells = checkedRows(rows, data.nObs);
  const view = (matrix: Matrix) => selectCells(matrix, cells);
  return new AnnData({
    obs: frameRows(data.obs, cells),
    var: data.var,
    X: data.X === null ? null : view(data.X),
    layers: mapValues(data.layers, view),
    obsm: mapValues(data.obsm, (element) => annotationRows(element, cells)),
    varm: data.varm,
    obsp: mapValues(data.obsp, (element) => pairwise(element, cells)),
    varp: data.varp,
    uns: data.uns,
    raw: data.raw === null ? null : { ...data.raw, X: view(data.raw.X) },
    source: data.source,
  });
}

function checkedRows(rows: ArrayLike<number>, count: number): Int32Array {
  const seen = new Uint8Array(count);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (Number.isInteger(row) && row >= 0 && row < count && seen[row] === 0) {
      seen[row] = 1;
      continue;
    }
    throw new UsageError({
      what: seen[row] === 1 ? `row ${row} is chosen twice` : `there is no row ${row}`,
      where: 'obs',
      expected: `rows from 0 to ${count - 1}, each at most once`,
      reason: 'rows',
    });
  }
  return Int32Array.from(rows);
}

function mapValues<V, W>(map: ReadonlyMap<string, V>, change: (value: V) => W): [string, W][] {
  return Array.from(map, ([key, value]) => [key, change(value)]);
}

function frameRows(frame: DataFrame, rows: Int32Array): DataFrame {
  const index = Array.from(rows, (row) => frame.index[row]);
  return new DataFrame(
    index,
    mapValues(frame.columns, (column) => columnRows(column, rows)),
    frame.indexName,
  );
}

/** Some rows of a column; all categories are kept. */
export function columnRows(column: Column, rows: Int32Array): Column {
  switch (column.kind) {
    case 'categorical':
      return { ...column, codes: rows.map((row) => column.codes[row]) };
    case 'string':
      return { ...column, values: Array.from(rows, (row) => column.values[row]) };
    case 'boolean':
      return { ...column, values: Uint8Array.from(rows, (row) => column.values[row]) };
    case 'number':
      return { ...column, values: gather(column.values, rows, 1) };
    default: {
      const missing = Uint8Array.from(rows, (row) => column.missing[row]);
      return { ...column, values: gather(column.values, rows, 1), missing };
    }
  }
}

function gather(values: NumericArray, rows: Int32Array, width: number): NumericArray {
  const out = emptyLike(values, rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    out.set(values.subarray(rows[i] * width, (rows[i] + 1) * width), i * width);
  }
  return out;
}

function annotationRows(element: Annotation, rows: Int32Array): Annotation {
  if (element instanceof DataFrame) return frameRows(element, rows);
  return 'kind' in element ? denseRows(element, rows) : selectCells(element, rows);
}

/** Rows of an array, gathered when first looked at. */
function denseRows(array: DenseArray, rows: Int32Array): DenseArray {
  const rest = array.shape.slice(1);
  const width = rest.reduce((product, extent) => product * extent, 1);
  let gathered: NumericArray | undefined;
  return {
    kind: 'dense',
    dtype: array.dtype,
    shape: [rows.length, ...rest],
    get values() {
      gathered ??= gather(array.values, rows, width);
      return gathered;
    },
  };
}

/** What is known of pairs of cells, for pairs of the chosen. */
function pairwise(element: Annotation, cells: Int32Array): Annotation {
  const some = annotationRows(element, cells);
  if (some instanceof DataFrame || 'kind' in some) return some;
  const place = new Int32Array(some.shape[1]).fill(-1);
  for (let i = 0; i < cells.length; i++) place[cells[i]] = i;
  return {
    shape: [cells.length, cells.length],
    dtype: some.dtype,
    layout: some.layout,
    async rows(start, end) {
      return canonicalRows(placeColumns(await some.rows(start, end), place, cells.length));
    },
  };
}

/**
 * A block with its columns moved; not in canonical form unless places ascend.
 *
 * @param place the new index of each column, -1 for those left out
 */
export function placeColumns(block: SparseRows, place: Int32Array, columnCount: number): SparseRows {
  const indptr = new Int32Array(block.rowCount + 1);
  const indices = new Int32Array(block.indices.length);
  const values = emptyLike(block.values, block.values.length);
  let entries = 0;
  for (let row = 0; row < block.rowCount; row++) {
    for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) {
      const column = place[block.indices[i]];
      if (column < 0) continue;
      indices[entries] = column;
      values[entries++] = block.values[i];
    }
    indptr[row + 1] = entries;
  }
  return {
    ...block,
    columnCount,
    indptr,
    indices: indices.subarray(0, entries),
    values: values.subarray(0, entries),
  };
}
