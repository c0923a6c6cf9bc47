/** @file Runs in the page: brings it to life once it is parsed. Refers to nothing outside itself but its arguments. */

import type { MapsParts, startMaps } from './maps.ts';
import type { startTooltip } from './tooltip.ts';

/** The other parts of the page's script. */
export interface PageParts extends Omit<MapsParts, 'tooltip'> {
  readonly startMaps: typeof startMaps;
  readonly startTooltip: typeof startTooltip;
}

/** Starts the maps and the notes beside the pointer; on paper nothing stays folded. */
export function startReport({ startMaps, startTooltip, ...parts }: PageParts): void {
  const tooltip = startTooltip(document.getElementById('tooltip')!);
  for (const section of document.querySelectorAll<HTMLElement>('.maps-section')) {
    startMaps(section, { ...parts, tooltip });
  }
  let opened: HTMLDetailsElement[] = [];
  window.addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details')].filter(({ open }) => !open);
    for (const details of opened) details.open = true;
  });
  window.addEventListener('afterprint', () => {
    for (const details of opened) details.open = false;
  });
}
