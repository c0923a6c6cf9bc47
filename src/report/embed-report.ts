/** @file What a report on embedded cells tells: plain data, gathered by the task and drawn by `renderReport`. */

import type { QuickScores } from '../analysis/quick-scores.ts';
import type { DenseArray } from '../single-cell/anndata.ts';
import type { InputDiagnosis } from '../single-cell/diagnosis/diagnose.ts';
import type { GeneMatchReport } from '../single-cell/genes/report.ts';
import type { ReportColumn } from './columns.ts';

/** A named value, both as they are shown. */
export type Fact = readonly [name: string, value: string];

/** Cells on a plane. */
export interface ReportMap {
  /** Short, such as `scGPT` or `HVG + PCA`. */
  readonly title: string;
  /** How the map was made, in a sentence. */
  readonly caption: string;
  /** `[cells, 2]`; NaN for cells that have no place. */
  readonly layout: DenseArray;
}

/** The simple method beside the model: what it did, or why it is missing. */
export type ReportBaseline =
  | { readonly method: string; readonly map: ReportMap; readonly scores: readonly QuickScores[] }
  | { readonly missing: string };

/** The model that was used. */
export interface ReportModel {
  readonly name: string;
  readonly hash: string;
  /** False for random weights: the report then says so at its top. */
  readonly trained: boolean;
  /** More about it: layers, width, vocabulary. */
  readonly facts: readonly Fact[];
}

/** A report on embedded cells. */
export interface EmbedReport {
  /** Usually the name of the data file. */
  readonly title: string;
  /** What was done, in sentences. */
  readonly summary: readonly string[];
  /** Names of all cells, shown when a cell is pointed at. */
  readonly cells: readonly string[];
  readonly geneCount: number;
  readonly model: ReportModel;
  readonly map: ReportMap;
  /** Scores of the model's embedding, by column. */
  readonly scores: readonly QuickScores[];
  readonly baseline: ReportBaseline;
  /** Columns that cells can be coloured by. */
  readonly columns: readonly ReportColumn[];
  /** Columns of obs that cannot be shown, and why. */
  readonly columnsLeftOut: readonly Fact[];
  /** Name of the column that cells are coloured by at first; null for none. */
  readonly colorBy: string | null;
  readonly diagnosis: Pick<InputDiagnosis, 'use' | 'sentences'>;
  readonly geneMatch: GeneMatchReport;
  readonly warnings: readonly string[];
  /** Every option that shaped the numbers, the seed among them. */
  readonly settings: readonly Fact[];
  readonly timings: readonly { readonly stage: string; readonly seconds: number }[];
  /** Package version, device, threads, system. */
  readonly environment: readonly Fact[];
  /** The command that repeats the run. */
  readonly command: string;
}
