/** @file What a report on a task tells: plain data, gathered by the task, drawn by `renderTaskReport` and `renderFigures`. */

import type { QuickScores } from '../analysis/quick-scores.ts';
import type { DenseArray } from '../single-cell/anndata.ts';
import type { InputDiagnosis } from '../single-cell/diagnosis/diagnose.ts';
import type { GeneMatchReport } from '../single-cell/genes/report.ts';
import type { ReportColumn } from './columns.ts';

/** A named value, both as they are shown. */
export type Fact = readonly [name: string, value: string];

/** A report on a task. */
export interface TaskReport {
  /** What kind of report it is, such as `scGPT annotation`: the small line above the title. */
  readonly task: string;
  /** Usually the name of the data file. */
  readonly title: string;
  /** What it is about in a line, such as `1,200 cells, 2,000 genes, model blood`. */
  readonly subtitle?: string | undefined;
  /** What was done and what came out, in sentences; the first is the headline. */
  readonly summary: readonly string[];
  /** The numbers that matter most, at most four. */
  readonly highlights?: readonly Highlight[] | undefined;
  readonly warnings: readonly string[];
  /** In the order of the page. */
  readonly sections: readonly Section[];
  /** The model that was used; absent where there is none. */
  readonly model?: ReportModel | undefined;
  /** Every option that shaped the numbers, the seed among them. */
  readonly settings: readonly Fact[];
  readonly timings?: readonly { readonly stage: string; readonly seconds: number }[] | undefined;
  /** Package version, device, threads, system. */
  readonly environment: readonly Fact[];
  /** The command that repeats the run. */
  readonly command?: string | undefined;
}

/** A number that is shown large. */
export interface Highlight {
  /** As it is shown, such as `0.912` or `94.0 %`. */
  readonly value: string;
  /** What it is, such as `macro F1 on 1,200 labelled cells`. */
  readonly label: string;
  /** Draws it as part of a whole too, 0 .. 1. */
  readonly share?: number | undefined;
}

/** The model that was used. */
export interface ReportModel {
  readonly name: string;
  readonly hash: string;
  /** False for random weights: the report then says so at its top. */
  readonly trained: boolean;
  /** More about it: layers, width, vocabulary. */
  readonly facts: readonly Fact[];
}

/** A part of a report. All but text, tables, quick scores and input are figures too. */
export type Section =
  | TextSection
  | MapsSection
  | ScoresSection
  | QuickScoresSection
  | TableSection
  | ConfusionSection
  | CurvesSection
  | DotPlotSection
  | CompositionSection
  | CalibrationSection
  | VolcanoSection
  | NetworkSection
  | InputSection;

interface SectionBase {
  /** Names the section's files: lower-case letters, digits and dashes, one of its kind in the report. */
  readonly name: string;
  readonly title: string;
  /** What is shown and how to read it, in sentences. */
  readonly note?: string | undefined;
  /** What went wrong or is missing here, in sentences. */
  readonly notices?: readonly string[] | undefined;
}

/** Paragraphs. */
export interface TextSection extends SectionBase {
  readonly kind: 'text';
  readonly paragraphs: readonly string[];
}

/** Cells on a plane. */
export interface ReportMap {
  /** Short, such as `scGPT` or `HVG + PCA`. */
  readonly title: string;
  /** How the map was made, in a sentence. */
  readonly caption: string;
  /** `[cells, 2]`; NaN for cells that have no place. */
  readonly layout: DenseArray;
}

/** The same cells on one or several maps, coloured by several columns: a row of maps for each of `colorBy`. */
export interface MapsSection extends SectionBase {
  readonly kind: 'maps';
  /** Names of all cells, shown when a cell is pointed at. */
  readonly cells: readonly string[];
  readonly maps: readonly ReportMap[];
  /** All columns that cells can be coloured by; see `reportColumns` for those of obs. */
  readonly columns: readonly ReportColumn[];
  /** Names of the columns that are drawn at first. None draws the maps in one colour. */
  readonly colorBy: readonly string[];
  /** Columns that cannot be shown, and why. */
  readonly columnsLeftOut?: readonly Fact[] | undefined;
}

