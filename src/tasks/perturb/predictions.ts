/** @file Predictions in full: expression with spread, genes that change, and how far a perturbation is from what was seen. */

import { falseDiscoveryRates } from '../../analysis/false-discovery.ts';
import { normalTail } from '../../analysis/normal-tail.ts';
import { type Answer, controlProfile, type PerturbationModel, stackId } from './perturbation-model.ts';
import type { AskedCells } from './questions.ts';
import { predictedSpread } from './sampled-cells.ts';
import type { SortedNames } from './terms.ts';

/** A prediction. */
export interface Prediction extends Answer {
  /** `STAT1+JAK2`. */
  readonly name: string;
  readonly control: Float64Array; // [genes]
  /** The final change; `basis` says what it rests on. */
  readonly change: Float64Array; // [genes]
  /** Mean expression, never below 0. */
  readonly mean: Float64Array; // [genes]
  /** Standard deviation over cells. */
  readonly deviation: Float64Array; // [genes]
  /** Share of cells that express the gene. */
  readonly expressed: Float64Array; // [genes]
  /** Two-sided, of the change against the error of held-out predictions, by Benjamini and Hochberg; NaN without those. */
  readonly adjustedP: Float64Array; // [genes]
  readonly log2FoldChange: Float64Array; // [genes]
  /** Length of the final change: how strong the effect is predicted to be. */
  readonly effect: number;
  /** Whether it, or all its parts, were in the screen. */
  readonly seen: 'this perturbation' | 'its parts' | 'part of it' | 'nothing of it';
  /** Why the prediction is not to be trusted; null where nothing speaks against it. */
  readonly doubt: string | null;
}

/** Keeps the fold change finite where a gene is not expressed. */
const leastMean = 1e-9;

/** Completes answers. */
export async function predictionsOf(
  learnt: PerturbationModel,
  answers: readonly Answer[],
  { starts, contexts, controls }: AskedCells,
  sorted: SortedNames,
): Promise<readonly Prediction[]> {
  const made: Prediction[] = [];
  for (const answered of answers) {
    const place = contexts.indexOf(answered.context);
    const control = controlProfile(starts, place);
    const change = answered.changes.get(stackId) as Float64Array;
    const mean = control.map((value, gene) => Math.max(0, value + change[gene]));
    const { deviation, expressed } = await predictedSpread(controls, place, control, change);
    made.push({
      ...answered,
      name: answered.names.join('+'),
      control,
      change,
      mean,
      deviation,
      expressed,
      adjustedP: significance(change, learnt.errors),
      log2FoldChange: mean.map((value, gene) =>
        Math.log2((Math.expm1(value) + leastMean) / (Math.expm1(control[gene]) + leastMean)),
      ),
      effect: Math.sqrt(change.reduce((sum, value) => sum + value * value, 0)),
      seen: seenOf(learnt, answered.names),
      doubt: doubtOf(learnt, answered.names, sorted),
    });
  }
  return made;
}

/** How a change compares with the error that held-out predictions of the gene have. */
function significance(change: Float64Array, errors: Float64Array | null): Float64Array {
  if (errors === null) return new Float64Array(change.length).fill(Number.NaN);
  const p = change.map((value, gene) =>
    errors[gene] > 0 ? 2 * normalTail(Math.abs(value) / errors[gene]) : 1,
  );
  return falseDiscoveryRates(p);
}

function seenOf({ known }: PerturbationModel, names: readonly string[]): Prediction['seen'] {
  if (known.some((each) => each.names.join('+') === names.join('+'))) return 'this perturbation';
  const seen = new Set(known.flatMap((each) => each.names));
  const count = names.filter((name) => seen.has(name)).length;
  if (count === names.length) return 'its parts';
  return count > 0 ? 'part of it' : 'nothing of it';
}

/** Features this much less alike than the least alike training gene is to its nearest make a gene an outsider. */
function doubtOf(
  { known, terms }: PerturbationModel,
  names: readonly string[],
  sorted: SortedNames,
): string | null {
  const seen = new Set(known.flatMap((each) => each.names));
  const unseen = names.filter((name) => !seen.has(name));
  if (unseen.length === 0) return null;
  const { features } = terms;
  if (features === null) return 'the model reads nothing that tells unseen genes apart';
  const rowOf = (token: number): Float32Array =>
    features.values.subarray(token * features.width, (token + 1) * features.width);
  const training = [...seen].flatMap((name) => {
    const token = terms.vocabulary.id(name) ?? sorted.genes.get(name);
    return token === undefined ? [] : [{ name, row: rowOf(token) }];
  });
  const nearest = (row: Float32Array, but?: string): number =>
    training.reduce((most, each) => (each.name === but ? most : Math.max(most, cosine(row, each.row))), -1);
  const least = training.reduce((low, { name, row }) => Math.min(low, nearest(row, name)), 1);
  const outside = unseen.filter((name) => {
    const token = sorted.genes.get(name);
    return token === undefined || nearest(rowOf(token)) < least;
  });
  if (outside.length === 0) return null;
  return `${outside.join(' and ')} ${outside.length === 1 ? 'is' : 'are'} less like any perturbed gene of the screen than those are like each other: outside the training range`;
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
