/** @file A section that is a table, long ones folded. */

import { plural } from '../../support/words.ts';
import { html, type Markup, none } from '../markup.ts';
import { inUnit } from '../numbers.ts';
import { csvLink } from '../tables.ts';
import type { TableColumn, TableSection } from '../task-report.ts';
import { sectionMarkup } from './parts.ts';

/** Tables of no more rows are shown whole, of others the first `firstRows`. */
const mostRows = 40;
const firstRows = 25;

/** Names up to this length stay on one line; lists from that on have room for some words. */
const [shortText, longText] = [16, 32];

export function tableSection(section: TableSection): Markup {
  const { name, columns, rows } = section;
  const csv = csvLink(
    `${name}.csv`,
    columns.map(({ title }) => title),
    rows.map((row) => row.map((value) => (typeof value === 'number' && Number.isNaN(value) ? '' : value))),
  );
  if (rows.length === 0) return sectionMarkup(section, html`<p class="soft">There is nothing to list.</p>`);
  const largest = columns.map((_, i) => Math.max(0, ...rows.map((row) => Number(row[i]) || 0)));
  const table = (part: TableSection['rows']) =>
    html`<div class="table-scroll"><table class="listing">${headOf(columns)}<tbody>${part.map((row) => rowOf(row, columns, largest))}</tbody></table></div>`;
  if (rows.length <= mostRows) return sectionMarkup(section, table(rows), csv);
  const more = rows.slice(firstRows);
  return sectionMarkup(
    section,
    html`${table(rows.slice(0, firstRows))}<details><summary>${plural(more.length, 'more row')}</summary>${table(more)}</details>`,
    csv,
  );
}

function headOf(columns: readonly TableColumn[]): Markup {
  const heads = columns.map(
    ({ title, unit }) => html`<th scope="col"${unit === 'text' ? none : html` class="number"`}>${title}</th>`,
  );
  return html`<thead><tr>${heads}</tr></thead>`;
}

function rowOf(
  row: readonly (string | number)[],
  columns: readonly TableColumn[],
  largest: readonly number[],
): Markup {
  const cells = columns.map(({ unit, bar }, i) => {
    const value = row[i];
    const text = typeof value === 'string' || unit === 'text' ? String(value) : inUnit(value, unit);
    if (unit === 'text') {
      const size = html` class="${text.length <= shortText ? 'short' : text.length >= longText ? 'long' : ''}"`;
      return i === 0
        ? html`<th scope="row"${size}>${breakable(text)}</th>`
        : html`<td${size}>${breakable(text)}</td>`;
    }
    if (bar !== true || typeof value === 'string' || Number.isNaN(value))
      return html`<td class="number">${text}</td>`;
    const share = unit === 'count' || unit === 'number' ? value / (largest[i] || 1) : value;
    return html`<td class="number">${text}<span class="track"><i style="width:${(100 * Math.max(0, Math.min(1, share))).toFixed(1)}%"></i></span></td>`;
  });
  return html`<tr>${cells}</tr>
`;
}

/** Names of gene sets and files have no spaces to wrap at. */
function breakable(text: string): Markup {
  return html`${text.split(/(?<=_)/).map((part, i) => (i === 0 ? part : html`<wbr>${part}`))}`;
}