/** Methods beside each other: a table with a bar in each cell, best values bold, ours marked. */
export interface ScoresSection extends SectionBase {
  readonly kind: 'scores';
  readonly metrics: readonly ScoreMetric[];
  readonly methods: readonly ScoredMethod[];
  /** Key of the metric that sorts the methods, best first. Default the first metric. */
  readonly sortBy?: string | undefined;
}

/** A column of a table of scores. */
export interface ScoreMetric {
  /** In files, such as `avg_bio`. */
  readonly key: string;
  /** On the page, such as `AvgBIO`. */
  readonly title: string;
  /** How to read it, in a few words. */
  readonly hint?: string | undefined;
  /** Neighbouring metrics of one group share a heading, such as `Biology kept`. */
  readonly group?: string | undefined;
  /** Bars span these. Default 0 to 1; `null` spans 0 to the largest value, for times. */
  readonly range?: readonly [low: number, high: number] | null | undefined;
  /** Default false. */
  readonly lowerIsBetter?: boolean | undefined;
  /** How values are written. Default `score`, three digits. */
  readonly unit?: 'score' | 'share' | 'seconds' | 'count' | undefined;
}

/** A row of a table of scores. */
export interface ScoredMethod {
  readonly name: string;
  /** True for what this run made. */
  readonly ours: boolean;
  /** What it is or why scores are missing, in a few words. */
  readonly note?: string | undefined;
  /** One for each metric, NaN for none. */
  readonly scores: readonly number[];
}

/** How well a model's embedding agrees with columns, with a simple method and chance beside it. */
export interface QuickScoresSection extends SectionBase {
  readonly kind: 'quick-scores';
  readonly model: { readonly title: string; readonly scores: readonly QuickScores[] };
  readonly baseline: { readonly title: string; readonly scores: readonly QuickScores[] } | null;
  /** The column that comes first; the others fold. */
  readonly first: string | null;
}

