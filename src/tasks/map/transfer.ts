/** @file One label column carried over to the query: labels, how sure they are, and which are withheld. */

import type { Grouping } from '../../analysis/groups.ts';
import type { Neighbours } from '../../analysis/neighbours.ts';
import { meanDistances, weightedVotes } from '../../analysis/reference-index/weighted-vote.ts';
import { median } from '../../single-cell/quantile.ts';
import type { Calibration } from './calibration.ts';
import type { Rejection } from './options.ts';

/** What a label is withheld by; infinite where nothing is. */
export interface Thresholds {
  /** Lower scores are unassigned. */
  readonly score: number;
  /** Cells farther from the reference are unassigned. */
  readonly distance: number;
  /** How many times farther query cells lie from the reference than its own cells do, at least 1. */
  readonly shift: number;
}

/** The labels of query cells. */
export interface TransferredLabels {
  /** Index into the classes: the nearest class even where it is withheld; -1 for cells without an embedding. */
  readonly codes: Int32Array; // [query cells]
  /** The label's share of the votes' weight, 0 .. 1; NaN for cells without an embedding. */
  readonly scores: Float32Array; // [query cells]
  /** 1 where the label is withheld or there is none. */
  readonly unassigned: Uint8Array; // [query cells]
  readonly thresholds: Thresholds;
}

/** Query cells that have an embedding. */
export interface PlacedQuery {
  readonly cellCount: number;
  /** Rows of the query that the neighbours are of. */
  readonly rows: Int32Array;
  readonly neighbours: Neighbours;
}

/** Mean distance of each query cell to its nearest reference cells; NaN for cells without an embedding. */
export function queryDistances({ cellCount, rows, neighbours }: PlacedQuery): Float32Array {
  const distances = new Float32Array(cellCount).fill(Number.NaN);
  const found = meanDistances(neighbours);
  rows.forEach((row, i) => {
    distances[row] = found[i];
  });
  return distances;
}

/** Gives query cells the labels of their neighbours. */
export function transfer(
  query: PlacedQuery,
  labels: Grouping,
  calibration: Calibration | null,
  reject: Rejection,
): TransferredLabels {
  const votes = weightedVotes(query.neighbours, labels);
  const distances = meanDistances(query.neighbours);
  const thresholds = thresholdsOf(distances, calibration, reject);
  const codes = new Int32Array(query.cellCount).fill(-1);
  const scores = new Float32Array(query.cellCount).fill(Number.NaN);
  const unassigned = new Uint8Array(query.cellCount).fill(1);
  query.rows.forEach((row, i) => {
    codes[row] = votes.codes[i];
    scores[row] = votes.scores[i];
    const sure = votes.scores[i] >= thresholds.score && distances[i] <= thresholds.distance;
    if (votes.codes[i] >= 0 && sure) unassigned[row] = 0;
  });
  return { codes, scores, unassigned, thresholds };
}

/**
 * A query of another technology or donor is farther away as a whole: its usual distance over that of held-out
 * reference cells moves the threshold, so that what is rejected lies far even for this query. A query of nothing but
 * unseen types therefore is not rejected by distance: its shift is large, which is told.
 */
function thresholdsOf(
  distances: Float64Array,
  calibration: Calibration | null,
  reject: Rejection,
): Thresholds {
  const usual = calibration === null ? Number.NaN : median(distances) / calibration.usualDistance;
  const shift = usual > 1 && Number.isFinite(usual) ? usual : 1;
  const none = { score: Number.NEGATIVE_INFINITY, distance: Number.POSITIVE_INFINITY, shift };
  if (typeof reject === 'number') return { ...none, score: reject };
  if (reject === 'off' || calibration === null) return none;
  return { score: calibration.score, distance: calibration.distance * shift, shift };
}
