/** @file Which perturbations are held out: what a score says depends on what was seen of them in training. */

import { randomStream } from '../../support/random.ts';
import type { Condition } from './screen.ts';

/** How many of a combination's genes were perturbed in training, as others count them (GEARS' simulation split). */
export type Seen = 'unseen-single' | 'unseen-0' | 'unseen-1' | 'unseen-2' | 'unseen-more';

/** Held-out conditions and what they are learnt from, by number. */
export interface Split {
  readonly training: Int32Array;
  readonly heldOut: Int32Array;
}

/** Each condition held out alone. */
export function leaveOneOut(perturbed: Int32Array): Split[] {
  return Array.from(perturbed, (left) => ({
    training: perturbed.filter((code) => code !== left),
    heldOut: Int32Array.of(left),
  }));
}

/** Conditions in their order dealt to folds one by one, or in drawn order where there is a seed. */
export function foldsOf(perturbed: Int32Array, folds: number, seed?: number): Split[] {
  const order = perturbed.slice();
  if (seed !== undefined) randomStream(seed, 'folds of perturbations').shuffle(order);
  const foldOf = new Map(Array.from(order, (code, i) => [code, i % folds]));
  return Array.from({ length: Math.min(folds, perturbed.length) }, (_, fold) => ({
    training: perturbed.filter((code) => foldOf.get(code) !== fold),
    heldOut: perturbed.filter((code) => foldOf.get(code) === fold),
  }));
}

/**
 * Holds genes out, not conditions (Roohani et al. 2023): single perturbations of a held-out gene, and every combination
 * with one, are held out; so is a share of the combinations whose genes are all seen.
 *
 * @param heldOutShare of genes, and of combinations of seen genes. Default 0.25, that of GEARS
 */
export function unseenGenes(
  perturbed: Int32Array,
  conditions: readonly Condition[],
  seed: number,
  heldOutShare = 0.25,
): Split & { readonly seen: ReadonlyMap<number, Seen> } {
  const genes = [...new Set(Array.from(perturbed).flatMap((code) => conditions[code].genes))].sort();
  const share = (count: number) => Math.round(count * heldOutShare);
  const chosen = randomStream(seed, 'unseen genes').sample(genes.length, share(genes.length));
  const unseen = new Set(Array.from(chosen, (i) => genes[i]));
  const isUnseen = (code: number) => conditions[code].genes.some((gene) => unseen.has(gene));
  const seenCombinations = perturbed.filter((code) => conditions[code].genes.length > 1 && !isUnseen(code));
  const drawn = randomStream(seed, 'seen combinations').sample(
    seenCombinations.length,
    share(seenCombinations.length),
  );
  const left = new Set(Array.from(drawn, (i) => seenCombinations[i]));
  const heldOut = perturbed.filter((code) => isUnseen(code) || left.has(code));
  const training = perturbed.filter((code) => !(isUnseen(code) || left.has(code)));
  return { training, heldOut, seen: seenInTraining(conditions, training, heldOut) };
}

/** How much of each held-out condition training has seen: genes perturbed alone or with others. */
export function seenInTraining(
  conditions: readonly Condition[],
  training: Int32Array,
  heldOut: Int32Array,
): ReadonlyMap<number, Seen> {
  const known = new Set(Array.from(training).flatMap((code) => conditions[code].genes));
  return new Map(
    Array.from(heldOut, (code) => {
      const { genes } = conditions[code];
      const unknown = genes.filter((gene) => !known.has(gene)).length;
      if (genes.length < 2) return [code, 'unseen-single'];
      return [code, unknown > 2 ? 'unseen-more' : (`unseen-${unknown}` as Seen)];
    }),
  );
}
