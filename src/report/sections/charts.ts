/** @file Sections that are a chart, with its numbers as CSV. */

import { calibrationChart, curveLabels } from '../charts/calibration.ts';
import { inlineChart } from '../charts/chart.ts';
import { confusionChart, rowSum } from '../charts/confusion.ts';
import { canBeLogarithmic, curveCharts, curveNames } from '../charts/curves.ts';
import { dotPlotChart } from '../charts/dot-plot.ts';
import { networkChart } from '../charts/network.ts';
import { volcanoChart } from '../charts/volcano.ts';
import { html, type Markup } from '../markup.ts';
import { groupColors } from '../palette.ts';
import { csvLink } from '../tables.ts';
import type {
  CalibrationSection,
  ConfusionSection,
  CurvesSection,
  DotPlotSection,
  NetworkSection,
  VolcanoSection,
} from '../task-report.ts';
import { keyList, nothing, sectionMarkup } from './parts.ts';

export function confusionSection(section: ConfusionSection): Markup {
  const { name, rows, columns, counts, rowTitle, columnTitle } = section;
  const lines = rows.map((row, i) => [
    row,
    ...columns.map((_, column) => counts[i * columns.length + column]),
    rowSum(section, i),
  ]);
  const csv = csvLink(`${name}.csv`, [`${rowTitle} \\ ${columnTitle}`, ...columns, 'cells'], lines);
  if (rows.length === 0 || columns.length === 0) return sectionMarkup(section, nothing);
  const legend = html`<p class="note soft heat-scale">At the right the cells of each row. Colours: share of the row, <small>0 %</small><i></i><small>100 %</small></p>`;
  return sectionMarkup(section, html`${inlineChart(confusionChart(section))}${legend}`, csv);
}

/** Both scales are in the page; the one that is chosen shows, without a script. */
export function curvesSection(section: CurvesSection): Markup {
  const { name, panels, xTitle, scale = 'linear' } = section;
  const rows = panels.flatMap(({ title, curves }) =>
    curves.flatMap((curve) =>
      Array.from(curve.x, (x, i) => [title, curve.name, x, numberOrNone(curve.y[i])]),
    ),
  );
  const csv = csvLink(`${name}.csv`, ['panel', 'curve', xTitle, 'value'], rows);
  const { names, colors } = curveNames(section);
  const keys = keyList(names, colors);
  if (panels.length === 0) return sectionMarkup(section, nothing);
  const charts = (kind: 'linear' | 'log') =>
    html`<div class="panels ${kind}">${curveCharts(section, kind).map(inlineChart)}</div>`;
  if (!canBeLogarithmic(section)) return sectionMarkup(section, html`${keys}${charts('linear')}`, csv);
  const choice = (kind: 'linear' | 'log', title: string) =>
    html`<label><input type="radio" name="${name}-scale" value="${kind}"${kind === scale ? html` checked` : ''}>${title}</label>`;
  return sectionMarkup(
    section,
    html`<div class="scaled"><div class="toolbar"><fieldset class="choice"><legend>Scale</legend>${choice('linear', 'linear')}${choice('log', 'logarithmic')}</fieldset>${keys}</div>
${charts('linear')}${charts('log')}</div>`,
    csv,
  );
}

export function dotPlotSection(section: DotPlotSection): Markup {
  const { name, of, genes, groups, groupTitle, markerOf, share, mean } = section;
  const rows = groups.flatMap((group, i) =>
    genes.map((gene, j) => [
      group,
      gene,
      groups[markerOf[j]] ?? '',
      shortNumber(share[i * genes.length + j]),
      shortNumber(mean[i * genes.length + j]),
    ]),
  );
  const header = [groupTitle, of?.one ?? 'gene', 'marker_of', 'share_of_cells', 'scaled_mean'];
  if (rows.length === 0) return sectionMarkup(section, nothing);
  return sectionMarkup(section, inlineChart(dotPlotChart(section)), csvLink(`${name}.csv`, header, rows));
}

export function calibrationSection(section: CalibrationSection): Markup {
  const { name, curves } = section;
  const rows = curves.flatMap((curve) =>
    curve.bins.map(({ confidence, accuracy, cells }) => [curve.name, confidence, accuracy, cells]),
  );
  const csv = csvLink(`${name}.csv`, ['curve', 'confidence', 'accuracy', 'cells'], rows);
  if (curves.length === 0) return sectionMarkup(section, nothing);
  const keys = keyList(curveLabels(curves), groupColors(curves.length));
  return sectionMarkup(section, html`${inlineChart(calibrationChart(section))}${keys}`, csv);
}

export function volcanoSection(section: VolcanoSection): Markup {
  const { name, points, xTitle, yTitle } = section;
  if (points.length === 0) return sectionMarkup(section, nothing);
  const rows = points.map(({ name: gene, x, y, marked }) => [
    gene,
    shortNumber(x),
    shortNumber(y),
    marked ? 'yes' : 'no',
  ]);
  const csv = csvLink(`${name}.csv`, ['gene', xTitle, yTitle, 'significant'], rows);
  return sectionMarkup(section, inlineChart(volcanoChart(section)), csv);
}

export function networkSection(section: NetworkSection): Markup {
  const { name, nodes, edges, directed, edgeTitle } = section;
  if (nodes.length === 0) return sectionMarkup(section, nothing);
  const header = directed ? ['from', 'to', edgeTitle] : ['gene_1', 'gene_2', edgeTitle];
  const rows = edges.map(({ from, to, weight }) => [nodes[from].name, nodes[to].name, shortNumber(weight)]);
  return sectionMarkup(section, inlineChart(networkChart(section)), csvLink(`${name}.csv`, header, rows));
}

/** Nothing stands for no number. */
function numberOrNone(value: number | undefined): number | string {
  return value === undefined || Number.isNaN(value) ? '' : value;
}

/** Six digits: values may be of single precision. */
function shortNumber(value: number): number | string {
  return Number.isNaN(value) ? '' : Number(value.toPrecision(6));
}
