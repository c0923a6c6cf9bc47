/** @file The classical annotators that are built in: those quick enough to be shown beside every run, and all. */

import { cellTypist } from './celltypist.ts';
import type { FitClassifier } from './classifier.ts';
import { hierarchical } from './hierarchy.ts';
import { linearSvm } from './linear-svm.ts';
import { logisticRegression } from './logistic-regression.ts';
import { nearestCentroid } from './nearest-centroid.ts';
import { nearestNeighbourVote } from './nearest-neighbours.ts';
import { singleR } from './singler.ts';

/** A method that labels cells by their expression. */
export interface ClassicalAnnotator {
  /** What it is asked for by, such as `linear-svm`. */
  readonly id: string;
  /** As tables name it. */
  readonly name: string;
  readonly fit: FitClassifier;
}

const quick: readonly ClassicalAnnotator[] = [
  { id: 'logistic-regression', name: 'Logistic regression', fit: logisticRegression() },
  {
    id: 'nearest-centroid',
    name: 'Nearest centroid, query z-scored on itself',
    fit: nearestCentroid({ queryScaledBy: 'own' }),
  },
  { id: 'knn', name: 'kNN k=10 on PCA, unscaled, 30', fit: nearestNeighbourVote() },
];

/** Seconds for some thousand cells: no run is without them unless asked for. */
export function quickBaselines(): readonly ClassicalAnnotator[] {
  return quick;
}

/** All of them. */
export function allBaselines(): readonly ClassicalAnnotator[] {
  return [
    ...quick,
    {
      id: 'scaled-logistic-regression',
      name: 'Logistic regression, query z-scored on itself',
      fit: logisticRegression({ scaledBy: 'themselves' }),
    },
    { id: 'linear-svm', name: 'Linear SVM', fit: linearSvm() },
    { id: 'celltypist', name: 'CellTypist', fit: cellTypist },
    { id: 'singler', name: 'SingleR (classic)', fit: singleR },
    { id: 'hierarchy', name: 'Hierarchical (CHETAH-style)', fit: hierarchical() },
    { id: 'reference-centroid', name: 'Nearest centroid (Pearson)', fit: nearestCentroid() },
    { id: 'scaled-knn', name: 'kNN k=10 on PCA', fit: nearestNeighbourVote({ scaled: true }) },
  ];
}
