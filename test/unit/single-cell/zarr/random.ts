/** @file Random small AnnData of everything that can be stored. */

import fc from 'fast-check';
import {
  AnnData,
  type DenseArray,
  type RecordArray,
  type Unstructured,
} from '../../../../src/single-cell/anndata.ts';
import { type CategoricalColumn, type Column, DataFrame } from '../../../../src/single-cell/data-frame.ts';
import type { Matrix, NumericArray, SparseRows, StoredDtype } from '../../../../src/single-cell/matrix.ts';

/** A matrix in memory, zeros not stored, that says it is stored by rows. */
export function csr(rows: number, columns: number, dense: NumericArray): Matrix {
  const read = (start: number, end: number): SparseRows => {
    const indptr = new Int32Array(end - start + 1);
    const [indices, places]: [number[], number[]] = [[], []];
    for (let row = start; row < end; row++) {
      for (let column = 0; column < columns; column++) {
        if (dense[row * columns + column] === 0) continue;
        indices.push(column);
        places.push(row * columns + column);
      }
      indptr[row - start + 1] = indices.length;
    }
    const Kind = dense.constructor as new (length: number) => NumericArray;
    const values = new Kind(places.length);
    places.forEach((place, i) => {
      values[i] = dense[place];
    });
    return {
      start,
      rowCount: end - start,
      columnCount: columns,
      indptr,
      indices: Int32Array.from(indices),
      values,
    };
  };
  return {
    shape: [rows, columns],
    dtype: dense instanceof Float64Array ? 'float64' : 'float32',
    layout: 'csr',
    rows: async (start, end) => read(start, end),
  };
}

/** Any text but the zero character, surrogates in pairs. */
const text = fc.string({ unit: 'binary', maxLength: 6 }).map((value) => value.replaceAll('\0', '0'));

/** A name of an element. */
const key = text.filter((value) => !/^(\.{0,2}|_index|\.z\w*|zarr\.json)$|[/\\]/.test(value));

const ranges: Partial<Record<StoredDtype, [number, number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [-(2 ** 53) + 1, 2 ** 53 - 1],
  uint64: [0, 2 ** 53 - 1],
  float16: [-2048, 2048],
};

const arrays: Partial<Record<StoredDtype, { from(values: number[]): NumericArray }>> = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float16: Float32Array,
  float32: Float32Array,
};

const dtypes: StoredDtype[] = [
  'bool',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'float16',
  'float32',
  'float64',
];

function value(dtype: StoredDtype): fc.Arbitrary<number> {
  if (dtype === 'bool') return fc.integer({ min: 0, max: 1 });
  if (dtype === 'float32') return fc.float();
  if (dtype === 'float64') return fc.double();
  const [min, max] = ranges[dtype]!;
  return fc.integer({ min, max });
}

function numbers(dtype: StoredDtype, length: number): fc.Arbitrary<NumericArray> {
  return fc
    .array(value(dtype), { minLength: length, maxLength: length })
    .map((values) => (arrays[dtype] ?? Float64Array).from(values));
}

const dtypeOf = fc.constantFrom(...dtypes);

function dense(shape: readonly number[]): fc.Arbitrary<DenseArray> {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return dtypeOf.chain((dtype) =>
    numbers(dtype, size).map((values) => ({ kind: 'dense' as const, dtype, shape, values })),
  );
}

function matrix(rows: number, columns: number): fc.Arbitrary<Matrix> {
  const zeros = fc.constantFrom(0, 0, 0, 1);
  const count = rows * columns;
  return fc
    .record({
      stored: fc.array(zeros, { minLength: count, maxLength: count }),
      values: fc.oneof(numbers('float32', count), numbers('float64', count)),
      layout: fc.constantFrom('csr' as const, 'dense' as const),
    })
    .map(({ stored, values, layout }) => ({
      ...csr(
        rows,
        columns,
        values.map((number, i) => stored[i] * (Number.isFinite(number) ? number : 1)),
      ),
      layout,
    }));
}

function categorical(length: number): fc.Arbitrary<CategoricalColumn> {
  const categories = fc.uniqueArray(text, { minLength: 1, maxLength: 4 });
  return fc
    .tuple(categories, fc.boolean())
    .chain(([names, ordered]) =>
      fc
        .array(fc.integer({ min: -1, max: names.length - 1 }), { minLength: length, maxLength: length })
        .map((codes) => ({ kind: 'categorical', codes: Int32Array.from(codes), categories: names, ordered })),
    );
}

