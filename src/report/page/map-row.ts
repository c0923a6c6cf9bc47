/** @file Runs in the page: a row of maps in one colour scheme. Refers to nothing outside itself but its arguments. */

import type { PageColumn, PageData } from './decode.ts';
import type { fillLegend, Legend } from './legend.ts';
import type { drawPoints, pointRadius } from './points.ts';

/** What a row is made with. */
export interface RowParts {
  readonly drawPoints: typeof drawPoints;
  readonly pointRadius: typeof pointRadius;
  readonly fillLegend: typeof fillLegend;
}

/** A row that is on the page. */
export interface MapRow {
  /** The column that its cells are coloured by; null for one colour. */
  readonly column: () => PageColumn | null;
  readonly canvases: readonly HTMLCanvasElement[];
  /** The shown cell nearest to a place of a canvas, -1 when none is within 12 pixels. */
  readonly cellAt: (canvas: HTMLCanvasElement, x: number, y: number) => number;
  /** Puts a ring around a cell in every map, -1 for none. */
  readonly ring: (cell: number) => void;
}

/** Draws the maps of a row and connects its legend, its choice of column and its button. */
export function startMapRow(
  row: HTMLElement,
  data: PageData,
  { drawPoints, pointRadius, fillLegend }: RowParts,
): MapRow {
  const select = row.querySelector('select')!;
  const showAll = row.querySelector<HTMLButtonElement>('.show-all')!;
  const panels = [...row.querySelectorAll<HTMLElement>('.map-panel')].map((panel, i) => ({
    canvas: panel.querySelector('canvas')!,
    ring: panel.querySelector<HTMLElement>('.ring')!,
    places: data.maps[i],
    size: 0,
    margin: 0,
  }));
  const cellCount = data.cells.length;
  let column: PageColumn = data.plain;
  let hidden = new Set<number>();
  let legend: Legend;

  function draw(): void {
    for (const panel of panels) {
      const { canvas, places } = panel;
      panel.size = canvas.clientWidth;
      if (panel.size === 0) continue;
      const ratio = Math.min(window.devicePixelRatio || 1, 3);
      const size = Math.round(panel.size * ratio);
      const radius = pointRadius(cellCount, panel.size);
      panel.margin = Math.max(8, 2 * radius);
      canvas.width = size;
      canvas.height = size;
      const pixels = drawPoints({
        ...{ places, colorOf: column.colorOf, colors: column.colors, hidden, size },
        ...{ radius: radius * ratio, margin: panel.margin * ratio },
      });
      const image = new ImageData(size, size);
      image.data.set(pixels);
      canvas.getContext('2d')!.putImageData(image, 0, 0);
    }
    showAll.hidden = hidden.size === 0;
    legend.mark(hidden);
    ring(-1);
  }

  function toggle(color: number, alone: boolean): void {
    if (alone) hidden = new Set(column.colors.map((_, i) => i).filter((i) => i !== color));
    else if (!hidden.delete(color)) hidden.add(color);
    draw();
  }

  function choose(index: number): void {
    column = data.columns[index] ?? data.plain;
    hidden = new Set();
    legend = fillLegend(row.querySelector<HTMLElement>('.legend')!, column, toggle);
    draw();
  }

  /** A cell's place on a panel, in CSS pixels. */
  function placeOf({ places, size, margin }: (typeof panels)[number], cell: number): [x: number, y: number] {
    const side = size - 2 * margin;
    return [margin + (places[2 * cell] / 65534) * side, margin + (1 - places[2 * cell + 1] / 65534) * side];
  }

  function cellAt(canvas: HTMLCanvasElement, x: number, y: number): number {
    const panel = panels.find((candidate) => candidate.canvas === canvas)!;
    let best = -1;
    let nearest = 144;
    for (let cell = 0; cell < cellCount; cell++) {
      if (panel.places[2 * cell] === 65535 || hidden.has(column.colorOf[cell])) continue;
      const [left, top] = placeOf(panel, cell);
      const distance = (left - x) ** 2 + (top - y) ** 2;
      if (distance >= nearest) continue;
      nearest = distance;
      best = cell;
    }
    return best;
  }

  function ring(cell: number): void {
    for (const panel of panels) {
      panel.ring.hidden = cell < 0 || panel.places[2 * cell] === 65535;
      if (panel.ring.hidden) continue;
      const [left, top] = placeOf(panel, cell);
      panel.ring.style.left = `${left}px`;
      panel.ring.style.top = `${top}px`;
    }
  }

  select.addEventListener('change', () => choose(Number(select.value)));
  showAll.addEventListener('click', () => {
    hidden = new Set();
    draw();
  });
  new ResizeObserver(() => {
    if (panels[0].canvas.clientWidth !== panels[0].size) draw();
  }).observe(panels[0].canvas);
  choose(Number(select.value));
  return {
    column: () => (column === data.plain ? null : column),
    canvases: panels.map(({ canvas }) => canvas),
    cellAt,
    ring,
  };
}
