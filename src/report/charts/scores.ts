/** @file Methods beside each other as a figure: numbers and bars, best values bold, ours coloured. */

import { html, none } from '../markup.ts';
import { metricGroups, ranked } from '../ranking.ts';
import type { ScoresSection } from '../task-report.ts';
import { type Chart, fitted, round, widest } from './chart.ts';

const [columnWidth, step, longestName] = [86, 30, 240];

/** The table of scores. */
export function scoresChart(section: ScoresSection): Chart {
  const { metrics } = section;
  const rows = ranked(section);
  const names = rows.map(({ method }) => method.name);
  const left = widest(names, longestName) + 24;
  const grouped = metrics.some(({ group }) => group !== undefined);
  const top = grouped ? 50 : 28;
  const width = left + metrics.length * columnWidth;
  let start = 0;
  const groups = metricGroups(metrics).map(({ title, size }) => {
    const x = left + start * columnWidth;
    start += size;
    return title === ''
      ? none
      : html`<text class="soft small" x="${round(x)}" y="11">${fitted(title, size * columnWidth - 10, 10.5)}</text><path class="grid" d="M${round(x)} 17h${size * columnWidth - 14}"/>`;
  });
  const heads = metrics.map(
    ({ title }, i) =>
      html`<text class="soft" x="${round(left + i * columnWidth)}" y="${top - 12}">${fitted(title, columnWidth - 8)}</text>`,
  );
  const lines = rows.map(({ method, scores }, row) => {
    const y = top + row * step;
    const tone = method.ours ? 'ours' : '';
    return html`<path class="grid" d="M0 ${y}h${round(width)}"/><text class="${tone}" x="0" y="${y + 19}">${fitted(method.name, longestName)}</text>
${scores.map(({ text, best, length }, i) => {
  const x = round(left + i * columnWidth);
  const bar = html`<rect class="own" x="${x}" y="${y + 22}" width="${columnWidth - 18}" height="3" rx="1.5"/><rect class="bar ${tone}" x="${x}" y="${y + 22}" width="${round(length * (columnWidth - 18))}" height="3" rx="1.5"/>`;
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
