/** @file How unsure a method may be before its answer is withheld, learnt from held-out cells whose answer is known. */

/** Held-out cells. */
export interface HeldOut {
  /** The higher, the surer, in any unit. */
  readonly confidence: ArrayLike<number>; // [cells]
  /** 1 where the method is right. */
  readonly correct: ArrayLike<number>; // [cells]
}

/** A threshold and what it does to the held-out cells. */
export interface RejectionThreshold {
  /** Cells below are rejected; `-Infinity` when there were too few cells to tell. */
  readonly threshold: number;
  /** Share of right answers that stay, at least what was asked. */
  readonly keptRight: number;
  /** Share of wrong answers that are rejected. */
  readonly rejectedWrong: number;
}

/** With fewer right answers their lowest confidences say nothing about those to come. */
const fewestRight = 20;

/**
 * The highest threshold that keeps at least `keep` of the right answers: the (1 - keep) quantile of their confidence.
 * It does not depend on how many answers are wrong, so that an easy reference, on which nothing fails, gives one too.
 * It is the p-value of conformal prediction for being right (Vovk et al. 2005): of new cells like the held-out ones at
 * most `1 - keep` of the right answers are lost.
 *
 * @param keep Default 0.95
 */
export function rejectionThreshold({ confidence, correct }: HeldOut, keep = 0.95): RejectionThreshold {
  const of = (right: boolean) =>
    Float64Array.from(confidence)
      .filter((value, cell) => (correct[cell] !== 0) === right && !Number.isNaN(value))
      .sort();
  const right = of(true);
  const wrong = of(false);
  if (right.length < fewestRight) {
    return { threshold: Number.NEGATIVE_INFINITY, keptRight: 1, rejectedWrong: 0 };
  }
  const threshold = right[Math.floor((1 - keep) * right.length)];
  return {
    threshold,
    keptRight: right.filter((value) => value >= threshold).length / right.length,
    rejectedWrong:
      wrong.length === 0 ? Number.NaN : wrong.filter((value) => value < threshold).length / wrong.length,
  };
}
