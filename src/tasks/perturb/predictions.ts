/** @file Predictions in full: expression with spread, genes that change, and whether they are to be believed. */

import { falseDiscoveryRates } from '../../analysis/false-discovery.ts';
import { normalTail } from '../../analysis/normal-tail.ts';
import { controlProfile } from './controls.ts';
import { type Answer, type PerturbationModel, stackId } from './perturbation-model.ts';
import type { AskedCells } from './questions.ts';
import { someNames } from './report-sections.ts';
import { predictedSpread } from './sampled-cells.ts';
import type { SortedNames } from './terms.ts';
import { notSetApart, type Validity, validity } from './validity.ts';

/** A prediction. */
export interface Prediction extends Answer, Validity {
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
  const judge = validity(learnt, sorted);
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
      ...judge(answered.names),
    });
  }
  return made.map((prediction) => ({
    ...prediction,
    doubt: prediction.doubt ?? alikeDoubt(prediction, made),
  }));
}

/** Unseen perturbations with one answer: a gene in no set that tells it from others gets what all have in common. */
function alikeDoubt(own: Prediction, all: readonly Prediction[]): string | null {
  if (own.basis !== 'weighted') return null;
  const alike = all.filter(
    ({ name, context, effect, change }) =>
      name !== own.name &&
      context === own.context &&
      effect === own.effect &&
      change.every((value, gene) => value === own.change[gene]),
  );
  return alike.length === 0
    ? null
    : `${notSetApart} ${someNames(
        alike.map(({ name }) => name),
        3,
      )}`;
}

/** How a change compares with the error that held-out predictions of the gene have. */
function significance(change: Float64Array, errors: Float64Array | null): Float64Array {
  if (errors === null) return new Float64Array(change.length).fill(Number.NaN);
  const p = change.map((value, gene) =>
    errors[gene] > 0 ? 2 * normalTail(Math.abs(value) / errors[gene]) : 1,
  );
  return falseDiscoveryRates(p);
}