/** Any table. */
export interface TableSection extends SectionBase {
  readonly kind: 'table';
  readonly columns: readonly TableColumn[];
  /** Text for columns of text, else a number, NaN for none. Rows after the 25th fold when there are more than 40. */
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A column of a table. */
export interface TableColumn {
  readonly title: string;
  /** How values are written: `score` with three digits, `share` (0 .. 1) as percent, `number` with three significant digits. */
  readonly unit: 'text' | 'score' | 'share' | 'count' | 'number';
  /** Draws a bar behind scores and shares, 0 to 1, and behind counts, 0 to the largest. Default false. */
  readonly bar?: boolean | undefined;
}

/** Cells by true and predicted label; colours are shares of a row. */
export interface ConfusionSection extends SectionBase {
  readonly kind: 'confusion';
  readonly rowTitle: string;
  readonly columnTitle: string;
  /** True labels. */
  readonly rows: readonly string[];
  /** Predicted labels, `unassigned` among them; those that are no row come last. */
  readonly columns: readonly string[];
  readonly counts: ArrayLike<number>; // [rows, columns]
}

/** Values by epoch or step: a panel for each objective. */
export interface CurvesSection extends SectionBase {
  readonly kind: 'curves';
  readonly xTitle: string;
  readonly yTitle: string;
  readonly panels: readonly CurvePanel[];
  /** What was kept, drawn as a line: such as epoch 12. */
  readonly chosen?: { readonly x: number; readonly label: string } | undefined;
  /** The scale at first; readers can change it where all values are above 0. Default linear. */
  readonly scale?: 'linear' | 'log' | undefined;
}

/** Curves that share axes. */
export interface CurvePanel {
  /** Such as `GEP, masked expression`. */
  readonly title: string;
  readonly curves: readonly Curve[];
}

/** A curve. Curves of one name have one colour in all panels. */
export interface Curve {
  /** Such as `training` or `validation`. */
  readonly name: string;
  readonly x: ArrayLike<number>; // [points], ascending
  readonly y: ArrayLike<number>; // [points], NaN breaks the line
}

/** Groups by genes: a dot's size is the share of cells that express the gene, its colour the mean expression. */
export interface DotPlotSection extends SectionBase {
  readonly kind: 'dot-plot';
  /** Where it is not of genes: what they are instead, and what size and colour stand for. */
  readonly of?: { readonly one: string; readonly share: string; readonly mean: string } | undefined;
  readonly groupTitle: string;
  readonly groups: readonly string[];
  /** In the order they are drawn, a group's markers side by side. */
  readonly genes: readonly string[];
  /** The group that a gene marks, -1 for none. */
  readonly markerOf: ArrayLike<number>; // [genes]
  /** Share of the group's cells that express the gene, 0 .. 1. */
  readonly share: ArrayLike<number>; // [groups, genes]
  /** Mean expression, scaled for each gene to 0 .. 1 over the groups. */
  readonly mean: ArrayLike<number>; // [groups, genes]
}

/** What groups of cells consist of: a stacked bar for each, such as batches of every cluster. */
export interface CompositionSection extends SectionBase {
  readonly kind: 'composition';
  readonly groupTitle: string;
  readonly groups: readonly string[];
  readonly partTitle: string;
  readonly parts: readonly string[];
  readonly counts: ArrayLike<number>; // [groups, parts]
}

/** Whether confidence can be believed: how often predictions are right by how sure they are. */
export interface CalibrationSection extends SectionBase {
  readonly kind: 'calibration';
  readonly curves: readonly CalibrationCurve[];
}

/** A reliability curve, such as that of the calibrated or of the raw probabilities. */
export interface CalibrationCurve {
  readonly name: string;
  /** Expected calibration error, 0 .. 1. */
  readonly error: number;
  /** Ascending; bins without cells are left out. */
  readonly bins: readonly {
    /** Mean confidence of the bin's cells. */
    readonly confidence: number;
    /** Share of them that are right. */
    readonly accuracy: number;
    readonly cells: number;
  }[];
}

/** Genes by how much they change and how surely. */
export interface VolcanoSection extends SectionBase {
  readonly kind: 'volcano';
  readonly xTitle: string;
  readonly yTitle: string;
  readonly points: readonly {
    readonly name: string;
    readonly x: number;
    readonly y: number;
    /** Drawn in colour, as what is significant. */
    readonly marked: boolean;
  }[];
}

/** Genes and what joins them. Places are computed when it is drawn and mean nothing but nearness. */
export interface NetworkSection extends SectionBase {
  readonly kind: 'network';
  readonly nodes: readonly NetworkNode[];
  readonly edges: readonly NetworkEdge[];
  /** What colours stand for. */
  readonly groups: readonly string[];
  /** Draws arrows. */
  readonly directed: boolean;
  /** What a weight is, such as `similarity`. */
  readonly edgeTitle: string;
  /** What an edge with a weight below 0 means; it is dashed. */
  readonly negativeTitle?: string | undefined;
}

/** A gene of a network. */
export interface NetworkNode {
  readonly name: string;
  /** Index into the groups, -1 for none. */
  readonly group: number;
  /** 0 .. 1: the larger is drawn larger and named first. */
  readonly weight: number;
  /** More about it, for those who point at it. */
  readonly note?: string | undefined;
}

/** What joins two nodes, by index. */
export interface NetworkEdge {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** What an input holds and which of its genes the model knows. */
export interface InputSection extends SectionBase {
  readonly kind: 'input';
  readonly diagnosis: Pick<InputDiagnosis, 'use' | 'sentences'>;
  readonly geneMatch: GeneMatchReport;
}
