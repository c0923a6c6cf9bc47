/** @file Imputation of dropouts: what a zero would be, were its gene seen; the model together with plain methods. */

import { meansOfNonZero, nonZeroGeneMean } from '../../analysis/imputation/gene-means.ts';
import { comparedZeros, type Entries, hideEntries } from '../../analysis/imputation/hidden-entries.ts';
import { IncompleteExpression, targetSum } from '../../analysis/imputation/incomplete-expression.ts';
import { libraryScaledGivenNonZero } from '../../analysis/imputation/library-scaled.ts';
import type { ImputationMethod, ImputedRows } from '../../analysis/imputation/method.ts';
import { imputationMethods } from '../../analysis/imputation/methods.ts';
import { nearestNonZeroMean, nearestRate, nearestRates } from '../../analysis/imputation/nearest-cells.ts';
import {
  type CheckedEntries,
  type ImputationScores,
  imputationScores,
  type PredictedEntries,
  predictEntries,
} from '../../analysis/imputation/scores.ts';
import { type StackWeights, stacked, stackWeights } from '../../analysis/imputation/stack.ts';
import type { RunControl } from '../../support/progress.ts';
import { randomStream } from '../../support/random.ts';
import { type ModelReading, modelValues } from './model-values.ts';

/** The share of entries above zero that is held out to weigh and to score. */
export const heldOutShare = 0.2;
/** Entries of more cells make no score steadier. */
const cellsScored = 3000;

/** Plain methods that take part in the final answer. */
const plainParts: readonly ImputationMethod[] = [
  nearestRate(50),
  nearestNonZeroMean(50),
  libraryScaledGivenNonZero,
  nonZeroGeneMean,
];

/** Cells of which some entries are held out, and what is asked of them. */
export interface HeldOutEntries {
  readonly expression: IncompleteExpression;
  readonly entries: CheckedEntries;
}

/** Hides a fifth of what is seen. */
export async function holdOut(expression: IncompleteExpression, seed: number): Promise<HeldOutEntries> {
  const draw = (purpose: string) => {
    const stream = randomStream(seed, purpose);
    return () => stream.uniform();
  };
  const { rows, totals, hiddenShare, genes } = expression;
  const { visible, hidden, values } = hideEntries(rows, heldOutShare, draw('held-out entries'));
  const kept = firstCells(hidden, sampleEvery(expression.cells));
  const truth = new Float64Array(kept.entries.genes.length);
  kept.places.forEach((place, i) => {
    truth[i] = Math.log1p((values[place] * targetSum) / totals[kept.cells[i]]);
  });
  return {
    expression: await IncompleteExpression.of(visible, totals, 1 - (1 - hiddenShare) * (1 - heldOutShare)),
    entries: {
      hidden: kept.entries,
      truth,
      zeros: comparedZeros(rows, kept.entries, draw('compared zeros')),
      genes,
    },
  };
}

const sampleEvery = (cells: number): number => Math.ceil(cells / cellsScored);

/** The entries of every `step`-th cell, where they were, and whose they are. */
function firstCells({ indptr, genes }: Entries, step: number) {
  const [ends, chosen, places, cells]: [number[], number[], number[], number[]] = [[0], [], [], []];
  for (let cell = 0; cell + 1 < indptr.length; cell++) {
    for (let i = indptr[cell]; cell % step === 0 && i < indptr[cell + 1]; i++) {
      chosen.push(genes[i]);
      places.push(i);
      cells.push(cell);
    }
    ends.push(chosen.length);
  }
  return { entries: { indptr: Float64Array.from(ends), genes: Int32Array.from(chosen) }, places, cells };
}

/** A method and what its held-out answers score. */
export interface ScoredImputation {
  readonly id: string;
  readonly name: string;
  readonly givenNonZero: boolean;
  readonly scores: ImputationScores;
}

/** How entries are imputed, and what it is worth. */
export interface DropoutImputer {
  /** By the names of {@link partNames}. */
  readonly weights: StackWeights;
  readonly partNames: readonly string[];
  readonly detection: StackWeights;
  /** The final answer first, then the model alone, then plain methods. */
  readonly scored: readonly ScoredImputation[];
  /** Held-out answers of the final answer, each cell's weighed on other cells. */
  readonly heldOut: { readonly entries: CheckedEntries; readonly predicted: PredictedEntries };
}

