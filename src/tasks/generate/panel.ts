/** @file Completing a gene panel: genes that cells lack, told from cells that have them, by the model and plain methods. */

import { chosenCells } from '../../analysis/imputation/chosen-cells.ts';
import { geneSums } from '../../analysis/imputation/gene-means.ts';
import type { IncompleteExpression } from '../../analysis/imputation/incomplete-expression.ts';
import type { ImputedRows } from '../../analysis/imputation/method.ts';
import type { PanelMethod, PanelReference, PanelTruth } from '../../analysis/imputation/panel/method.ts';
import { panelMethods } from '../../analysis/imputation/panel/methods.ts';
import { type PanelScores, panelScores } from '../../analysis/imputation/panel/scores.ts';
import { linearFit } from '../../analysis/imputation/scores.ts';
import { type StackWeights, stackWeights } from '../../analysis/imputation/stack.ts';
import type { RunControl } from '../../support/progress.ts';
import { type ModelReading, modelValues } from './model-values.ts';

/** Every so many-th reference cell is held out to weigh and to score. */
const heldOutEvery = 5;
/** Only these take part: means are what the others deviate from. */
const takesPart = (id: string): boolean => id !== 'gene-mean' && id !== 'library-scaled-mean';

/** A panel method and what it scores on held-out reference cells. */
export interface ScoredPanelMethod {
  readonly id: string;
  readonly name: string;
  readonly scores: PanelScores;
}

/** How a panel is completed, and what it is worth. */
export interface PanelCompletion {
  /** Writes the expected logged values of the hidden genes of a query cell. */
  readonly rows: ImputedRows;
  /** What each part counts for, by name. */
  readonly weights: ReadonlyMap<string, number>;
  /** The final answer first, then the model alone, then plain methods; on held-out cells of the reference. */
  readonly scored: readonly ScoredPanelMethod[];
}

/**
 * Tells hidden genes of the query. What each method counts for is chosen on a fifth of the reference's cells, held out of
 * what methods learn from: least squares of how cells differ from the genes' means.
 *
 * @param reading the model with tokens of the visible genes, then of the hidden ones; null for plain methods alone
 */
export async function completePanel(
  reference: PanelReference,
  query: IncompleteExpression,
  reading: ModelReading | null,
  control: RunControl = {},
): Promise<PanelCompletion> {
  const methods = [...panelMethods, ...(reading === null ? [] : [generatedGenes(reading)])];
  const { learnt, held } = await splitReference(reference);
  const answers = await answersOf(methods, learnt, held.visible, control);
  const means = geneSums(learnt.hidden).sums.map((sum) => sum / learnt.hidden.cells);
  const truth = { reference: learnt.hidden, query: held.hidden };
  const { whole, weights, scored } = stackedAnswers(answers, means, truth, reading);
  const final = await answersOf(methods, reference, query, control);
  const finalMeans = geneSums(reference.hidden).sums.map((sum) => sum / reference.hidden.cells);
  return { rows: weighted(final, finalMeans, whole), weights, scored };
}

/**
 * Makes several answers for the same cells one, by weights chosen on those cells; where weights are scored, they were
 * chosen on the other half of the cells.
 *
 * @param means of genes, which answers are weighed by their deviations from
 */
export function stackedAnswers(
  answers: readonly Answer[],
  means: Float64Array,
  truth: PanelTruth,
  reading: ModelReading | null,
): PanelCompletion & { readonly whole: StackWeights } {
  const halves = [0, 1].map((half) => weigh(answers, means, truth.query, (cell) => cell % 2 !== half));
  const whole = weigh(answers, means, truth.query, () => true);
  const crossed: ImputedRows = (cell, into) => weighted(answers, means, halves[cell % 2])(cell, into);
  const scored = [
    { id: 'scgpt-stacked', name: stackName(reading), scores: panelScores(crossed, truth) },
    ...[...answers].reverse().map(({ method, rows }) => ({
      id: method.id,
      name: method.name,
      scores: panelScores(rows, truth),
    })),
  ];
  const parts = answers.filter(({ method }) => takesPart(method.id));
  const weights = new Map(parts.map(({ method }, i) => [method.name, whole.weights[i]]));
  return { rows: weighted(answers, means, whole), weights, scored, whole };
}

export const stackName = (reading: ModelReading | null): string =>
  reading === null ? 'plain methods, stacked' : 'scGPT with plain methods';

/** A method and what it says of some cells. */
export interface Answer {
  readonly method: Pick<PanelMethod, 'id' | 'name'>;
  readonly rows: ImputedRows;
}

async function answersOf(
  methods: readonly PanelMethod[],
  reference: PanelReference,
  query: IncompleteExpression,
  control: RunControl,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const method of methods) answers.push({ method, rows: await method.fit(reference, query, control) });
  return answers;
}

