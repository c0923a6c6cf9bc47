/** @file Runs in the page: connects maps, legend, pointer and downloads. Refers to nothing outside itself but its arguments. */

import type { decode, PageColumn, StoredData } from './decode.ts';
import type { drawPoints } from './draw.ts';

/** The other parts of the page's script. */
export interface PageParts {
  readonly decode: typeof decode;
  readonly drawPoints: typeof drawPoints;
}

/** Brings the page to life once it is parsed. */
export function startReport({ decode, drawPoints }: PageParts): void {
  const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
  const data = decode(JSON.parse(element('report-data').textContent!) as StoredData);
  const panels = [...document.querySelectorAll<HTMLElement>('.map-panel')].map((panel, i) => ({
    canvas: panel.querySelector('canvas')!,
    ring: panel.querySelector<HTMLElement>('.ring')!,
    places: data.maps[i],
    side: 1,
    margin: 0,
  }));
  const legend = element('legend');
  const select = element<HTMLSelectElement>('color-by');
  const showAll = element<HTMLButtonElement>('show-all');
  const tooltip = element('tooltip');
  const plain: PageColumn = {
    stored: { kind: 'groups', name: '', groups: [], colors: [], codes: '' },
    colors: [getComputedStyle(document.documentElement).getPropertyValue('--accent').trim(), ''],
    colorOf: new Uint8Array(data.cells.length),
    describe: () => '',
  };
  let column = data.columns[data.colorBy] ?? plain;
  let hidden = new Set<number>();

  function draw(): void {
    for (const panel of panels) {
      Object.assign(panel, drawPoints(panel.canvas, { ...column, places: panel.places, hidden }));
    }
    showAll.hidden = hidden.size === 0;
    for (const key of legend.querySelectorAll<HTMLElement>('.key')) {
      key.setAttribute('aria-pressed', String(!hidden.has(Number(key.dataset.color))));
    }
    leave();
  }

  function toggle(color: number, alone: boolean): void {
    const others = column.colors.map((_, i) => i).filter((i) => i !== color);
    if (alone) hidden = new Set(others);
    else if (!hidden.delete(color)) hidden.add(color);
    draw();
  }

  function text(tag: string, content: string, className = ''): HTMLElement {
    const made = document.createElement(tag);
    made.textContent = content;
    made.className = className;
    return made;
  }

  function showGroups(groups: readonly string[]): void {
    const sizes = new Array<number>(column.colors.length).fill(0);
    for (const color of column.colorOf) sizes[color]++;
    const names = [...groups, 'no value'];
    names.forEach((name, color) => {
      if (sizes[color] === 0) return;
      const key = text('button', '', 'key');
      const swatch = text('i', '');
      swatch.style.background = column.colors[color];
      key.append(swatch, text('span', name), text('small', sizes[color].toLocaleString('en-US')));
      key.dataset.color = String(color);
      key.title = 'Click to hide or show, double click to show alone';
      key.addEventListener('click', () => toggle(color, false));
      key.addEventListener('dblclick', () => toggle(color, true));
      legend.append(key);
    });
  }

  function showScale({ low, high }: { low: number; high: number }): void {
    const bar = text('span', '', 'bar');
    bar.style.background = `linear-gradient(to right, ${column.colors.slice(0, -1).join(', ')})`;
    const end = (value: number) => text('small', String(Number(value.toPrecision(3))));
    const scale = text('div', '', 'scale');
    scale.append(end(low), bar, end(high));
    scale.title = 'Colours span the 1st to the 99th percentile';
    legend.append(scale);
  }

  function chooseColumn(index: number): void {
    column = data.columns[index] ?? plain;
    hidden = new Set();
    legend.replaceChildren();
    if (column.stored.kind === 'numbers') showScale(column.stored);
    else if (column !== plain) showGroups(column.stored.groups);
    draw();
  }

  /** The shown cell nearest to a place of a panel, -1 when none is within 12 pixels. */
  function cellAt(panel: (typeof panels)[number], x: number, y: number): number {
    const { places, side, margin } = panel;
    let best = -1;
    let nearest = 144;
    for (let cell = 0; cell < data.cells.length; cell++) {
      if (places[2 * cell] === 65535 || hidden.has(column.colorOf[cell])) continue;
      const dx = margin + (places[2 * cell] / 65534) * side - x;
      const dy = margin + (1 - places[2 * cell + 1] / 65534) * side - y;
      if (dx * dx + dy * dy >= nearest) continue;
      nearest = dx * dx + dy * dy;
      best = cell;
    }
    return best;
  }

  function point(panel: (typeof panels)[number], event: PointerEvent): void {
    const box = panel.canvas.getBoundingClientRect();
    const cell = cellAt(panel, event.clientX - box.left, event.clientY - box.top);
    if (cell < 0) {
      leave();
      return;
    }
    for (const { ring, places, side, margin } of panels) {
      ring.hidden = places[2 * cell] === 65535;
      ring.style.left = `${margin + (places[2 * cell] / 65534) * side}px`;
      ring.style.top = `${margin + (1 - places[2 * cell + 1] / 65534) * side}px`;
    }
    const value = column.stored.name === '' ? '' : `${column.stored.name}: ${column.describe(cell)}`;
    tooltip.replaceChildren(text('b', data.cells[cell]), text('span', value));
    tooltip.hidden = false;
    const beside = Math.min(
      event.clientX + 14,
      document.documentElement.clientWidth - tooltip.offsetWidth - 8,
    );
    tooltip.style.left = `${Math.max(8, beside)}px`;
    tooltip.style.top = `${event.clientY + 18}px`;
  }

  function leave(): void {
    tooltip.hidden = true;
    for (const { ring } of panels) ring.hidden = true;
  }

  /** All that is drawn, one line a cell. */
  function cellTable(): string {
    const quote = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
    const titles = [...document.querySelectorAll('.map-panel h3')].map((title) => title.textContent);
    const header = ['cell', ...titles.flatMap((title) => [`${title} x`, `${title} y`])];
    header.push(...data.columns.map(({ stored }) => stored.name));
    const lines = data.cells.map((cell, i) => {
      const line = [cell];
      for (const places of data.maps) {
        const placed = places[2 * i] !== 65535;
        line.push(placed ? (places[2 * i] / 65534).toFixed(5) : '');
        line.push(placed ? (places[2 * i + 1] / 65534).toFixed(5) : '');
      }
      line.push(...data.columns.map((each) => each.describe(i)));
      return line.map(quote).join(',');
    });
    return [header.map(quote).join(','), ...lines, ''].join('\n');
  }

  element('cells-csv').addEventListener('click', () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([cellTable()], { type: 'text/csv' }));
    link.download = 'cells.csv';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
  for (const panel of panels) {
    panel.canvas.addEventListener('pointermove', (event) => point(panel, event));
    panel.canvas.addEventListener('pointerdown', (event) => point(panel, event));
    panel.canvas.addEventListener('pointerleave', leave);
  }
  select.addEventListener('change', () => chooseColumn(Number(select.value)));
  showAll.addEventListener('click', () => {
    hidden = new Set();
    draw();
  });
  window.addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
  new ResizeObserver(draw).observe(panels[0].canvas);
  chooseColumn(data.colorBy);
}
