/** @file What `scgpt evaluate` says: tables of scores, aligned, the best of each column marked. */

import { count, plural } from '../support/words.ts';
import type { EvaluateSummary } from '../tasks/evaluate/files.ts';
import {
  bestOf,
  isBest,
  type Metric,
  type ScoredRow,
  type ScoreTable,
} from '../tasks/evaluate/score-table.ts';

/** The scores in words and tables. */
export function evaluateText(summary: EvaluateSummary): string {
  const { cells, embeddings, predictions, output, report, figures } = summary;
  const of = (scored: number) =>
    scored === cells ? plural(cells, 'cell') : `${count(scored)} of ${plural(cells, 'cell')}`;
  const parts: string[] = [];
  if (embeddings !== null) {
    const { batch, label, unintegrated } = embeddings;
    parts.push(
      [
        `Embeddings, ${of(embeddings.cells)}: ${groupsText(label, batch)}`,
        tableText(embeddings.table),
        legend(embeddings.table),
        ...(label === null ? [] : [`Labels (obs/${label}) were used for scoring only: no method saw them.`]),
        ...(unintegrated === null ? [] : [`Mixing is measured against ${unintegrated}.`]),
      ].join('\n'),
    );
  }
  if (predictions !== null) {
    parts.push(
      [
        `Predictions, ${of(predictions.cells)}: true types in obs/${predictions.truth}`,
        tableText(predictions.table),
        legend(predictions.table),
      ].join('\n'),
    );
  }
  const written = [
    ...(output === null ? [] : [`wrote ${output}`]),
    ...(report === null ? [] : [`wrote ${report}: open it in a browser`]),
    ...(figures === null ? [] : [`wrote figures to ${figures}`]),
  ];
  if (written.length > 0) parts.push(written.join('\n'));
  return parts.join('\n\n');
}

function groupsText(label: string | null, batch: string | null): string {
  const types = label === null ? 'no labels' : `types in obs/${label}`;
  return `${types}, ${batch === null ? 'batches not scored' : `batches in obs/${batch}`}`;
}

/** Wider tables are broken into several, one below the other. */
const widest = 100;

/** A table; names to the left, numbers to the right. */
function tableText(table: ScoreTable): string {
  const { metrics, rows } = table;
  const names = ['', ...rows.map(({ name, origin }) => (origin === 'data' ? name : `${name} (baseline)`))];
  const columns = metrics.map((metric) => {
    const best = bestOf(table, metric);
    return [`${metric.name} `, ...rows.map((row) => scoreText(row, metric, isBest(row, metric, best)))];
  });
  if (rows.some(({ seconds }) => seconds !== null)) {
    columns.push(['s ', ...rows.map(({ seconds }) => (seconds === null ? '- ' : `${seconds.toFixed(1)} `))]);
  }
  return inBlocks(widthOf(names), columns)
    .map((block) =>
      names
        .map((name, line) => [name.padEnd(widthOf(names)), ...block.map((column) => padded(column, line))])
        .map((line) => line.join('  ').trimEnd())
        .join('\n'),
    )
    .join('\n\n');
}

type Column = readonly string[];

function widthOf(column: Column): number {
  return Math.max(...column.map(({ length }) => length));
}

function padded(column: Column, line: number): string {
  return column[line].padStart(widthOf(column));
}

/** Columns that fit beside the names, block after block; at least one each. */
function inBlocks(namesWidth: number, columns: readonly Column[]): Column[][] {
  const blocks: Column[][] = [];
  let room = 0;
  for (const column of columns) {
    const width = widthOf(column) + 2;
    if (width > room) {
      blocks.push([]);
      room = widest - namesWidth;
    }
    blocks[blocks.length - 1].push(column);
    room -= width;
  }
  return blocks;
}

/** Three digits, the deviation of several runs, and a star for the best. */
function scoreText({ scores }: ScoredRow, { id }: Metric, best: boolean): string {
  const score = scores[id];
  if (score === undefined) return '- ';
  const deviation = score.sd === null || score.sd < 0.0005 ? '' : ` ±${score.sd.toFixed(3)}`;
  return `${score.mean.toFixed(3)}${deviation}${best ? '*' : ' '}`;
}

function legend({ metrics, rows }: ScoreTable): string {
  const lower = metrics.filter(({ better }) => better === 'low').map(({ name }) => name);
  const parts = [
    ...(rows.length > 1 ? ['* best'] : []),
    lower.length === 0 ? 'higher is better' : `higher is better, but for ${lower.join(' and ')}`,
    ...(rows.some(({ runs }) => runs > 1) ? ['± standard deviation over seeds'] : []),
  ];
  return parts.join('; ');
}
