/** @file Reverse perturbation on held-out perturbations: how often the true one is among the first that fit its change. */

import { correlation } from '../../analysis/correlation.ts';
import type { HeldOutAnswers } from './held-out-answers.ts';

/** Shares of held-out perturbations that were found among the first 1, 5 and 10, and what chance finds. */
export interface Recall {
  readonly candidates: number;
  readonly at: readonly { readonly k: number; readonly share: number; readonly chance: number }[];
}

/** How well a predicted change explains an observed one. */
export function fitOf(predicted: Float64Array, observed: Float64Array): number {
  const value = correlation(predicted, observed);
  return Number.isNaN(value) ? 0 : value;
}

/** Ranks all held-out predictions by how well they fit each observed change. Equal fits share a rank. */
export function recallOf({ units, answers }: HeldOutAnswers): Recall | null {
  const predicted = answers[0].changes.flatMap((change) => (change === null ? [] : [change]));
  if (predicted.length < units.length || units.length < 2) return null;
  const ranks = units.map(({ change }, own) => {
    const fits = predicted.map((each) => fitOf(each, change));
    const better = fits.filter((fit) => fit > fits[own]).length;
    const equal = fits.filter((fit) => fit === fits[own]).length - 1;
    return better + equal / 2;
  });
  const candidates = units.length;
  return {
    candidates,
    at: [1, 5, 10]
      .filter((k) => k < candidates)
      .map((k) => ({
        k,
        share: ranks.filter((rank) => rank < k).length / candidates,
        chance: k / candidates,
      })),
  };
}
