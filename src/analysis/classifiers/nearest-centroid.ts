/** @file The class whose mean profile correlates best with a cell's. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { bestClasses } from './best-class.ts';
import { centroidsOf, correlations, meanProfiles } from './centroids.ts';
import type { FitClassifier } from './classifier.ts';
import { scaleGenes, scalingOf } from './scaling.ts';

export interface NearestCentroidOptions {
  /**
   * Whose means and deviations the query is z-scored by: the `reference`'s, or its `own`, which takes out what one
   * technology measures higher than the other. Default `reference`.
   */
  readonly queryScaledBy?: 'reference' | 'own' | undefined;
}

/**
 * Pearson correlation of z-scored genes (cut off at 10) with the mean z-scores of each class; the confidence is the
 * highest correlation. A reference of one class has no profile apart from the mean of all cells: every cell gets that
 * class with correlation 0, as do query cells that are z-scored on themselves alone.
 */
export function nearestCentroid({ queryScaledBy = 'reference' }: NearestCentroidOptions = {}): FitClassifier {
  return async ({ expression, labels, classes }) => {
    const scaling = await scalingOf(expression);
    const profiles = await meanProfiles(await scaleGenes(expression, scaling), labels, classes.length);
    const centroids = centroidsOf(profiles, classes.length);
    const own = queryScaledBy === 'own';
    return {
      method: own ? 'Nearest centroid, query z-scored on itself' : 'Nearest centroid (Pearson)',
      classes,
      probabilistic: false,
      async predict(query: CsrMatrix) {
        const scaled = await scaleGenes(query, own ? await scalingOf(query) : scaling);
        return bestClasses(await correlations(centroids, scaled), classes.length);
      },
    };
  };
}
