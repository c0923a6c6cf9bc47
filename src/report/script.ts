/** @file The report's own script: functions of `page/` as text, and the data that maps draw. */

import { UsageError } from '../support/errors.ts';
import { base64 } from './base64.ts';
import type { ReportColumn } from './columns.ts';
import { html, Markup, scriptJson } from './markup.ts';
import { cellTable, save } from './page/cell-table.ts';
import { decode, type StoredColumn, type StoredData } from './page/decode.ts';
import { fillLegend } from './page/legend.ts';
import { startMapRow } from './page/map-row.ts';
import { startMaps } from './page/maps.ts';
import { drawPoints, pointRadius } from './page/points.ts';
import { startReport } from './page/start.ts';
import { startTooltip } from './page/tooltip.ts';
import { columnColors, missingColor, numberColors, plainColor } from './palette.ts';
import { quantise } from './quantise.ts';
import type { MapsSection } from './task-report.ts';

const parts = {
  decode,
  drawPoints,
  pointRadius,
  fillLegend,
  startMapRow,
  startMaps,
  startTooltip,
  cellTable,
  save,
};

/** The script of every page. */
export function pageScript(): Markup {
  const functions = Object.entries(parts).map(([name, part]) => `${name}: ${part}`);
  return html`<script>${new Markup(`(${startReport})({ ${functions.join(',\n')} });`)}</script>`;
}

/** What the maps of a section draw, as a block of data; about 16 bytes a cell plus the cells' names. */
export function mapsData({ cells, maps, columns }: MapsSection): Markup {
  const data: StoredData = {
    cells,
    maps: maps.map(({ layout }) => base64(quantise(layout))),
    columns: storedColumns(columns),
    missingColor,
    plainColor,
  };
  return html`<script type="application/json" class="maps-data">${scriptJson(data)}</script>`;
}

const numberSteps = 64;

/** The column's codes are bytes, one of which stands for none. */
const mostGroups = 255;

/**
 * Columns as the data block holds them.
 *
 * @throws UsageError when a column has more than 255 groups
 */
export function storedColumns(columns: readonly ReportColumn[]): StoredColumn[] {
  const colors = columnColors(columns.map((column) => (column.kind === 'groups' ? column.groups : [])));
  return columns.map((column, i) => storedColumn(column, colors[i]));
}

function storedColumn(column: ReportColumn, colors: readonly string[]): StoredColumn {
  const { name } = column;
  if (column.kind === 'groups') {
    if (column.groups.length > mostGroups) {
      throw new UsageError({
        what: `${column.groups.length} groups cannot be told apart on a map`,
        where: `column ${name}`,
        expected: `at most ${mostGroups}`,
        reason: 'too_many_groups',
      });
    }
    const codes = Uint8Array.from(column.codes, (code) => (code < 0 ? 255 : code));
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
