/** @file Mean profiles of classes, and how cells correlate with them. */

import { groupSizes } from '../groups.ts';
import { entriesOf, multiply } from './features.ts';
import type { Scaled } from './scaling.ts';

/** Profiles less their mean over genes, of unit length: products with them are correlations up to the cell's length. */
export interface Centroids {
  readonly directions: Float64Array; // [genes, classes]
  readonly classCount: number;
}

/** Squared lengths below this share of the number of genes are rounding. */
const negligible = 1e-12;

/**
 * Mean profile of each class, zeros for a class without cells.
 *
 * @param labels of the cells, 0 .. `classCount` - 1
 */
export async function meanProfiles(
  { matrix, origin }: Scaled,
  labels: Int32Array,
  classCount: number,
): Promise<Float64Array> {
  const { rowCount, columnCount, indptr, indices, values } = await entriesOf(matrix);
  const sizes = groupSizes(labels, classCount);
  const profiles = new Float64Array(classCount * columnCount);
  for (let row = 0; row < rowCount; row++) {
    const first = labels[row] * columnCount;
    for (let i = indptr[row]; i < indptr[row + 1]; i++) profiles[first + indices[i]] += values[i];
  }
  return profiles.map((sum, i) => {
    const size = sizes[Math.floor(i / columnCount)];
    return size === 0 ? 0 : origin[i % columnCount] + sum / size;
  }); // [classes, genes]
}

export function centroidsOf(profiles: Float64Array, classCount: number): Centroids {
  const genes = profiles.length / classCount;
  const directions = new Float64Array(profiles.length);
  for (let k = 0; k < classCount; k++) {
    const profile = profiles.slice(k * genes, (k + 1) * genes);
    centreToUnitLength(profile);
    profile.forEach((value, gene) => {
      directions[gene * classCount + k] = value;
    });
  }
  return { directions, classCount };
}

/** Pearson correlations of cells with the profiles, 0 where either does not vary between genes. */
export async function correlations(
  { directions, classCount }: Centroids,
  { matrix, origin }: Scaled,
): Promise<Float64Array> {
  const entries = await entriesOf(matrix);
  const { rowCount, columnCount, indptr, indices, values } = entries;
  const scores = new Float64Array(rowCount * classCount);
  multiply(entries, directions, classCount, scores);
  const [originScores, originSum, originSquare] = productsOf(origin, directions, classCount);
  for (let row = 0; row < rowCount; row++) {
    let [sum, square] = [originSum, originSquare];
    for (let i = indptr[row]; i < indptr[row + 1]; i++) {
      sum += values[i];
      square += values[i] * (values[i] + 2 * origin[indices[i]]);
    }
    const spread = square - (sum * sum) / columnCount;
    const length = spread > negligible * columnCount ? Math.sqrt(spread) : Number.POSITIVE_INFINITY;
    for (let k = 0; k < classCount; k++) {
      scores[row * classCount + k] = (scores[row * classCount + k] + originScores[k]) / length;
    }
  }
  return scores; // [cells, classes]
}

/** What the values of an empty cell contribute: their products with the profiles, their sum and sum of squares. */
function productsOf(
  origin: Float64Array,
  directions: Float64Array,
  classCount: number,
): [products: Float64Array, sum: number, square: number] {
  const products = new Float64Array(classCount);
  let sum = 0;
  let square = 0;
  origin.forEach((value, gene) => {
    sum += value;
    square += value * value;
    for (let k = 0; k < classCount; k++) products[k] += value * directions[gene * classCount + k];
  });
  return [products, sum, square];
}

/** In place; a profile that does not vary becomes zero. */
function centreToUnitLength(profile: Float64Array): void {
  const mean = profile.reduce((sum, value) => sum + value, 0) / profile.length;
  const square = profile.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const factor = square > negligible * profile.length ? 1 / Math.sqrt(square) : 0;
  for (let gene = 0; gene < profile.length; gene++) profile[gene] = (profile[gene] - mean) * factor;
}
