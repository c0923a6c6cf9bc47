/** @file Principal components of a cells x genes matrix that is read in blocks. */

import type { DenseArray } from '../single-cell/anndata.ts';
import type { Matrix } from '../single-cell/matrix.ts';
import { eachBlock } from '../single-cell/preprocess/pass.ts';
import { InputError, UsageError } from '../support/errors.ts';
import type { RunControl } from '../support/progress.ts';
import { leadingEigen } from './leading-eigen.ts';

/** Principal components, largest variance first. */
export interface Pca {
  /** Cells in terms of the components. */
  readonly scores: DenseArray; // [cells, components] float64
  /** Genes' weights, unit length for each component; the largest in magnitude is positive. */
  readonly loadings: DenseArray; // [genes, components] float64
  /** Variance of each component, with divisor n - 1. */
  readonly variances: Float64Array; // [components]
  /** Share of the total variance. */
  readonly varianceShares: Float64Array; // [components]
  readonly means: Float64Array; // [genes]
}

/** Components of what cells differ in within their groups. */
export type PcaWithin = Omit<Pca, 'means'> & {
  /** Of each group. */
  readonly means: Float64Array; // [groups, genes]
};

/** Groups of rows, such as batches. */
interface RowGroups {
  readonly codes: ArrayLike<number>; // [cells]
  readonly count: number;
}

/** The covariance of more genes would take more than half a gigabyte. */
const mostGenes = 8000;
/** A variance of less than this share of the largest, or of the squared means, is rounding. */
const negligibleShare = 1e-12;

/**
 * Principal component analysis as scanpy does it: genes are centred, not scaled; exact, by the eigenvectors of
 * the covariance of genes. Reads the matrix twice; memory grows with the square of the number of genes, not with
 * cells.
 *
 * @param matrix usually log-normalised values of chosen genes
 * @param components as many as these, fewer where cells or genes allow no more: at most cells - 1, genes, and
 *   the number of directions in which cells differ. Default 50, scanpy's.
 * @throws UsageError when the matrix has more than 8,000 genes
 * @throws InputError when there are fewer than two cells, or cells do not differ
 */
export async function pca(matrix: Matrix, components = 50, control?: RunControl): Promise<Pca> {
  return centredPca(matrix, { codes: new Uint8Array(matrix.shape[0]), count: 1 }, components, control);
}

/**
 * The same after each group's means are taken from its cells, which take the most of what sets batches apart with
 * them. Where groups hold other shares of cell types, that part of their difference is taken too.
 *
 * @param groups every cell has one
 * @throws as {@link pca} does
 */
export async function pcaWithin(
  matrix: Matrix,
  groups: { readonly codes: Int32Array; readonly groups: readonly string[] },
  components = 50,
  control?: RunControl,
): Promise<PcaWithin> {
  return centredPca(matrix, { codes: groups.codes, count: groups.groups.length }, components, control);
}

async function centredPca(
  matrix: Matrix,
  groups: RowGroups,
  components: number,
  control: RunControl | undefined,
): Promise<PcaWithin> {
  const [cellCount, geneCount] = matrix.shape;
  checkRequest(cellCount, geneCount, components);
  const { means, covariance } = await covarianceOf(matrix, groups, control);
  const total = totalVariance(covariance, means, cellCount, geneCount);
  const asked = Math.min(components, cellCount - 1, geneCount);
  const { values, vectors } = leadingEigen(covariance, geneCount, asked);
  const kept = values.filter((variance) => variance > negligibleShare * values[0]).length;
  const loadings = orient(vectors, kept, geneCount);
  return {
    scores: await project(matrix, { groups, means }, loadings, kept, control),
    loadings: { kind: 'dense', dtype: 'float64', shape: [geneCount, kept], values: loadings },
    variances: values.slice(0, kept),
    varianceShares: values.slice(0, kept).map((variance) => variance / total),
    means,
  };
}

function checkRequest(cellCount: number, geneCount: number, components: number): void {
  if (!Number.isInteger(components) || components < 1) {
    throw new UsageError({
      what: `the number of components is ${components}`,
      expected: 'a whole number of at least 1',
      reason: 'component_count',
    });
  }
  if (geneCount > mostGenes) {
    throw new UsageError({
      what: `there are ${geneCount} genes`,
      where: 'principal components',
      expected: `at most ${mostGenes}`,
      advice: 'Choose highly variable genes first.',
      reason: 'too_many_genes',
    });
  }
  if (cellCount >= 2 && geneCount >= 1) return;
  throw new InputError({
    what: `there are ${cellCount} cells and ${geneCount} genes`,
    where: 'principal components',
    expected: 'at least two cells and one gene',
    reason: 'too_few_cells',
  });
}

