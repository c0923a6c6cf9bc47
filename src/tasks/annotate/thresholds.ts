/** @file When a cell is left unassigned, learnt from held-out cells whose class is known. */

import { rejectionThreshold } from '../../analysis/rejection-threshold.ts';
import { bestTwo } from './best-two.ts';

/** Lowest probability and highest novelty of cells that are labelled. */
export interface Thresholds {
  readonly threshold: number;
  readonly noveltyThreshold: number;
}

/** What thresholds do to held-out cells. */
export interface HeldOutRejection {
  /** Share of right answers that are kept. */
  readonly keptRight: number;
  /** Share of wrong ones that are rejected; NaN when none was wrong. */
  readonly rejectedWrong: number;
}

/** Each threshold keeps this share of the right answers, so that both keep at least 95 %. */
const keep = 0.975;

/**
 * Chooses the thresholds.
 *
 * @param scores log probabilities of the head
 * @param noveltyOf novelty of cells that were given these classes
 * @param labels true classes
 */
export async function chooseThresholds(
  scores: Float64Array, // [cells, classes]
  noveltyOf: (codes: Int32Array) => Promise<Float32Array>,
  labels: Int32Array,
  classCount: number,
): Promise<{ readonly thresholds: Thresholds; readonly rejection: HeldOutRejection }> {
  const { codes } = bestTwo(scores, classCount, new Uint8Array(labels.length).fill(1));
  const correct = Uint8Array.from(labels, (label, cell) => (codes[cell] === label ? 1 : 0));
  const confidence = Float64Array.from(codes, (code, cell) => Math.exp(scores[cell * classCount + code]));
  const familiarity = (await noveltyOf(codes)).map((value) => -value);
  const { threshold } = rejectionThreshold({ confidence, correct }, keep);
  const { threshold: least } = rejectionThreshold({ confidence: familiarity, correct }, keep);
  const kept = Uint8Array.from(confidence, (value, cell) =>
    value >= threshold && familiarity[cell] >= least ? 1 : 0,
  );
  const share = (right: number, wanted: number) => {
    const some = correct.filter((value) => value === right).length;
    return correct.filter((value, cell) => value === right && kept[cell] === wanted).length / some;
  };
  return {
    thresholds: { threshold: Math.max(0, threshold), noveltyThreshold: -least },
    rejection: { keptRight: share(1, 1), rejectedWrong: share(0, 0) },
  };
}
