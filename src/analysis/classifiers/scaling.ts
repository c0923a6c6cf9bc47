/** @file z-scores of genes that stay as sparse as the expression they are made from. */

import { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { columnMoments, entriesOf } from './features.ts';

/** How genes are scaled. */
export interface Scaling {
  readonly means: Float64Array; // [genes]
  /** Divisor n; 1 for genes that do not vary, as scikit-learn's `StandardScaler` has it. */
  readonly deviations: Float64Array; // [genes]
}

/** z-scores, each gene's less what its zeros become. */
export interface Scaled {
  /** What is to be added to the values of each gene. */
  readonly origin: Float64Array; // [genes]
  /** z-score - origin: nothing where the expression is zero. */
  readonly matrix: CsrMatrix; // [cells, genes]
}

/** z-scores are cut off at these. */
export type Limits = readonly [lowest: number, highest: number];

/** As scanpy and Seurat advise. */
export const usualLimits: Limits = [-10, 10];

/** Variances below this share of the squared mean are rounding. */
const negligible = 1e-12;

export async function scalingOf(expression: CsrMatrix): Promise<Scaling> {
  const { means, variances } = columnMoments(await entriesOf(expression));
  const deviations = variances.map((variance, gene) =>
    variance <= negligible * means[gene] * means[gene] ? 1 : Math.sqrt(variance),
  );
  return { means, deviations };
}

export async function scaleGenes(
  expression: CsrMatrix,
  { means, deviations }: Scaling,
  [lowest, highest]: Limits = usualLimits,
): Promise<Scaled> {
  const zScore = (value: number, gene: number) =>
    Math.min(Math.max((value - means[gene]) / deviations[gene], lowest), highest);
  const origin = means.map((_, gene) => zScore(0, gene));
  const { indptr, indices, values } = await entriesOf(expression);
  const matrix = new CsrMatrix(expression.shape, {
    indptr: Float64Array.from(indptr),
    indices,
    values: Float64Array.from(values, (value, i) => zScore(value, indices[i]) - origin[indices[i]]),
  });
  return { matrix, origin };
}
