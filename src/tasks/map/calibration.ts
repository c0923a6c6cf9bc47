/** @file When a label is withheld, learnt from reference cells that are mapped as if they were not in the reference. */

import { sampleCells } from '../../analysis/cell-sample.ts';
import type { Grouping } from '../../analysis/groups.ts';
import type { Neighbours } from '../../analysis/neighbours.ts';
import { takeRows } from '../../analysis/points.ts';
import { type ReferenceIndex, withoutSelf } from '../../analysis/reference-index/reference-index.ts';
import { meanDistances, weightedVotes } from '../../analysis/reference-index/weighted-vote.ts';
import { rejectionThreshold } from '../../analysis/rejection-threshold.ts';
import { median } from '../../single-cell/quantile.ts';
import type { RunControl } from '../../support/progress.ts';

/** What held-out reference cells say of one label column. */
export interface Calibration {
  /** Cells that were held out and have a label. */
  readonly cells: number;
  /** Share of them whose neighbours name their label. */
  readonly accuracy: number;
  /** Labels with a lower score are withheld. */
  readonly score: number;
  /** So are labels of cells farther from the reference, times the shift between the two sides. */
  readonly distance: number;
  /** Median distance of held-out cells to the rest of the reference. */
  readonly usualDistance: number;
  /** Share of right labels of held-out cells that both thresholds keep. */
  readonly keptRight: number;
  /** Share of wrong labels of held-out cells that one of them withholds; NaN when none was wrong. */
  readonly rejectedWrong: number;
}

/** Cells held out, at most: thresholds are steady long before. */
const mostHeldOut = 5000;
/** Each threshold keeps this share of the right labels, so that both keep at least 95 %. */
const keep = 0.975;

/** Held-out cells with their neighbours among all others. */
export interface HeldOutCells {
  readonly rows: Int32Array;
  readonly neighbours: Neighbours;
}

/**
 * Maps a sample of the reference's cells, each without itself.
 *
 * @param names of the reference's cells, by which the sample is drawn
 * @returns null for a reference of one cell
 */
export async function holdOut(
  index: ReferenceIndex,
  names: readonly string[],
  k: number,
  { seed, ...control }: RunControl & { readonly seed: number },
): Promise<HeldOutCells | null> {
  const others = Math.min(k, index.points.count - 1);
  if (others < 1) return null;
  const rows = sampleCells(names, mostHeldOut, seed);
  const found = await index.search(takeRows(index.points, rows), others + 1, control);
  return { rows, neighbours: withoutSelf(found, rows) };
}

/** Chooses the thresholds for a label column. */
export function calibrate({ rows, neighbours }: HeldOutCells, labels: Grouping): Calibration {
  const { codes, scores } = weightedVotes(neighbours, labels);
  const distances = meanDistances(neighbours);
  const labelled = [...rows.keys()].filter((i) => labels.codes[rows[i]] >= 0);
  const correct = labelled.map((i) => (codes[i] === labels.codes[rows[i]] ? 1 : 0));
  const scored = labelled.map((i) => scores[i]);
  const nearness = labelled.map((i) => -distances[i]);
  const score = rejectionThreshold({ confidence: scored, correct }, keep).threshold;
  const distance = -rejectionThreshold({ confidence: nearness, correct }, keep).threshold;
  const kept = labelled.map((_, i) => scored[i] >= score && -nearness[i] <= distance);
  const right = correct.reduce((sum: number, value) => sum + value, 0);
  const share = (wanted: number, keptToo: boolean) =>
    correct.filter((value, i) => value === wanted && kept[i] === keptToo).length /
    (wanted === 1 ? right : correct.length - right);
  return {
    cells: labelled.length,
    accuracy: right / labelled.length,
    score,
    distance,
    usualDistance: median(Float64Array.from(nearness, (value) => -value)),
    keptRight: share(1, true),
    rejectedWrong: share(0, false),
  };
}
