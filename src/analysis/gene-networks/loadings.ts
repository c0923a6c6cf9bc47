/** @file How alike genes are by principal components: co-expression without what few cells or one gene alone vary by. */

import type { Matrix } from '../../single-cell/matrix.ts';
import type { RunControl } from '../../support/progress.ts';
import { pca } from '../pca.ts';
import { cosineSimilarity, type Similarity } from './similarity.ts';

/** Components of {@link loadingsSimilarity}. */
export const loadingComponents = 20;

/**
 * Cosine of every two genes' loadings times the standard deviation of each component: genes beside each other as they
 * vary together in the leading 20 components.
 *
 * @param expression log-normalised, `[cells, genes]`
 * @throws InputError when cells do not differ, or a gene is the same in all
 */
export async function loadingsSimilarity(expression: Matrix, control?: RunControl): Promise<Similarity> {
  const { loadings, variances } = await pca(expression, loadingComponents, control);
  const [count, dimensions] = loadings.shape;
  const values = Float64Array.from(
    loadings.values as Float64Array,
    (weight, i) => weight * Math.sqrt(variances[i % dimensions]),
  );
  return cosineSimilarity({ values, count, dimensions });
}
