/** @file Looks at a matrix before it is used and says what kind of values it holds: raw, normalised, log, scaled, binned, ... */

import { InputError } from '../../support/errors.ts';
import { count } from '../../support/words.ts';
import type { Matrix } from '../matrix.ts';
import { type InputStatistics, type MatrixEntry, StatisticsCollector } from './statistics.ts';
import { decide, type Verdict } from './verdict.ts';
import { type InputUse, remarks, wordsOf } from './words.ts';

/** What a matrix holds and whether it can be used. */
export interface InputDiagnosis extends Verdict {
  readonly use: InputUse;
  readonly statistics: InputStatistics;
  /** How many of the matrix's cells were looked at. */
  readonly cells: { readonly seen: number; readonly of: number };
  /** What the values are, what is remarkable, and what it means for scGPT: sentences, most important first. */
  readonly sentences: readonly string[];
}

/** Names for messages. */
export interface InputNames {
  readonly cells?: readonly string[] | undefined;
  readonly genes?: readonly string[] | undefined;
}

/** How a matrix is looked at. */
export interface DiagnoseOptions extends InputNames {
  /** At most so many cells, taken from eight places; Infinity for all. Default 1,000: every statistic is steady by then. */
  readonly maxCells?: number;
}

const places = 8;

/** Reads cells of a matrix and says what its values are. Memory does not grow with the matrix beyond its genes. */
export async function diagnoseMatrix(matrix: Matrix, options: DiagnoseOptions = {}): Promise<InputDiagnosis> {
  const [cells, genes] = matrix.shape;
  const collector = new StatisticsCollector(genes);
  for (const [start, end] of stretches(cells, options.maxCells ?? 1000)) {
    for (let row = start; row < end; row += 256)
      collector.add(await matrix.rows(row, Math.min(end, row + 256)));
  }
  return diagnose(collector.statistics(), cells, options);
}

/** The verdict on statistics that were gathered while the rows were used for something else. */
export function diagnose(statistics: InputStatistics, cells: number, names: InputNames = {}): InputDiagnosis {
  const verdict = decide(statistics, cells);
  const { use, what, advice } = wordsOf[verdict.kind];
  const sure = { certain: '', likely: 'probably ', possible: 'possibly ' }[verdict.confidence];
  const part = statistics.rows < cells ? `, by ${count(statistics.rows)} of ${count(cells)} cells` : '';
  const offender = verdict.kind === 'not_finite' ? statistics.firstNotFinite : statistics.firstNegative;
  const where = offender === null ? [] : [`The first is ${describeEntry(offender, names)}.`];
  const sentences = [
    `The matrix holds ${sure}${what}${part}.`,
    ...where,
    ...remarks(verdict, statistics),
    `${advice}.`,
  ];
  return { ...verdict, use, statistics, cells: { seen: statistics.rows, of: cells }, sentences };
}

/**
 * Stops work on values the model cannot use.
 *
 * @param where file and matrix, for the message
 * @throws InputError for scaled, negative, constant, missing or infinite values, naming the first cell and gene
 */
export function requireUsableInput(diagnosis: InputDiagnosis, where?: string): void {
  if (diagnosis.use !== 'refuse') return;
  const { what, advice } = wordsOf[diagnosis.kind];
  const place = diagnosis.sentences.find((sentence) => sentence.startsWith('The first is'));
  throw new InputError({
    what: `the matrix holds ${what}`,
    where,
    expected: 'counts, or values that keep their order within a cell: normalised or log-normalised',
    advice: place === undefined ? advice : `${place} ${advice}`,
    reason: diagnosis.kind,
  });
}

/** Names an entry by its cell and gene. */
function describeEntry({ row, column, value }: MatrixEntry, { cells, genes }: InputNames): string {
  const named = (kind: string, names: readonly string[] | undefined, position: number) =>
    names?.[position] === undefined ? `${kind} ${position + 1}` : `${kind} '${names[position]}'`;
  return `${value} in ${named('cell', cells, row)}, ${named('gene', genes, column)}`;
}

/** Stretches of consecutive rows, evenly spread: files are read faster in few pieces. */
function stretches(rows: number, limit: number): (readonly [start: number, end: number])[] {
  if (rows <= limit) return [[0, rows]];
  const length = Math.max(1, Math.floor(limit / places));
  return Array.from({ length: Math.min(places, limit) }, (_, place) => {
    const start = Math.floor((place * (rows - length)) / Math.max(1, places - 1));
    return [start, start + length] as const;
  });
}
