/** @file Runs in the page: all that maps show, as a table to save. Refers to nothing outside itself. */

import type { PageData } from './decode.ts';

/** One line a cell (RFC 4180): its name, its places on every map, its value in every column. */
export function cellTable(data: PageData, mapTitles: readonly string[]): string {
  const quote = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const header = ['cell', ...mapTitles.flatMap((title) => [`${title} x`, `${title} y`])];
  header.push(...data.columns.map(({ stored }) => stored.name));
  const lines = data.cells.map((cell, i) => {
    const line = [cell];
    for (const places of data.maps) {
      const placed = places[2 * i] !== 65535;
      line.push(placed ? (places[2 * i] / 65534).toFixed(5) : '');
      line.push(placed ? (places[2 * i + 1] / 65534).toFixed(5) : '');
    }
    line.push(...data.columns.map((column) => column.describe(i)));
    return line.map(quote).join(',');
  });
  return [header.map(quote).join(','), ...lines, ''].join('\n');
}

/** Saves a text as a file, from memory. */
export function save(text: string, file: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
