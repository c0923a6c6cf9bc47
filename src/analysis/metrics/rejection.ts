/** @file Rejection: whether confidence tells cells that are labelled right, and cells of types the reference lacks. */

import { UsageError } from '../../support/errors.ts';

/** What {@link rejectionScores} gives. */
export interface RejectionScores {
  /**
   * The probability that a cell of an unseen type is less confident than one of a known type, ties counting one half:
   * the area under the ROC curve. NaN when there are no cells of one kind.
   */
  readonly unseenAuroc: number;
  /** Share of the cells of known types that were given their type; NaN when there are none. */
  readonly knownAccuracy: number;
}

/**
 * Scores the detection of types that the reference lacks.
 *
 * @param confidence of each cell, in any unit
 * @param right 1 for each cell that was given its true type
 * @param unseen 1 for each cell of a type that the reference lacks
 * @throws UsageError when there is no cell, lengths differ, or a confidence is NaN
 */
export function rejectionScores(
  confidence: Float32Array | Float64Array,
  right: Uint8Array,
  unseen: Uint8Array,
): RejectionScores {
  check(confidence, right, unseen);
  const known = unseen.length - total(unseen);
  const rightOfKnown = right.filter((value, cell) => value === 1 && unseen[cell] === 0).length;
  return { unseenAuroc: auroc(confidence, unseen), knownAccuracy: rightOfKnown / known };
}

/** Pairs in which the unseen cell is less confident, over all pairs (Mann & Whitney 1947). */
function auroc(confidence: Float32Array | Float64Array, unseen: Uint8Array): number {
  const order = Int32Array.from(confidence.keys()).sort((a, b) => confidence[a] - confidence[b]);
  const unseenCount = total(unseen);
  let unseenBelow = 0;
  let pairs = 0;
  for (let start = 0, end = 0; start < order.length; start = end) {
    let unseenHere = 0;
    for (; end < order.length && confidence[order[end]] === confidence[order[start]]; end++) {
      unseenHere += unseen[order[end]];
    }
    pairs += (end - start - unseenHere) * (unseenBelow + unseenHere / 2);
    unseenBelow += unseenHere;
  }
  return pairs / (unseenCount * (order.length - unseenCount));
}

/** What {@link riskCoverage} gives: what accuracy is left when only the most confident cells are labelled. */
export interface RiskCoverage {
  /** Share of the cells that are labelled, ascending to 1. */
  readonly coverage: Float64Array; // [cells]
  /** Share of them that is right. */
  readonly accuracy: Float64Array; // [cells]
  /** Mean share of wrong labels over all coverages, low when the wrong ones are the least confident. */
  readonly area: number;
}

/**
 * The risk-coverage curve (El-Yaniv & Wiener 2010); equally confident cells come in their order.
 *
 * @param confidence of each cell, in any unit
 * @param right 1 for each cell that was given its true type; cells of unseen types never are
 * @throws UsageError when there is no cell, lengths differ, or a confidence is NaN
 */
export function riskCoverage(confidence: Float32Array | Float64Array, right: Uint8Array): RiskCoverage {
  check(confidence, right);
  const count = right.length;
  const order = Int32Array.from(confidence.keys()).sort((a, b) => confidence[b] - confidence[a] || a - b);
  const accuracy = new Float64Array(count);
  let rightSoFar = 0;
  order.forEach((cell, place) => {
    rightSoFar += right[cell];
    accuracy[place] = rightSoFar / (place + 1);
  });
  return {
    coverage: accuracy.map((_, place) => (place + 1) / count),
    accuracy,
    area: accuracy.reduce((sum, value) => sum + (1 - value), 0) / count,
  };
}

function total(flags: Uint8Array): number {
  return flags.reduce((sum, flag) => sum + flag, 0);
}

function check(confidence: Float32Array | Float64Array, ...flags: readonly Uint8Array[]): void {
  const noNumber = confidence.findIndex((value) => Number.isNaN(value));
  const lengths = flags.map(({ length }) => length);
  if (confidence.length > 0 && noNumber < 0 && lengths.every((length) => length === confidence.length))
    return;
  throw new UsageError({
    what:
      noNumber < 0
        ? `there are ${confidence.length} confidences for ${lengths.join(' and ')} cells`
        : `the confidence of cell ${noNumber} is NaN`,
    where: 'rejection scores',
    expected: 'a number for every cell, and at least one cell',
    reason: 'confidence',
  });
}
