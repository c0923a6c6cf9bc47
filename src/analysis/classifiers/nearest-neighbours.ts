/** @file The class most of the nearest reference cells have, in principal components of the reference. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { nearestReferences } from '../label-transfer.ts';
import { type Pca, pca } from '../pca.ts';
import { type Points, pointsOf } from '../points.ts';
import { bestClasses } from './best-class.ts';
import type { FitClassifier } from './classifier.ts';
import { entriesOf, multiply } from './features.ts';
import { scaleGenes, scalingOf } from './scaling.ts';

export interface NearestNeighboursOptions {
  /** Neighbours that vote; all reference cells where those are fewer. Default 10. */
  readonly k?: number | undefined;
  /** Whether genes are z-scored by the reference (cut off at 10) first. Default false: rare types are found better. */
  readonly scaled?: boolean | undefined;
  /** Principal components. Default 30, of z-scores 50, whose variance is spread over more. */
  readonly components?: number | undefined;
}

/**
 * Votes of the `k` nearest reference cells by Euclidean distance; scores are shares of the vote, the confidence the
 * highest share.
 *
 * @throws InputError when the reference has fewer than two cells, or cells that do not differ
 * @throws UsageError when there are more than 8,000 genes, or options are no whole numbers of at least 1
 */
export function nearestNeighbourVote(options: NearestNeighboursOptions = {}): FitClassifier {
  const { k = 10, scaled = false, components = scaled ? 50 : 30 } = options;
  return async ({ expression, labels, classes }, control) => {
    const scaling = scaled ? await scalingOf(expression) : null;
    const prepare = async (values: CsrMatrix) =>
      scaling === null ? values : (await scaleGenes(values, scaling)).matrix;
    const fitted = await pca(await prepare(expression), components, control);
    const reference = pointsOf(fitted.scores);
    const votes = Math.min(k, reference.count);
    return {
      method: `kNN k=${k} on PCA${scaled ? '' : ', unscaled'}, ${components}`,
      classes,
      probabilistic: true,
      async predict(query: CsrMatrix, queryControl) {
        const points = await project(fitted, await prepare(query));
        const { indices } = await nearestReferences(reference, points, votes, queryControl);
        const shares = new Float64Array(points.count * classes.length);
        indices.forEach((cell, i) => {
          shares[Math.floor(i / votes) * classes.length + labels[cell]] += 1 / votes;
        });
        return bestClasses(shares, classes.length);
      },
    };
  };
}

/** Cells in terms of components that were fitted to others. */
async function project({ loadings, means }: Pca, expression: CsrMatrix): Promise<Points> {
  const { values: weights, dimensions } = pointsOf(loadings); // [genes, components]
  const entries = await entriesOf(expression);
  const values = new Float64Array(entries.rowCount * dimensions);
  multiply(entries, Float64Array.from(weights), dimensions, values);
  const origin = new Float64Array(dimensions);
  weights.forEach((weight, i) => {
    origin[i % dimensions] += means[Math.floor(i / dimensions)] * weight;
  });
  for (let i = 0; i < values.length; i++) values[i] -= origin[i % dimensions];
  return { values, count: entries.rowCount, dimensions };
}
