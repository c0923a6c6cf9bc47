/** @file Runs in the page: the legend of a map, keys that hide and show groups. Refers to nothing outside itself. */

import type { PageColumn } from './decode.ts';

/** A legend that is on the page. */
export interface Legend {
  /** Shows which colour numbers are hidden. */
  readonly mark: (hidden: ReadonlySet<number>) => void;
}

/** Fills the element with the keys of groups, or the scale of numbers; `toggle` is told what is pressed. */
export function fillLegend(
  legend: HTMLElement,
  column: PageColumn,
  toggle: (color: number, alone: boolean) => void,
): Legend {
  function made(tag: string, content: string, className = ''): HTMLElement {
    const element = document.createElement(tag);
    element.textContent = content;
    element.className = className;
    return element;
  }

  function keyOf(name: string, color: number, cells: number): HTMLElement {
    const key = made('button', '', 'key');
    const swatch = made('i', '');
    swatch.style.background = column.colors[color];
    key.append(swatch, made('span', name), made('small', cells.toLocaleString('en-US')));
    key.setAttribute('type', 'button');
    key.dataset.color = String(color);
    key.title = 'Press to hide or show; with Shift, or twice, to show alone';
    key.addEventListener('click', (event) => toggle(color, event.shiftKey));
    key.addEventListener('dblclick', () => toggle(color, true));
    return key;
  }

  function scaleOf(low: number, high: number): HTMLElement {
    const bar = made('span', '', 'bar');
    bar.style.background = `linear-gradient(to right, ${column.colors.slice(0, -1).join(', ')})`;
    const end = (value: number) => made('small', String(Number(value.toPrecision(3))));
    const scale = made('div', '', 'scale');
    scale.append(end(low), bar, end(high));
    scale.title = 'Colours span the 1st to the 99th percentile';
    return scale;
  }

  const { stored, colors, colorOf } = column;
  const sizes = new Array<number>(colors.length).fill(0);
  for (const color of colorOf) sizes[color]++;
  const missing = colors.length - 1;
  const parts: HTMLElement[] = [];
  if (stored.kind === 'numbers') parts.push(scaleOf(stored.low, stored.high));
  else if (stored.name !== '') {
    stored.groups.forEach((name, color) => {
      if (sizes[color] > 0) parts.push(keyOf(name, color, sizes[color]));
    });
  }
  if (stored.name !== '' && sizes[missing] > 0) parts.push(keyOf('no value', missing, sizes[missing]));
  legend.replaceChildren(...parts);
  return {
    mark: (hidden) => {
      for (const key of legend.querySelectorAll<HTMLElement>('.key')) {
        key.setAttribute('aria-pressed', String(!hidden.has(Number(key.dataset.color))));
      }
    },
  };
}
