/** @file A small data set with types and batches, an embedding of each kind, and counts. */

import { AnnData, type Annotation, type DenseArray } from '../../../../src/single-cell/anndata.ts';
import { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import { type Column, categorical, DataFrame } from '../../../../src/single-cell/data-frame.ts';
import { randomStream } from '../../../../src/support/random.ts';

export const cellCount = 120;
const geneCount = 60;
const types = ['B', 'NK', 'T'];
const batches = ['one', 'two'];

/** The type of a cell. */
export const typeOf = (cell: number) => types[cell % 3];
const batchOf = (cell: number) => batches[Math.floor(cell / 3) % 2];

/** Column of text for every cell. */
export const column = (value: (cell: number) => string | null): Column =>
  categorical(Array.from({ length: cellCount }, (_, cell) => value(cell)));

const random = randomStream(7, 'cells');
const noise = () => random.uniform() - 0.5;

/** Points around a centre for each cell. */
function points(dimensions: number, centre: (cell: number, dimension: number) => number): DenseArray {
  const values = Float32Array.from(
    { length: cellCount * dimensions },
    (_, i) => centre(Math.floor(i / dimensions), i % dimensions) + noise(),
  );
  return { kind: 'dense', dtype: 'float32', shape: [cellCount, dimensions], values };
}

/** Types apart, batches mixed. */
export const integrated = points(4, (cell, dimension) => (dimension === cell % 3 ? 5 : 0));
/** Types apart, batches apart. */
export const separate = points(4, (cell, dimension) =>
  dimension === cell % 3 || (dimension === 3 && batchOf(cell) === 'two') ? 5 : 0,
);
/** Everything mixed. */
export const mixed = points(4, () => 0);

/** Counts whose genes tell types, and whose last genes tell batches. */
function counts(): CsrMatrix {
  const values = Float32Array.from({ length: cellCount * geneCount }, (_, i) => {
    const cell = Math.floor(i / geneCount);
    const gene = i % geneCount;
    const ofType = gene < 45 && gene % 3 === cell % 3 ? 8 : 1;
    const ofBatch = gene >= 45 && batchOf(cell) === 'two' ? 6 : 1;
    return Math.floor(ofType * ofBatch * random.uniform() * 2);
  });
  const kept = Array.from(values.keys()).filter((i) => values[i] > 0);
  const indptr = Float64Array.from(
    { length: cellCount + 1 },
    (_, row) => kept.filter((i) => i < row * geneCount).length,
  );
  return new CsrMatrix([cellCount, geneCount], {
    indptr,
    indices: Int32Array.from(kept, (i) => i % geneCount),
    values: Float32Array.from(kept, (i) => values[i]),
  });
}
const X = counts();

/** The data set, with more columns and embeddings, or others in their place. */
export function cells({
  obs = {},
  obsm = { X_model: integrated, X_pca: separate },
  withX = true,
}: {
  readonly obs?: Readonly<Record<string, Column>>;
  readonly obsm?: Readonly<Record<string, Annotation>>;
  readonly withX?: boolean;
} = {}): AnnData {
  const names = Array.from({ length: cellCount }, (_, cell) => `cell${cell}`);
  const columns = { cell_type: column(typeOf), batch: column(batchOf), ...obs };
  return new AnnData({
    obs: new DataFrame(names, Object.entries(columns)),
    var: new DataFrame(Array.from({ length: geneCount }, (_, gene) => `gene${gene}`)),
    X: withX ? X : null,
    obsm: Object.entries(obsm),
    source: 'cells.h5ad',
  });
}
