/** @file Principal components without any correction: what integration is compared with, and what it starts from. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import type { Matrix } from '../../single-cell/matrix.ts';
import { geneMoments } from '../../single-cell/preprocess/gene-moments.ts';
import { withValues } from '../../single-cell/preprocess/views.ts';
import type { RunControl } from '../../support/progress.ts';
import { pca } from '../pca.ts';
import { pointsOf } from '../points.ts';
import type { BatchedExpression, Integrated } from './method.ts';

/** Scaled values beyond this many standard deviations are set to it, as scanpy's tutorials do. */
export const mostDeviations = 10;

/**
 * Principal components of centred genes.
 *
 * @throws InputError when there are fewer than two cells that differ
 */
export async function plainPca(input: BatchedExpression, control?: RunControl): Promise<Integrated> {
  return components(input, input.expression.logged, 'genes, not scaled', control);
}

/**
 * Principal components of genes that are scaled to unit variance (divisor n - 1) and clipped at 10 deviations, so that
 * genes of low expression count as much as others. No value is stored for zeros: components see only differences, so
 * every gene is measured from what its zeros become.
 *
 * @throws InputError when there are fewer than two cells that differ
 */
export async function scaledPca(input: BatchedExpression, control?: RunControl): Promise<Integrated> {
  const scaled = await scaledGenes(input.expression.logged, control);
  return components(input, scaled, 'genes scaled to unit variance', control);
}

/**
 * Principal components of cells scaled to unit length, whose distances are of directions: what Scanorama and fastMNN
 * match cells in, as batches often differ in length.
 *
 * @throws InputError when there are fewer than two cells that differ
 */
export async function directionPca(input: BatchedExpression, control?: RunControl): Promise<Integrated> {
  return components(input, unitCells(input.expression.logged), 'cells of unit length', control);
}

async function components(
  { expression, dimensions }: BatchedExpression,
  matrix: Matrix,
  of: string,
  control?: RunControl,
): Promise<Integrated> {
  const { scores } = await pca(matrix, dimensions, control);
  return {
    points: pointsOf(scores),
    method: `${expression.method}, ${scores.shape[1]} principal components of ${of}`,
  };
}

/** The matrix of scaled genes less the scaled value of zero, which leaves zeros zero. */
export async function scaledGenes(matrix: CsrMatrix, control?: RunControl): Promise<Matrix> {
  const { means, variances } = (await geneMoments(matrix, null, undefined, control)).all;
  const scaled = (value: number, gene: number): number => {
    const deviations = (value - means[gene]) / Math.sqrt(variances[gene] || 1);
    return Math.max(-mostDeviations, Math.min(deviations, mostDeviations));
  };
  const zeros = means.map((_, gene) => scaled(0, gene));
  return withValues(matrix, 'float64', ({ values, indices }, out) => {
    for (let i = 0; i < out.length; i++) out[i] = scaled(values[i], indices[i]) - zeros[indices[i]];
  });
}

/** Cells scaled to unit length. */
export function unitCells(matrix: Matrix): Matrix {
  return withValues(matrix, 'float64', ({ rowCount, indptr, values }, out) => {
    for (let row = 0; row < rowCount; row++) {
      let square = 0;
      for (let i = indptr[row]; i < indptr[row + 1]; i++) square += values[i] * values[i];
      for (let i = indptr[row]; i < indptr[row + 1]; i++) out[i] = values[i] / Math.sqrt(square || 1);
    }
  });
}
