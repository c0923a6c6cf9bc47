/** @file Draws the points of a map into pixels, edges smoothed. */

import { channels } from '../palette.ts';
import { noPlace } from '../quantise.ts';
import type { Raster } from './png.ts';

/** What is drawn. */
export interface PointDrawing {
  readonly places: Uint16Array; // [cells, 2], see `quantise`
  /** Colour number of each cell. */
  readonly colorOf: Uint8Array; // [cells]
  readonly colors: readonly string[];
  /** Pixels along each side. */
  readonly size: number;
  /** In pixels. */
  readonly radius: number;
}

const opacity = 0.85;

/** Draws every cell that has a place, in a fixed scattered order, so that no group lies on top only by its rank in the file. */
export function drawPoints({ places, colorOf, colors, size, radius }: PointDrawing): Raster {
  const canvas = new Float64Array(4 * size * size); // red, green, blue times opacity, and opacity, 0 .. 1
  const margin = 2 * radius;
  const side = size - 2 * margin;
  const paints = colors.map(channels);
  for (const cell of scattered(places.length / 2)) {
    if (places[2 * cell] === noPlace) continue;
    const x = margin + (places[2 * cell] / (noPlace - 1)) * side;
    const y = margin + (1 - places[2 * cell + 1] / (noPlace - 1)) * side;
    stamp(canvas, size, x, y, radius, paints[colorOf[cell]]);
  }
  const pixels = new Uint8Array(4 * size * size);
  for (let i = 0; i < pixels.length; i += 4) {
    const alpha = canvas[i + 3];
    for (let c = 0; c < 3; c++) pixels[i + c] = alpha === 0 ? 0 : Math.round(canvas[i + c] / alpha);
    pixels[i + 3] = Math.round(255 * alpha);
  }
  return { width: size, height: size, pixels };
}

/** Lays one disc over what is there. */
function stamp(
  canvas: Float64Array,
  size: number,
  x: number,
  y: number,
  radius: number,
  paint: readonly number[],
): void {
  for (let row = Math.floor(y - radius - 1); row <= y + radius + 1; row++) {
    for (let column = Math.floor(x - radius - 1); column <= x + radius + 1; column++) {
      if (row < 0 || column < 0 || row >= size || column >= size) continue;
      const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
      const alpha = opacity * Math.max(0, Math.min(1, radius + 0.5 - distance));
      if (alpha === 0) continue;
      const place = 4 * (row * size + column);
      for (let c = 0; c < 3; c++) canvas[place + c] = alpha * paint[c] + (1 - alpha) * canvas[place + c];
      canvas[place + 3] = alpha + (1 - alpha) * canvas[place + 3];
    }
  }
}

/** 0 .. count - 1, each once, steps of about the golden section apart. */
export function* scattered(count: number): Generator<number> {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let stride = Math.max(1, Math.floor(0.618 * count));
  while (divisor(stride, count) !== 1) stride++;
  for (let i = 0, item = 0; i < count; i++, item = (item + stride) % count) yield item;
}
