/** @file Methods beside each other as a figure: numbers and bars, best values bold, ours coloured. */

import { html, none } from '../markup.ts';
import { metricGroups, ranked } from '../ranking.ts';
import type { ScoresSection } from '../task-report.ts';
import { type Chart, fitted, round, textWidth, widest } from './chart.ts';

const [leastWidth, mostWidth, barWidth, step, longestName] = [86, 160, 68, 30, 300];

/** The table of scores. */
export function scoresChart(section: ScoresSection): Chart {
  const { metrics } = section;
  const rows = ranked(section);
  const names = rows.map(({ method }) => method.name);
  const left = widest(names, longestName) + 24;
  const grouped = metrics.some(({ group }) => group !== undefined);
  const top = grouped ? 50 : 28;
  const widths = columnWidths(metrics);
  const width = left + sum(widths);
  const starts = widths.map((_, i) => round(left + sum(widths.slice(0, i))));
  let first = 0;
  const groups = metricGroups(metrics).map(({ title, size }) => {
    const x = starts[first];
    const wide = sum(widths.slice(first, first + size));
    first += size;
    return title === ''
      ? none
      : html`<text class="soft small" x="${x}" y="11">${fitted(title, wide - 10, 10.5)}</text><path class="grid" d="M${x} 17h${round(wide - 14)}"/>`;
  });
  const heads = metrics.map(
    ({ title }, i) =>
      html`<text class="soft" x="${starts[i]}" y="${top - 12}">${fitted(title, widths[i] - 8)}</text>`,
  );
  const lines = rows.map(({ method, scores }, row) => {
    const y = top + row * step;
    const tone = method.ours ? 'ours' : '';
    return html`<path class="grid" d="M0 ${y}h${round(width)}"/><text class="${tone}" x="0" y="${y + 19}">${fitted(method.name, longestName)}</text>
${scores.map(({ text, best, length }, i) => {
  const x = starts[i];
  const bar = html`<rect class="own" x="${x}" y="${y + 22}" width="${barWidth}" height="3" rx="1.5"/><rect class="bar ${tone}" x="${x}" y="${y + 22}" width="${round(length * barWidth)}" height="3" rx="1.5"/>`;
  return html`<text class="${best ? 'strong' : ''}" x="${x}" y="${y + 16}">${text}</text>${text === '–' ? none : bar}`;
})}`;
  });
  return {
    width,
    height: top + rows.length * step,
    label: `${section.title}: ${rows.length} methods by ${metrics.length} scores`,
    body: html`${groups}${heads}${lines}`,
  };
}

/** Wide enough for the titles of scores and of their groups. */
function columnWidths(metrics: ScoresSection['metrics']): number[] {
  const widths = metrics.map(({ title }) => Math.min(mostWidth, Math.max(leastWidth, textWidth(title) + 16)));
  let last = -1;
  for (const { title, size } of metricGroups(metrics)) {
    last += size;
    const lacking = textWidth(title, 10.5) + 14 - sum(widths.slice(last - size + 1, last + 1));
    if (lacking > 0) widths[last] += lacking;
  }
  return widths;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
