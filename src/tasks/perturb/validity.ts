/** @file Whether a prediction is to be believed: what of it was in the screen, and how far the rest is from that. */

import { plural } from '../../support/words.ts';
import type { PerturbationModel } from './perturbation-model.ts';
import { someNames } from './report-sections.ts';
import type { SortedNames } from './terms.ts';

/** What a prediction has to go by. */
export interface Validity {
  /** Whether it, or all its parts, were in the screen. */
  readonly seen: 'this perturbation' | 'its parts' | 'part of it' | 'nothing of it';
  /** Why the prediction is not to be trusted; null where nothing speaks against it. */
  readonly doubt: string | null;
}

/** Less like any perturbed gene of the screen than those are like each other. */
const outsideRange = 'outside the training range';
/** Nothing that the plain methods or the model know tells it from other unseen perturbations. */
export const notSetApart = 'not set apart from';
const nothingKnown = 'the model reads nothing that tells unseen genes apart';

/** Doubts in sentences, each with the perturbations that it is about. */
export function doubtsInWords(
  predictions: readonly { readonly name: string; readonly doubt: string | null }[],
): readonly string[] {
  const about = (words: string): readonly string[] => [
    ...new Set(predictions.flatMap(({ name, doubt }) => (doubt?.startsWith(words) === true ? [name] : []))),
  ];
  const [outside, unknown, alike] = [about(outsideRange), about(nothingKnown), about(notSetApart)];
  return [
    ...(outside.length === 0
      ? []
      : [
          `${plural(outside.length, 'perturbation')} outside the training range, less like any perturbed gene of the screen than those are like each other: ${someNames(outside)}`,
        ]),
    ...(unknown.length === 0
      ? []
      : [
          `the model reads nothing that tells unseen genes apart, so it says the same of all of them: ${someNames(unknown)}`,
        ]),
    ...(alike.length === 0
      ? []
      : [
          `${plural(alike.length, 'perturbation')} get the answer of others, as nothing that is known of them sets them apart: ${someNames(alike)}`,
        ]),
  ];
}

/** Judges perturbations by their names; the screen's own genes are compared once for all. */
export function validity(
  { known, terms }: Pick<PerturbationModel, 'known' | 'terms'>,
  sorted: Pick<SortedNames, 'genes'>,
): (names: readonly string[]) => Validity {
  const perturbations = new Set(known.map(({ names }) => names.join('+')));
  const seen = new Set(known.flatMap(({ names }) => names));
  const isOutside = outsiders(seen, terms, sorted);
  return (names) => {
    const unseen = names.filter((name) => !seen.has(name));
    return {
      seen: perturbations.has(names.join('+'))
        ? 'this perturbation'
        : unseen.length === 0
          ? 'its parts'
          : unseen.length < names.length
            ? 'part of it'
            : 'nothing of it',
      doubt: doubtOf(unseen, isOutside),
    };
  };
}

/** Null where nothing tells unseen genes apart. */
type IsOutside = ((name: string) => boolean) | null;

function doubtOf(unseen: readonly string[], isOutside: IsOutside): string | null {
  if (unseen.length === 0) return null;
  if (isOutside === null) return nothingKnown;
  const outside = unseen.filter(isOutside);
  if (outside.length === 0) return null;
  return `${outsideRange}: ${outside.join(' and ')}`;
}

/** A gene is outside where it is less like its nearest training gene than any training gene is to its own nearest. */
function outsiders(
  seen: ReadonlySet<string>,
  { features, vocabulary }: PerturbationModel['terms'],
  sorted: Pick<SortedNames, 'genes'>,
): IsOutside {
  if (features === null) return null;
  const { width, values } = features;
  const rowOf = (token: number): Float32Array => values.subarray(token * width, (token + 1) * width);
  const training = [...seen].flatMap((name) => {
    const token = vocabulary.id(name) ?? sorted.genes.get(name);
    return token === undefined ? [] : [{ name, row: rowOf(token) }];
  });
  const nearest = (row: Float32Array, but?: string): number =>
    training.reduce((most, each) => (each.name === but ? most : Math.max(most, cosine(row, each.row))), -1);
  const least = training.reduce((low, { name, row }) => Math.min(low, nearest(row, name)), 1);
  return (name) => {
    const token = sorted.genes.get(name);
    return token === undefined || nearest(rowOf(token)) < least;
  };
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
