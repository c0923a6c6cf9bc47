/** @file Small tables, and the same numbers in full as CSV to download. */

import { html, type Markup } from './markup.ts';
import type { Fact } from './task-report.ts';

/** A link that holds a table as CSV (RFC 4180): nothing is fetched when it is followed. */
export function csvLink(
  file: string,
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): Markup {
  const lines = [header, ...rows].map((row) => row.map((value) => quoted(String(value))).join(','));
  const address = `data:text/csv;charset=utf-8,${encodeURIComponent(`${lines.join('\r\n')}\r\n`)}`;
  return html`<a class="button" download="${file}" href="${address}">CSV</a>`;
}

/** Lone surrogates, which have no UTF-8, become U+FFFD. */
function quoted(text: string): string {
  const value = text.replace(/\p{Surrogate}/gu, '\ufffd');
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** A heading with the tables' downloads beside it. */
export function heading(title: string, ...downloads: readonly Markup[]): Markup {
  return html`<div class="heading"><h2>${title}</h2><span>${downloads}</span></div>`;
}

/** Named values in two columns under a heading. */
export function factTable(title: string, facts: readonly Fact[]): Markup {
  const rows = facts.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`);
  return html`<div><h3>${title}</h3><table class="facts"><tbody>${rows}</tbody></table></div>`;
}