async function splitReference({ visible, hidden }: PanelReference) {
  const cells = Int32Array.from({ length: visible.cells }, (_, cell) => cell);
  const learnt = cells.filter((cell) => cell % heldOutEvery !== heldOutEvery - 1);
  const held = cells.filter((cell) => cell % heldOutEvery === heldOutEvery - 1);
  const part = async (rows: Int32Array): Promise<PanelReference> => ({
    visible: await chosenCells(visible, rows),
    hidden: await chosenCells(hidden, rows),
  });
  return { learnt: await part(learnt), held: await part(held) };
}

/** Weights of least squares on some cells, all genes alike. */
function weigh(
  answers: readonly Answer[],
  means: Float64Array,
  truth: IncompleteExpression,
  counts: (cell: number) => boolean,
): StackWeights {
  const cells = Array.from({ length: truth.cells }, (_, cell) => cell).filter(counts);
  const size = cells.length * truth.genes;
  const row = new Float64Array(truth.genes);
  const columnOf = (rows: ImputedRows): Float64Array => {
    const column = new Float64Array(size);
    cells.forEach((cell, i) => {
      rows(cell, row);
      for (let gene = 0; gene < row.length; gene++) column[i * row.length + gene] = row[gene] - means[gene];
    });
    return column;
  };
  const wanted = columnOf((cell, into) => {
    into.fill(0);
    for (let i = truth.rows.indptr[cell]; i < truth.rows.indptr[cell + 1]; i++)
      into[truth.rows.indices[i]] = truth.logged[i];
  });
  const parts = answers.filter(({ method }) => takesPart(method.id));
  return stackWeights(
    parts.map(({ rows }) => columnOf(rows)),
    wanted,
  );
}

function weighted(answers: readonly Answer[], means: Float64Array, { weights }: StackWeights): ImputedRows {
  const parts = answers.filter(({ method }) => takesPart(method.id));
  const row = new Float64Array(means.length);
  return (cell, into) => {
    into.set(means);
    parts.forEach(({ rows }, i) => {
      if (weights[i] === 0) return;
      rows(cell, row);
      for (let gene = 0; gene < into.length; gene++) into[gene] += weights[i] * (row[gene] - means[gene]);
    });
    for (let gene = 0; gene < into.length; gene++) into[gene] = Math.max(0, into[gene]);
  };
}

/**
 * The model as a panel method: hidden genes generated from the visible ones, each gene brought to its own scale by a
 * line fitted to the reference, for the model tells the value of a gene that is expressed, not whether it is.
 */
export function generatedGenes(reading: ModelReading): PanelMethod {
  return {
    id: 'scgpt',
    name: 'scGPT alone',
    async fit({ visible, hidden }, query, control) {
      const known = await generated(reading, visible, hidden.genes, control);
      const asked = await generated(reading, query, hidden.genes, control);
      return calibratedGenes(known, asked, hidden);
    },
  };
}

/** Generated values, each gene brought to its own scale by a line fitted where the truth is known. */
export function calibratedGenes(
  known: Float64Array, // [known cells, genes]
  asked: Float64Array, // [cells, genes]
  truth: IncompleteExpression, // [known cells, genes]
): ImputedRows {
  const lines = linesOf(known, truth);
  return (cell, into) => {
    for (let gene = 0; gene < into.length; gene++) {
      const value = asked[cell * into.length + gene];
      const { slope, intercept, mean } = lines[gene];
      into[gene] = Number.isNaN(value) ? mean : intercept + slope * value;
    }
  };
}

/** All hidden genes of all cells. */
export async function generated(
  reading: ModelReading,
  expression: IncompleteExpression,
  hidden: number,
  control?: RunControl,
): Promise<Float64Array> {
  const { cells, genes } = expression;
  return modelValues(
    reading,
    expression,
    {
      indptr: Float64Array.from({ length: cells + 1 }, (_, cell) => cell * hidden),
      genes: Int32Array.from({ length: cells * hidden }, (_, i) => genes + (i % hidden)),
    },
    control,
  );
}

function linesOf(predicted: Float64Array, truth: IncompleteExpression) {
  const { cells, genes, rows, logged } = truth;
  const wanted = new Float64Array(cells * genes);
  for (let cell = 0; cell < cells; cell++) {
    for (let i = rows.indptr[cell]; i < rows.indptr[cell + 1]; i++)
      wanted[cell * genes + rows.indices[i]] = logged[i];
  }
  return Array.from({ length: genes }, (_, gene) => {
    const usable = Array.from({ length: cells }, (_, cell) => cell * genes + gene).filter(
      (i) => !Number.isNaN(predicted[i]),
    );
    const mean = usable.length === 0 ? 0 : usable.reduce((sum, i) => sum + wanted[i], 0) / usable.length;
    const line = linearFit(
      usable.map((i) => predicted[i]),
      usable.map((i) => wanted[i]),
    );
    return usable.length === 0 ? { slope: 0, intercept: 0, mean } : { ...line, mean };
  });
}
