/** @file A volcano plot: genes by how much they change and how surely. */

import { html, type Markup } from '../markup.ts';
import { score } from '../numbers.ts';
import { groupColors } from '../palette.ts';
import type { VolcanoSection } from '../task-report.ts';
import { type Chart, round } from './chart.ts';
import { placeLabels } from './place-labels.ts';

const [width, height, left, top] = [420, 280, 46, 10];
/** Genes that are named in the chart. */
const named = 12;
/** Fold changes beyond this are drawn at the edge: they are of genes that are hardly expressed. */
const widest = 6;

/** Points on the plane; marked ones in colour, these, or the strongest where there are none, named as far as there is room. */
export function volcanoChart({ points, xTitle, yTitle, title }: VolcanoSection): Chart {
  const reach = Math.max(0.1, ...points.map(({ x }) => Math.min(widest, Math.abs(x))));
  const highest = Math.max(1e-3, ...points.map(({ y }) => y));
  const across = (x: number): number =>
    round(left + (width * (Math.max(-reach, Math.min(reach, x)) + reach)) / (2 * reach));
  const up = (y: number): number => round(top + height * (1 - y / highest));
  const [color] = groupColors(1);
  const bottom = top + height;
  const order = [...points].sort(
    (a, b) => Number(b.marked) - Number(a.marked) || b.y * Math.abs(b.x) - a.y * Math.abs(a.x),
  );
  const dot = ({ name, x, y, marked }: VolcanoSection['points'][number]): Markup => {
    const tip = `${name}: ${xTitle} ${score(x)}, ${yTitle} ${score(y)}`;
    return html`<circle cx="${across(x)}" cy="${up(y)}" r="${marked ? 3.2 : 2}" fill="${marked ? color : 'currentColor'}" fill-opacity="${marked ? 0.85 : 0.3}" data-tip="${tip}"/>`;
  };
  const candidates = order.some(({ marked }) => marked) ? order.filter(({ marked }) => marked) : order;
  const first = candidates
    .slice(0, named)
    .map(({ name, x, y }) => ({ name, x: across(x), y: up(y), radius: 3 }));
  const names = placeLabels(first, { width: left + width + 16, height: bottom, size: 11 }).map(
    ({ point, x, y, anchor }) =>
      html`<text class="small" text-anchor="${anchor}" x="${round(x)}" y="${round(y)}">${first[point].name}</text>`,
  );
  const body = html`<path class="axis" d="M${left} ${bottom}h${width}"/><path class="grid" d="M${across(0)} ${top}v${height}"/>
${[-reach, 0, reach].map((x) => html`<text class="soft small" text-anchor="middle" x="${across(x)}" y="${bottom + 16}">${score(x)}</text>`)}
${[0, highest].map((y) => html`<text class="soft small" text-anchor="end" x="${left - 6}" y="${round(up(y) + 3.5)}">${score(y)}</text>`)}
<text class="soft small" text-anchor="middle" x="${left + width / 2}" y="${bottom + 33}">${xTitle}</text>
<text class="soft small" text-anchor="middle" transform="translate(10 ${top + height / 2}) rotate(-90)">${yTitle}</text>
${order.toReversed().map(dot)}${names}`;
  return {
    width: left + width + 16,
    height: bottom + 38,
    label: `${title}: ${yTitle} by ${xTitle}, ${points.length} genes`,
    body,
  };
}
