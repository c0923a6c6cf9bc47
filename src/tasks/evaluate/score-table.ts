/** @file Scores in rows and columns: what the terminal, files and the report show alike. */

/** One column of scores. */
export interface Metric {
  /** As files name it, such as `asw_label`. */
  readonly id: string;
  /** As people read it, such as `ASW label`. */
  readonly name: string;
  /** What it says, in one clause. */
  readonly about: string;
  /** What it is about; neighbouring metrics of one group belong together. */
  readonly group: string;
  /** Which end of its scale is the good one. */
  readonly better: 'high' | 'low';
}

/** A score over runs of different seeds. */
export interface Spread {
  readonly mean: number;
  /** With divisor runs - 1; null of one run. */
  readonly sd: number | null;
}

/** The scores of one embedding, method or prediction. */
export interface ScoredRow {
  readonly name: string;
  /** Whether it came with the data or was computed for comparison. */
  readonly origin: 'data' | 'baseline';
  /** Where it comes from or what was done, in words. */
  readonly about: string;
  readonly runs: number;
  /** Of one run of a baseline, on average; null for what came with the data. */
  readonly seconds: number | null;
  /** By the metric's id; a metric that says nothing here is absent. */
  readonly scores: Readonly<Record<string, Spread>>;
}

/** Rows that are scored on the same cells. */
export interface ScoreTable {
  readonly metrics: readonly Metric[];
  readonly rows: readonly ScoredRow[];
}

/** Mean and standard deviation of runs, each metric by itself; NaN scores are left out. */
export function spreads(runs: readonly Readonly<Record<string, number>>[]): Record<string, Spread> {
  const found: Record<string, Spread> = {};
  for (const id of new Set(runs.flatMap((run) => Object.keys(run)))) {
    const values = runs.map((run) => run[id]).filter((value) => value !== undefined && !Number.isNaN(value));
    if (values.length > 0) found[id] = spread(values);
  }
  return found;
}

/** Mean and standard deviation. */
export function spread(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: values.length < 2 ? null : Math.sqrt(squares / (values.length - 1)) };
}

/** The best mean of a metric as it is shown, with three digits; null where fewer than two rows have a score. */
export function bestOf({ rows }: ScoreTable, { id, better }: Metric): number | null {
  const means = rows.flatMap(({ scores }) => (scores[id] === undefined ? [] : [rounded(scores[id].mean)]));
  if (means.length < 2) return null;
  return better === 'high' ? Math.max(...means) : Math.min(...means);
}

/** Whether a row's score is the best one; equal ones are all best. */
export function isBest(row: ScoredRow, metric: Metric, best: number | null): boolean {
  const score = row.scores[metric.id];
  return best !== null && score !== undefined && rounded(score.mean) === best;
}

function rounded(value: number): number {
  return Math.round(value * 1000);
}

/** The table with the columns in which some row has a score. */
export function withoutEmptyColumns({ metrics, rows }: ScoreTable): ScoreTable {
  return { metrics: metrics.filter(({ id }) => rows.some(({ scores }) => id in scores)), rows };
}

/** The table as CSV: a row each, mean and standard deviation of every metric in columns. */
export function csvOf(tables: readonly ScoreTable[]): string {
  const metrics = tables.flatMap((table) => table.metrics);
  const header = [
    'name',
    'origin',
    'about',
    'runs',
    'seconds',
    ...metrics.flatMap(({ id }) => [id, `${id}_sd`]),
  ];
  const lines = tables.flatMap(({ rows }) =>
    rows.map(({ name, origin, about, runs, seconds, scores }) => [
      name,
      origin,
      about,
      String(runs),
      seconds === null ? '' : seconds.toFixed(3),
      ...metrics.flatMap(({ id }) => [numberText(scores[id]?.mean), numberText(scores[id]?.sd)]),
    ]),
  );
  return `${[header, ...lines].map((line) => line.map(quoted).join(',')).join('\n')}\n`;
}

function numberText(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : String(value);
}

function quoted(field: string): string {
  return /[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
