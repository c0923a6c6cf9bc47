/** @file The report's own script: functions of `page/` as text, and the data they draw. */

import { base64 } from './base64.ts';
import type { ReportColumn } from './columns.ts';
import type { ReportMap } from './embed-report.ts';
import { html, Markup, scriptJson } from './markup.ts';
import { decode, type StoredColumn, type StoredData } from './page/decode.ts';
import { drawPoints } from './page/draw.ts';
import { startReport } from './page/start.ts';
import { groupColors, missingColor, numberColors } from './palette.ts';
import { quantise } from './quantise.ts';

/** What the maps of a page show. */
export interface PageContent {
  readonly cells: readonly string[];
  readonly maps: readonly ReportMap[];
  readonly columns: readonly ReportColumn[];
  readonly colorBy: string | null;
}

/** The data block and the script that draws it. */
export function pageScript({ cells, maps, columns, colorBy }: PageContent): Markup {
  const data: StoredData = {
    cells,
    maps: maps.map(({ layout }) => base64(quantise(layout))),
    columns: columns.map(storedColumn),
    colorBy: columns.findIndex(({ name }) => name === colorBy),
    missingColor,
  };
  const script = `(${startReport})({ decode: ${decode}, drawPoints: ${drawPoints} });`;
  return html`<script type="application/json" id="report-data">${scriptJson(data)}</script>
<script>${new Markup(script)}</script>`;
}

const numberSteps = 64;

/** A column as the data block holds it. */
export function storedColumn(column: ReportColumn): StoredColumn {
  const { name } = column;
  if (column.kind === 'groups') {
    const codes = Uint8Array.from(column.codes, (code) => (code < 0 ? 255 : code));
    const colors = groupColors(column.groups.length);
    return { kind: 'groups', name, groups: column.groups, colors, codes: base64(codes) };
  }
  const [low, high] = middleRange(column.values);
  return {
    kind: 'numbers',
    name,
    values: base64(column.values),
    low,
    high,
    colors: numberColors(numberSteps),
  };
}

/** The 1st and the 99th percentile, or the whole range where these are equal: a few extreme cells take no colours. */
export function middleRange(values: Float32Array): [low: number, high: number] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return [0, 1];
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
  const [low, high] = [at(0.01), at(0.99)];
  if (low < high) return [low, high];
  return sorted[0] < sorted[sorted.length - 1] ? [sorted[0], sorted[sorted.length - 1]] : [low, low + 1];
}
