/** @file How much the model and plain predictors count for together: weights chosen on held-out perturbations. */

import { correlation } from '../../analysis/correlation.ts';
import { changeOf } from '../../analysis/perturbation/profiles.ts';

/** Held-out answers of one predictor. */
export interface Answers {
  readonly id: string;
  readonly name: string;
  /** Null where it had nothing to go by. */
  readonly changes: readonly (Float64Array | null)[]; // [units]
}

/** Weights of predictors, summing to 1. */
export type StackWeights = ReadonlyMap<string, number>;

/** Parts that weights are made of. */
const parts = 10;

/** The weighted mean of answers; those that are missing leave their weight to the others. Null where all are missing. */
export function stacked(
  answers: ReadonlyMap<string, Float64Array | null>,
  weights: StackWeights,
): Float64Array | null {
  let sum: Float64Array | null = null;
  let total = 0;
  for (const [id, weight] of weights) {
    const change = answers.get(id) ?? null;
    if (change === null || weight === 0) continue;
    sum ??= new Float64Array(change.length);
    for (let gene = 0; gene < change.length; gene++) sum[gene] += weight * change[gene];
    total += weight;
  }
  return sum?.map((value) => value / total) ?? null;
}

/**
 * Chooses weights by coordinate ascent in tenths; begins with the best predictor alone. What counts is the mean
 * correlation with true changes, and, half, with how each differs from the mean change of training perturbations: the
 * first alone is content with what perturbations share. With few perturbations more freedom would fit noise.
 *
 * @param centres mean change of the training perturbations of each unit
 */
export function chooseWeights(
  all: readonly Answers[],
  truth: readonly Float64Array[],
  centres: readonly Float64Array[],
): StackWeights {
  const apart = truth.map((change, unit) => changeOf(change, centres[unit]));
  const scoreOf = (tenths: readonly number[]): number => {
    const weights = new Map(all.map(({ id }, i) => [id, tenths[i] / parts]));
    const each = truth.map((change, unit) => {
      const found = stacked(new Map(all.map(({ id, changes }) => [id, changes[unit]])), weights);
      if (found === null) return 0;
      return (
        (orNone(correlation(found, change)) +
          orNone(correlation(changeOf(found, centres[unit]), apart[unit]))) /
        2
      );
    });
    return each.reduce((sum, value) => sum + value, 0) / Math.max(1, each.length);
  };
  let best = bestOf(
    all.map((_, i) => all.map((_, j) => (i === j ? parts : 0))),
    scoreOf,
  );
  for (let moved = true; moved; ) {
    const steps = all.flatMap((_, from) =>
      all.flatMap((_, to) =>
        from === to || best.tenths[from] === 0 ? [] : [shifted(best.tenths, from, to)],
      ),
    );
    const next = bestOf([best.tenths, ...steps], scoreOf);
    moved = next.score > best.score + 1e-6;
    best = next;
  }
  return new Map(all.map(({ id }, i) => [id, best.tenths[i] / parts]));
}

/** The correlation of what does not vary counts as none. */
const orNone = (value: number): number => (Number.isNaN(value) ? 0 : value);

function shifted(tenths: readonly number[], from: number, to: number): readonly number[] {
  return tenths.map((value, i) => (i === from ? value - 1 : i === to ? value + 1 : value));
}

function bestOf(
  candidates: readonly (readonly number[])[],
  scoreOf: (tenths: readonly number[]) => number,
): { readonly tenths: readonly number[]; readonly score: number } {
  return candidates
    .map((tenths) => ({ tenths, score: scoreOf(tenths) }))
    .reduce((best, each) => (each.score > best.score ? each : best));
}
