/** @file The methods that stand beside every imputation. */

import { geneMean, nonZeroGeneMean } from './gene-means.ts';
import { libraryScaledGivenNonZero, libraryScaledMean } from './library-scaled.ts';
import { lowRank } from './low-rank.ts';
import type { ImputationMethod } from './method.ts';
import { nearestNonZeroMean, nearestRate, nearestSmoothing } from './nearest-cells.ts';

/** The simplest first. */
export const imputationMethods: readonly ImputationMethod[] = [
  geneMean,
  nonZeroGeneMean,
  libraryScaledMean,
  libraryScaledGivenNonZero,
  lowRank(10),
  nearestSmoothing(50),
  nearestNonZeroMean(50),
  nearestRate(50),
];