/**
 * Chooses weights on held-out entries and scores every answer there. Where weights are scored, they were chosen on other
 * cells; what is kept is chosen on all.
 *
 * @param reading the model; null for plain methods alone
 */
export async function fitDropouts(
  { expression, entries }: HeldOutEntries,
  reading: ModelReading | null,
  control: RunControl = {},
): Promise<DropoutImputer> {
  const parts = await partsOf(expression, reading, entries, control);
  const byCell = halfOf(entries);
  const values = crossFitted(parts.values, entries.truth, byCell.hidden);
  const detect = detectionParts(parts, entries);
  const told = crossFitted(detect.parts, detect.truth, [...byCell.hidden, ...byCell.zeros]);
  const split = entries.truth.length;
  const final: PredictedEntries = {
    hidden: values.predicted,
    zeros: new Float64Array(entries.zeros.genes.length),
  };
  const detection = { hidden: told.predicted.subarray(0, split), zeros: told.predicted.subarray(split) };
  const scored: ScoredImputation[] = [
    {
      id: 'scgpt-stacked',
      name: reading === null ? 'plain methods, stacked' : 'scGPT with plain methods',
      givenNonZero: true,
      scores: imputationScores(entries, final, detection),
    },
  ];
  if (reading !== null) scored.push(modelAlone(parts, entries, byCell.hidden));
  for (const method of imputationMethods) {
    const predicted = predictEntries(await method.fit(expression, control), entries);
    const { id, name, givenNonZero } = method;
    scored.push({ id, name, givenNonZero, scores: imputationScores(entries, predicted) });
  }
  return {
    weights: values.weights,
    partNames: parts.names,
    detection: told.weights,
    scored,
    heldOut: { entries, predicted: final },
  };
}

/** The model with the cell's unit, brought to the right scale on other cells. */
function modelAlone(parts: Parts, entries: CheckedEntries, half: Uint8Array): ScoredImputation {
  const own = parts.names.flatMap((name, i) => (name === modelPart || name === unitPart ? [i] : []));
  const { predicted } = crossFitted(
    own.map((i) => parts.values[i]),
    entries.truth,
    half,
    [0, 1],
  );
  const model = parts.names.indexOf(modelPart);
  return {
    id: 'scgpt',
    name: 'scGPT alone',
    givenNonZero: true,
    scores: imputationScores(
      entries,
      { hidden: predicted, zeros: parts.zeros[model] },
      { hidden: parts.values[model], zeros: parts.zeros[model] },
    ),
  };
}

/** Values of the final answer for any entries. */
export async function imputedValues(
  expression: IncompleteExpression,
  reading: ModelReading | null,
  { weights }: DropoutImputer,
  asked: Entries,
  control: RunControl = {},
): Promise<Float64Array> {
  const { values } = await partsOf(
    expression,
    reading,
    { hidden: asked, zeros: emptyLike(asked), genes: expression.genes },
    control,
  );
  return stacked(weights, values).map((value) => Math.max(0, value));
}

/**
 * The zeros of genes that would be seen in more than this share of cells like the cell, each cell's count of them being
 * Poisson.
 */
export async function likelyDropouts(
  expression: IncompleteExpression,
  above: number,
  control: RunControl = {},
): Promise<Entries> {
  const rates = await nearestRates(expression, 50, control);
  const row = new Float64Array(expression.genes);
  const [ends, genes]: [number[], number[]] = [[0], []];
  const seen = new Uint8Array(expression.genes);
  for (let cell = 0; cell < expression.cells; cell++) {
    rates(cell, row);
    seen.fill(0);
    for (let i = expression.rows.indptr[cell]; i < expression.rows.indptr[cell + 1]; i++) {
      if (expression.rows.values[i] !== 0) seen[expression.rows.indices[i]] = 1;
    }
    for (let gene = 0; gene < row.length; gene++) {
      if (seen[gene] === 0 && -Math.expm1(-row[gene]) > above) genes.push(gene);
    }
    ends.push(genes.length);
  }
  return { indptr: Float64Array.from(ends), genes: Int32Array.from(genes) };
}

