/** @file AnnData with random content of every kind that h5ad can hold, for properties. */

import fc from 'fast-check';
import { AnnData, type DenseArray, type Unstructured } from '../../../../src/single-cell/anndata.ts';
import { type Column, DataFrame } from '../../../../src/single-cell/data-frame.ts';
import type { Matrix, NumericArray, StoredDtype } from '../../../../src/single-cell/matrix.ts';

const integerRanges = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [-(2 ** 53), 2 ** 53],
  uint64: [0, 2 ** 53],
} as const;

const kinds = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: Float64Array,
  uint64: Float64Array,
  float16: Float32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

const dtype = fc.constantFrom(...(Object.keys(kinds) as StoredDtype[]));

function number(of: StoredDtype): fc.Arbitrary<number> {
  if (of === 'bool') return fc.nat(1);
  if (of === 'float16') return fc.integer({ min: -2048, max: 2048 });
  if (of === 'float32') return fc.float();
  if (of === 'float64') return fc.double();
  const [min, max] = integerRanges[of as keyof typeof integerRanges];
  return fc.double({ min, max, noNaN: true, noDefaultInfinity: true }).map((value) => Math.round(value) + 0);
}

function numbers(of: StoredDtype, length: number): fc.Arbitrary<NumericArray> {
  return fc.array(number(of), { minLength: length, maxLength: length }).map((list) => kinds[of].from(list));
}

/** Text that HDF5 can hold: whole characters, none of them zero. */
const text = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((value) => !value.includes('\0'));
const key = text.filter((value) => !/^(\.*|_index)$|\//.test(value));

const texts = (length: number) => fc.array(text, { minLength: length, maxLength: length });

function column(length: number): fc.Arbitrary<Column> {
  const bytes = fc
    .array(fc.nat(1), { minLength: length, maxLength: length })
    .map((list) => Uint8Array.from(list));
  return fc.oneof(
    texts(length).map((values): Column => ({ kind: 'string', values })),
    bytes.map((values): Column => ({ kind: 'boolean', values })),
    dtype
      .filter((of) => of !== 'bool')
      .chain((of) => numbers(of, length).map((values): Column => ({ kind: 'number', dtype: of, values }))),
    fc
      .tuple(numbers('int64', length), bytes)
      .map(([values, missing]): Column => ({ kind: 'nullable-integer', dtype: 'int64', values, missing })),
    fc
      .tuple(bytes, bytes)
      .map(([values, missing]): Column => ({ kind: 'nullable-boolean', dtype: 'bool', values, missing })),
    fc
      .tuple(fc.uniqueArray(text, { minLength: 1, maxLength: 200 }), fc.boolean())
      .chain(([categories, ordered]) =>
        fc
          .array(fc.integer({ min: -1, max: categories.length - 1 }), {
            minLength: length,
            maxLength: length,
          })
          .map(
            (codes): Column => ({ kind: 'categorical', codes: Int32Array.from(codes), categories, ordered }),
          ),
      ),
  );
}

const columns = (length: number) =>
  fc.uniqueArray(fc.tuple(key, column(length)), { maxLength: 4, selector: ([name]) => name });

function frame(length: number): fc.Arbitrary<DataFrame> {
  return fc.tuple(texts(length), columns(length)).map(([index, entries]) => new DataFrame(index, entries));
}

function dense(shape: readonly number[]): fc.Arbitrary<DenseArray> {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return dtype.chain((of) =>
    numbers(of, size).map((values) => ({ kind: 'dense' as const, dtype: of, shape, values })),
  );
}

/** A matrix over a dense array in memory; sparse layouts keep no zeros. */
function matrix(rows: number, columnCount: number): fc.Arbitrary<Matrix> {
  return fc
    .tuple(dense([rows, columnCount]), fc.constantFrom('csr' as const, 'dense' as const))
    .map(([whole, layout]) => ({
      shape: [rows, columnCount] as const,
      dtype: whole.dtype,
      layout,
      rows: async (start: number, end: number) => {
        const indptr = [0];
        const entries: [number, number][] = [];
        for (let row = start; row < end; row++) {
          for (let c = 0; c < columnCount; c++) {
            const value = whole.values[row * columnCount + c];
            if (value !== 0) entries.push([c, value]);
          }
          indptr.push(entries.length);
        }
        return {
          start,
          rowCount: end - start,
          columnCount,
          indptr: Int32Array.from(indptr),
          indices: Int32Array.from(entries, ([index]) => index),
          values: kinds[whole.dtype].from(entries.map(([, value]) => value)),
        };
      },
    }));
}

const unstructured: fc.Arbitrary<Unstructured> = fc.letrec<{ value: Unstructured; map: Unstructured }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constant(null),
      fc.boolean(),
      text,
      fc.maxSafeInteger(),
      fc.double(),
      fc.nat(3).chain((n) => dense([n])),
      fc.nat(3).chain((n) => dense([n, 2])),
      dense([]),
      fc
        .nat(3)
        .chain((n) => texts(n).map((values): Unstructured => ({ kind: 'strings', shape: [n], values }))),
      fc.nat(3).chain((n) => frame(n)),
      fc.tuple(fc.nat(3), texts(3), numbers('float32', 3)).map(
        ([, names, scores]): Unstructured => ({
          kind: 'records',
          length: 3,
          fields: new Map([
            ['names', { kind: 'strings', shape: [3], values: names }],
            ['scores', { kind: 'dense', dtype: 'float32', shape: [3], values: scores }],
          ]),
        }),
      ),
      matrix(2, 3),
      tie('map'),
    ),
    map: fc
      .uniqueArray(fc.tuple(key, tie('value')), { maxLength: 3, selector: ([name]) => name })
      .map((entries) => new Map(entries)),
  }),
).map;

const named = <V>(value: fc.Arbitrary<V>) =>
  fc.uniqueArray(fc.tuple(key, value), { maxLength: 2, selector: ([name]) => name });

/** Any AnnData of up to 12 cells and 6 genes. */
export const anyAnnData: fc.Arbitrary<AnnData> = fc
  .tuple(fc.nat(12), fc.nat(6), fc.nat(5))
  .chain(([cells, genes, rawGenes]) =>
    fc.record({
      obs: frame(cells),
      var: frame(genes),
      X: matrix(cells, genes),
      layers: named(matrix(cells, genes)),
      obsm: named(fc.oneof(dense([cells, 2]), dense([cells, 2, 2]), frame(cells))),
      varm: named(dense([genes, 3])),
      obsp: named(matrix(cells, cells)),
      varp: named(matrix(genes, genes)),
      uns: unstructured.map((value) => value as Map<string, Unstructured>),
      raw: fc.option(
        fc.record({ X: matrix(cells, rawGenes), var: frame(rawGenes), varm: fc.constant(new Map()) }),
      ),
    }),
  )
  .map((parts) => new AnnData(parts));