/** The sum of all genes' variances. */
function totalVariance(
  covariance: Float64Array,
  means: Float64Array,
  cellCount: number,
  geneCount: number,
): number {
  let total = 0;
  for (let gene = 0; gene < geneCount; gene++) total += covariance[gene * geneCount + gene];
  const squares = means.reduce((sum, mean) => sum + mean * mean, 0);
  if (total > negligibleShare * squares) return total;
  throw new InputError({
    what: `all ${cellCount} cells have the same values`,
    where: 'principal components',
    expected: 'cells that differ',
    reason: 'no_variance',
  });
}

/** Means of groups and covariance about them (divisor n - 1), in one pass over the entries that are not zero. */
async function covarianceOf(matrix: Matrix, { codes, count }: RowGroups, control: RunControl | undefined) {
  const [cellCount, geneCount] = matrix.shape;
  const means = new Float64Array(count * geneCount);
  const sizes = new Float64Array(count);
  const covariance = new Float64Array(geneCount * geneCount); // above the diagonal first
  await eachBlock(
    matrix,
    'covariance of genes',
    ({ start: firstRow, rowCount, indptr, indices, values }) => {
      for (let row = 0; row < rowCount; row++) {
        const end = indptr[row + 1];
        const group = codes[firstRow + row];
        sizes[group]++;
        for (let i = indptr[row]; i < end; i++) {
          const value = values[i];
          const start = indices[i] * geneCount;
          means[group * geneCount + indices[i]] += value;
          for (let j = i; j < end; j++) covariance[start + indices[j]] += value * values[j];
        }
      }
    },
    control,
  );
  for (let i = 0; i < means.length; i++) means[i] /= Math.max(1, sizes[Math.floor(i / geneCount)]);
  for (let a = 0; a < geneCount; a++) {
    for (let b = a; b < geneCount; b++) {
      let ofMeans = 0;
      for (let group = 0; group < count; group++) {
        const first = group * geneCount;
        ofMeans += sizes[group] * means[first + a] * means[first + b];
      }
      const value = (covariance[a * geneCount + b] - ofMeans) / (cellCount - 1);
      covariance[a * geneCount + b] = value;
      covariance[b * geneCount + a] = value;
    }
  }
  return { means, covariance };
}

/** Eigenvectors in columns, each with the sign that makes its largest entry in magnitude positive. */
function orient(vectors: Float64Array, count: number, geneCount: number): Float64Array {
  const loadings = new Float64Array(geneCount * count);
  for (let component = 0; component < count; component++) {
    const vector = vectors.subarray(component * geneCount, (component + 1) * geneCount);
    let largest = 0;
    for (const value of vector) if (Math.abs(value) > Math.abs(largest)) largest = value;
    const sign = largest < 0 ? -1 : 1;
    for (let gene = 0; gene < geneCount; gene++) loadings[gene * count + component] = sign * vector[gene];
  }
  return loadings;
}

async function project(
  matrix: Matrix,
  { groups, means }: { readonly groups: RowGroups; readonly means: Float64Array },
  loadings: Float64Array, // [genes, components]
  count: number,
  control?: RunControl,
): Promise<DenseArray> {
  const [cellCount, geneCount] = matrix.shape;
  const scores = new Float64Array(cellCount * count);
  const origins = new Float64Array(groups.count * count);
  means.forEach((mean, i) => {
    const [group, gene] = [Math.floor(i / geneCount), i % geneCount];
    for (let c = 0; c < count; c++) origins[group * count + c] += mean * loadings[gene * count + c];
  });
  await eachBlock(
    matrix,
    'components of cells',
    ({ start, rowCount, indptr, indices, values }) => {
      for (let row = 0; row < rowCount; row++) {
        const first = (start + row) * count;
        const origin = groups.codes[start + row] * count;
        for (let c = 0; c < count; c++) scores[first + c] = -origins[origin + c];
        for (let i = indptr[row]; i < indptr[row + 1]; i++) {
          const place = indices[i] * count;
          for (let c = 0; c < count; c++) scores[first + c] += values[i] * loadings[place + c];
        }
      }
    },
    control,
  );
  return { kind: 'dense', dtype: 'float64', shape: [cellCount, count], values: scores };
}
