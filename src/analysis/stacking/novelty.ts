/** @file How unlike all known classes a cell is: its correlation with the class it was given, by what is usual there. */

import { median } from '../../single-cell/quantile.ts';

/** What is usual in each class: correlations of its held-out cells with its centroid. */
export interface NoveltyScale {
  /** Median of the class; of all classes where it has too few cells. */
  readonly usual: Float64Array; // [classes]
  /** Median distance from it, over all classes: one unit of novelty. */
  readonly unit: number;
}

/** With fewer cells, a class's own median is not steady. */
const fewestOfClass = 5;
/** Correlations of cells of one class differ by this at least: a unit of 0 would make every cell strange. */
const smallestUnit = 0.01;

/**
 * Learns the scale on cells that the centroids were not made from.
 *
 * @param correlations with the centroid of every class
 * @param labels true class of each cell
 */
export function noveltyScale(
  correlations: Float64Array, // [cells, classes]
  labels: Int32Array,
  classCount: number,
): NoveltyScale {
  const own = Float64Array.from(labels, (label, cell) => correlations[cell * classCount + label]);
  const overall = own.length === 0 ? 0 : median(own);
  const usual = Float64Array.from({ length: classCount }, (_, k) => {
    const ofClass = own.filter((_value, cell) => labels[cell] === k);
    return ofClass.length < fewestOfClass ? overall : median(ofClass);
  });
  const distances = own.map((value, cell) => Math.abs(value - usual[labels[cell]]));
  return { usual, unit: Math.max(smallestUnit, distances.length === 0 ? 0 : median(distances)) };
}

/** Novelty of each cell: 0 as usual in its class, 1 a unit less alike; NaN for cells without a class. */
export function noveltyScores(
  { usual, unit }: NoveltyScale,
  correlations: Float64Array, // [cells, classes]
  codes: Int32Array,
  classCount: number,
): Float32Array {
  return Float32Array.from(codes, (code, cell) =>
    code < 0 ? Number.NaN : (usual[code] - correlations[cell * classCount + code]) / unit,
  );
}
