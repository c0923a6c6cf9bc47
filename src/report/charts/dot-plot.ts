/** @file Genes by groups: a dot's size is the share of cells that express the gene, its colour the mean expression. */

import { html, type Markup, none } from '../markup.ts';
import { percent } from '../numbers.ts';
import { numberColors } from '../palette.ts';
import type { DotPlotSection } from '../task-report.ts';
import { arranged, type Chart, fitted, round, widest } from './chart.ts';

/** From dot to dot. */
const [narrowStep, wideStep] = [14, 20];
const longestLabel = 150;
/** Genes stand across where they fit this width, else down. */
const fullWidth = 1040;
const colors = numberColors(64);
const lean = { angle: -60, rise: Math.sin(Math.PI / 3), run: Math.cos(Math.PI / 3) };

/** The dots and what their sizes and colours mean. */
export function dotPlotChart(section: DotPlotSection): Chart {
  const { genes, groups, groupTitle, of } = section;
  const room = Math.floor((fullWidth - widest(groups, longestLabel)) / Math.max(1, genes.length));
  const across = room >= narrowStep;
  const step = across ? Math.min(room, wideStep) : wideStep;
  const [rows, columns] = across ? [groups, genes] : [genes, groups];
  const rowTitle = across ? groupTitle : (of?.one ?? 'gene');
  const left = widest([...rows, rowTitle], longestLabel) + 10;
  const head = widest(columns, longestLabel);
  const top = 18 + lean.rise * head + 6;
  const dots = genes.map((_, gene) =>
    groups.map((__, group) => dot(section, group, gene, { left, top, step, across })),
  );
  const grid: Chart = {
    width: left + columns.length * step + Math.max(0, lean.run * head - step / 2),
    height: top + rows.length * step,
    label: `${genes.length} ${of?.one ?? 'gene'}s by ${groups.length} groups (${groupTitle})`,
    body: html`<text class="soft small" text-anchor="end" x="${round(left - 8)}" y="${round(top - 4)}">${rowTitle}</text>
${rows.map((name, row) => html`<text text-anchor="end" x="${round(left - 8)}" y="${round(top + (row + 0.5) * step + 4)}">${fitted(name, longestLabel)}</text>`)}
${columns.map((name, column) => html`<text transform="translate(${round(left + (column + 0.5) * step + 4)} ${round(top - 6)}) rotate(${lean.angle})">${fitted(name, longestLabel)}</text>`)}
<rect class="plate" x="${round(left)}" y="${round(top)}" width="${columns.length * step}" height="${rows.length * step}"/>
${dots}<rect class="frame" x="${round(left)}" y="${round(top)}" width="${columns.length * step}" height="${rows.length * step}"/>`,
  };
  return arranged([grid, legend(step, of)], 1, grid.label, 14);
}

/** A share is a dot's area. */
function radius(share: number, step: number): number {
  return round(0.42 * step * Math.sqrt(Math.max(0, Math.min(1, share))));
}

function color(mean: number): string {
  return colors[Math.max(0, Math.min(colors.length - 1, Math.floor(mean * colors.length)))];
}

interface Frame {
  readonly left: number;
  readonly top: number;
  readonly step: number;
  readonly across: boolean;
}

function dot(
  { genes, groups, markerOf, share, mean }: DotPlotSection,
  group: number,
  gene: number,
  { left, top, step, across }: Frame,
): Markup {
  const [row, column] = across ? [group, gene] : [gene, group];
  const [x, y] = [round(left + column * step), round(top + row * step)];
  const own =
    markerOf[gene] === group
      ? html`<rect class="own" x="${x}" y="${y}" width="${step}" height="${step}"/>`
      : none;
  const at = group * genes.length + gene;
  if (!(share[at] > 0) || Number.isNaN(mean[at])) return own;
  const tip = `${genes[gene]} in ${groups[group]}: in ${percent(share[at], 0)} of cells, scaled mean ${mean[at].toFixed(2)}`;
  return html`${own}<circle cx="${x + step / 2}" cy="${y + step / 2}" r="${radius(share[at], step)}" fill="${color(mean[at])}" data-tip="${tip}"/>
`;
}

function legend(step: number, of: DotPlotSection['of']): Chart {
  const sizes = [0.1, 0.25, 0.5, 1].map(
    (share, i) =>
      html`<circle class="bar" cx="${10 + 56 * i}" cy="28" r="${radius(share, step)}"/><text class="small soft" x="${22 + 56 * i}" y="32">${percent(share, 0)}</text>`,
  );
  const steps = colors.map(
    (color, i) => html`<rect x="${round(270 + 2 * i)}" y="22" width="2.2" height="11" fill="${color}"/>`,
  );
  return {
    width: 420,
    height: 44,
    label: '',
    body: html`<text class="small" x="0" y="11">${of?.share ?? 'Cells that express the gene'}</text>${sizes}
<text class="small" x="256" y="11">${of?.mean ?? 'Mean expression, by gene'}</text><text class="small soft" text-anchor="end" x="264" y="32">0</text>${steps}<text class="small soft" x="403" y="32">1</text>`,
  };
}
