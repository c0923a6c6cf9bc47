/** @file A table of scores for the terminal: aligned, the best of each column marked. */

import {
  bestOf,
  isBest,
  type Metric,
  type ScoredRow,
  type ScoreTable,
} from '../tasks/evaluate/score-table.ts';

/** Wider tables are broken into several, one below the other. */
const widest = 100;

/** A table; names to the left, numbers to the right, the best of each column starred. */
export function scoreTableText(table: ScoreTable): string {
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

/** How to read it. */
export function scoreTableLegend({ metrics, rows }: ScoreTable): string {
  const lower = metrics.filter(({ better }) => better === 'low').map(({ name }) => name);
  const parts = [
    ...(rows.length > 1 ? ['* best'] : []),
    lower.length === 0 ? 'higher is better' : `higher is better, but for ${lower.join(' and ')}`,
    ...(rows.some(({ runs }) => runs > 1) ? ['± standard deviation over seeds'] : []),
  ];
  return parts.join('; ');
}