const modelPart = 'scGPT';
const unitPart = 'value of one count';

interface Parts {
  readonly names: readonly string[];
  readonly values: readonly Float64Array[];
  readonly zeros: readonly Float64Array[];
  /** Counts to be expected, of hidden entries and zeros. */
  readonly rates: PredictedEntries;
}

async function partsOf(
  expression: IncompleteExpression,
  reading: ModelReading | null,
  entries: Pick<CheckedEntries, 'hidden' | 'zeros' | 'genes'>,
  control: RunControl,
): Promise<Parts> {
  const checked = { ...entries, truth: new Float64Array(0) };
  const answers: { name: string; predicted: PredictedEntries }[] = [];
  for (const method of plainParts) {
    answers.push({
      name: method.name,
      predicted: predictEntries(await method.fit(expression, control), checked),
    });
  }
  const unit: ImputedRows = (cell, into) => into.fill(Math.log1p(targetSum / expression.totals[cell]));
  answers.push({ name: unitPart, predicted: predictEntries(unit, checked) });
  if (reading !== null) {
    const means = meansOfNonZero(expression);
    const of = async (asked: Entries) =>
      (await modelValues(reading, expression, asked, control)).map((value, i) =>
        Number.isNaN(value) ? means[asked.genes[i]] : value,
      );
    answers.push({
      name: modelPart,
      predicted: { hidden: await of(entries.hidden), zeros: await of(entries.zeros) },
    });
  }
  return {
    names: answers.map(({ name }) => name),
    values: answers.map(({ predicted }) => predicted.hidden),
    zeros: answers.map(({ predicted }) => predicted.zeros),
    rates: predictEntries(await nearestRates(expression, 50, control), checked),
  };
}

/** Whether an entry is of a gene that is expressed: rates on two scales and every answer. */
function detectionParts({ values, zeros, rates }: Parts, { truth, zeros: compared }: CheckedEntries) {
  const joined = (a: Float64Array, b: Float64Array) => Float64Array.from([...a, ...b]);
  const rate = joined(rates.hidden, rates.zeros);
  return {
    parts: [
      rate.map((value) => -Math.expm1(-value)),
      rate.map((value) => Math.log(value + 0.02)),
      ...values.map((value, i) => joined(value, zeros[i])),
    ],
    truth: joined(new Float64Array(truth.length).fill(1), new Float64Array(compared.genes.length)),
  };
}

/** The half, 0 or 1, of the cell of each entry. */
function halfOf({ hidden, zeros }: CheckedEntries) {
  const halves = ({ indptr, genes }: Entries) => {
    const half = new Uint8Array(genes.length);
    let scored = 0;
    for (let cell = 0; cell + 1 < indptr.length; cell++) {
      if (hidden.indptr[cell] === hidden.indptr[cell + 1]) continue;
      half.fill(scored++ % 2, indptr[cell], indptr[cell + 1]);
    }
    return half;
  };
  return { hidden: halves(hidden), zeros: halves(zeros) };
}

/** Each half told by weights of the other, and the weights of all. */
function crossFitted(
  parts: readonly Float64Array[],
  truth: Float64Array,
  half: ArrayLike<number>,
  free: readonly number[] = parts.map((_, i) => i),
) {
  const predicted = new Float64Array(truth.length);
  for (const own of [0, 1]) {
    const of = (which: number) => (values: Float64Array) => values.filter((_, i) => half[i] === which);
    const weights = stackWeights(parts.map(of(1 - own)), of(1 - own)(truth), free);
    const told = stacked(weights, parts.map(of(own)));
    let next = 0;
    for (let i = 0; i < predicted.length; i++) if (half[i] === own) predicted[i] = told[next++];
  }
  return { predicted, weights: stackWeights(parts, truth, free) };
}

function emptyLike({ indptr }: Entries): Entries {
  return { indptr: new Float64Array(indptr.length), genes: new Int32Array(0) };
}
