/** @file Linear maps from coordinates of cells to hidden genes. */

import type { Points } from '../../points.ts';
import type { IncompleteExpression } from '../incomplete-expression.ts';
import type { ImputedRows } from '../method.ts';

/** A map from coordinates to genes. */
export interface LinearMap {
  /** Rows are coordinates. */
  readonly weights: readonly Float64Array[]; // [dimensions][genes]
  readonly intercept: Float64Array; // [genes]
}

/** Products of coordinates with logged values. */
export function crossProducts(
  { values, dimensions }: Points,
  { rows, logged, cells, genes }: IncompleteExpression,
): Float64Array[] {
  const products = Array.from({ length: dimensions }, () => new Float64Array(genes));
  for (let cell = 0; cell < cells; cell++) {
    for (let d = 0; d < dimensions; d++) {
      const value = values[cell * dimensions + d];
      const product = products[d];
      for (let i = rows.indptr[cell]; i < rows.indptr[cell + 1]; i++)
        product[rows.indices[i]] += value * logged[i];
    }
  }
  return products;
}

/** Applies a map to cells. */
export function mapped({ weights, intercept }: LinearMap, { values, dimensions }: Points): ImputedRows {
  return (cell, into) => {
    into.set(intercept);
    for (let d = 0; d < dimensions; d++) {
      const value = values[cell * dimensions + d];
      const weight = weights[d];
      for (let gene = 0; gene < into.length; gene++) into[gene] += value * weight[gene];
    }
  };
}
