/** @file Genes that one class expresses more than another, for every two classes, by medians. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { entriesOf } from './features.ts';

/** Columns of genes, the largest difference first, by the class that expresses more and the other. */
export type PairwiseMarkers = readonly (readonly Int32Array[])[]; // [classes][classes]

/**
 * SingleR's markers `classic`: of each ordered pair of classes the genes with the largest positive differences of median
 * log expression, 500 (2/3)^log2(classes) of them at the most; equal ones in the order of columns.
 *
 * @param labels 0 .. classCount - 1
 */
export async function pairwiseMarkers(
  expression: CsrMatrix, // [cells, genes]
  labels: Int32Array,
  classCount: number,
): Promise<PairwiseMarkers> {
  const medians = await classMedians(expression, labels, classCount);
  const genes = expression.shape[1];
  const most = Math.round(500 * (2 / 3) ** Math.log2(classCount));
  return Array.from({ length: classCount }, (_, a) =>
    Array.from({ length: classCount }, (__, b) => {
      const difference = (gene: number) => medians[a * genes + gene] - medians[b * genes + gene];
      const higher = Int32Array.from({ length: genes }, (___, gene) => gene).filter(
        (gene) => difference(gene) > 0,
      );
      return higher.sort((x, y) => difference(y) - difference(x) || x - y).slice(0, most);
    }),
  );
}

/** The median of every gene in every class, zeros counting. */
async function classMedians(
  expression: CsrMatrix,
  labels: Int32Array,
  classCount: number,
): Promise<Float64Array> {
  const { rowCount, columnCount, indptr, indices, values } = await entriesOf(expression);
  const sizes = new Int32Array(classCount);
  for (const label of labels) sizes[label]++;
  const found: number[][] = Array.from({ length: classCount * columnCount }, () => []);
  for (let row = 0; row < rowCount; row++) {
    const first = labels[row] * columnCount;
    for (let i = indptr[row]; i < indptr[row + 1]; i++) {
      if (values[i] !== 0) found[first + indices[i]].push(values[i]);
    }
  }
  return Float64Array.from(found, (above, place) => {
    const size = sizes[Math.floor(place / columnCount)];
    const zeros = size - above.length;
    above.sort((a, b) => a - b);
    const at = (rank: number) => (rank < zeros ? 0 : above[rank - zeros]);
    return (at(Math.floor((size - 1) / 2)) + at(Math.floor(size / 2))) / 2;
  }); // [classes, genes]
}
