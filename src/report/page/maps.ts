/** @file Runs in the page: a section of maps, whose rows point at cells together. Refers to nothing outside itself but its arguments. */

import type { cellTable, save } from './cell-table.ts';
import type { decode, StoredData } from './decode.ts';
import type { RowParts, startMapRow } from './map-row.ts';
import type { Tooltip } from './tooltip.ts';

/** What a section is made with. */
export interface MapsParts extends RowParts {
  readonly decode: typeof decode;
  readonly startMapRow: typeof startMapRow;
  readonly cellTable: typeof cellTable;
  readonly save: typeof save;
  readonly tooltip: Tooltip;
}

/** Brings a section of maps to life. */
export function startMaps(section: HTMLElement, parts: MapsParts): void {
  const { decode, startMapRow, cellTable, save, tooltip } = parts;
  const data = decode(JSON.parse(section.querySelector('.maps-data')!.textContent!) as StoredData);
  const rows = [...section.querySelectorAll<HTMLElement>('.map-row')].map((row) =>
    startMapRow(row, data, parts),
  );

  /** Names the cell, and its values in the columns that are shown. */
  function point(row: (typeof rows)[number], event: PointerEvent): void {
    const canvas = event.currentTarget as HTMLCanvasElement;
    const box = canvas.getBoundingClientRect();
    const cell = row.cellAt(canvas, event.clientX - box.left, event.clientY - box.top);
    for (const each of rows) each.ring(cell);
    if (cell < 0) {
      tooltip.hide();
      return;
    }
    const columns = new Set([row, ...rows].map(({ column }) => column()));
    const values = [...columns].flatMap((column) =>
      column === null ? [] : [`${column.stored.name}: ${column.describe(cell)}`],
    );
    tooltip.show([data.cells[cell], ...values], event);
  }

  function leave(): void {
    for (const row of rows) row.ring(-1);
    tooltip.hide();
  }

  for (const row of rows) {
    for (const canvas of row.canvases) {
      canvas.addEventListener('pointermove', (event) => point(row, event));
      canvas.addEventListener('pointerdown', (event) => point(row, event));
      canvas.addEventListener('pointerleave', leave);
    }
  }
  section.querySelector('.cells-csv')!.addEventListener('click', () => {
    const titles = JSON.parse(section.dataset.maps!) as string[];
    save(cellTable(data, titles), `${section.id}.csv`);
  });
}