function column(length: number): fc.Arbitrary<Column> {
  const missing = numbers('bool', length) as fc.Arbitrary<Uint8Array>;
  return fc.oneof(
    categorical(length),
    fc
      .constantFrom(...dtypes.filter((dtype) => dtype !== 'bool'))
      .chain((dtype) => numbers(dtype, length).map((values) => ({ kind: 'number' as const, dtype, values }))),
    missing.map((values) => ({ kind: 'boolean' as const, values })),
    fc
      .array(text, { minLength: length, maxLength: length })
      .map((values) => ({ kind: 'string' as const, values })),
    fc.tuple(numbers('int64', length), missing).map(([values, mask]) => ({
      kind: 'nullable-integer' as const,
      dtype: 'int64' as const,
      values,
      missing: mask,
    })),
    fc.tuple(numbers('bool', length), missing).map(([values, mask]) => ({
      kind: 'nullable-boolean' as const,
      dtype: 'bool' as const,
      values,
      missing: mask,
    })),
  );
}

function frame(length: number): fc.Arbitrary<DataFrame> {
  return fc
    .record({
      index: fc.array(text, { minLength: length, maxLength: length }),
      columns: entries(column(length)),
      indexName: fc.option(key),
    })
    .filter(({ columns, indexName }) => columns.every(([name]) => name !== indexName))
    .map(({ index, columns, indexName }) => new DataFrame(index, columns, indexName));
}

function entries<V>(values: fc.Arbitrary<V>): fc.Arbitrary<[string, V][]> {
  const foldedName = ([name]: [string, V]) => name.normalize().toLowerCase(); // one name on some file systems
  return fc.uniqueArray(fc.tuple(key, values), { maxLength: 3, selector: foldedName });
}

const records: fc.Arbitrary<RecordArray> = fc.integer({ min: 1, max: 3 }).chain((length) => {
  const texts = fc
    .array(text, { minLength: length, maxLength: length })
    .map((values) => ({ kind: 'strings' as const, shape: [length], values }));
  return fc
    .uniqueArray(fc.tuple(key, fc.oneof(dense([length]), texts)), {
      minLength: 1,
      maxLength: 3,
      selector: ([name]) => name,
    })
    .map((fields) => ({ kind: 'records', length, fields: new Map(fields) }));
});

const leaf: fc.Arbitrary<Unstructured> = fc.oneof(
  fc.constant(null),
  text,
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.double({ noInteger: true }),
  fc.tuple(fc.nat(3), fc.nat(3)).chain(dense),
  fc.array(text).map((values) => ({ kind: 'strings' as const, shape: [values.length], values })),
  fc
    .array(text, { minLength: 4, maxLength: 4 })
    .map((values) => ({ kind: 'strings' as const, shape: [2, 2], values })),
  categorical(3),
  frame(2),
  matrix(3, 2),
  records,
);

const uns: fc.Arbitrary<[string, Unstructured][]> = entries(
  fc.oneof(
    leaf,
    entries(
      fc.oneof(
        leaf,
        entries(leaf).map((inner) => new Map(inner)),
      ),
    ).map((inner) => new Map(inner)),
  ),
);

/** Up to five cells and four genes. */
export const arbitraryAnnData: fc.Arbitrary<AnnData> = fc
  .tuple(fc.nat(5), fc.nat(4))
  .chain(([cells, genes]) =>
    fc
      .record({
        obs: frame(cells),
        var: frame(genes),
        X: matrix(cells, genes),
        layers: entries(matrix(cells, genes)),
        obsm: entries(fc.oneof(dense([cells, 2]), frame(cells), matrix(cells, 3))),
        varm: entries(dense([genes, 3])),
        obsp: entries(matrix(cells, cells)),
        varp: entries(matrix(genes, genes)),
        uns,
        raw: fc.option(
          fc
            .record({
              X: matrix(cells, genes + 1),
              var: frame(genes + 1),
              varm: entries(dense([genes + 1, 2])),
            })
            .map((raw) => ({
              ...raw,
              varm: new Map(raw.varm),
            })),
        ),
      })
      .map((parts) => new AnnData(parts)),
  );
