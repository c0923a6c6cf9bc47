/** @file Draws the points of a map into pixels, edges smoothed: the same in the page and in figures. Refers to nothing outside itself. */

/** What is drawn. */
export interface PointDrawing {
  /** Places of the cells, 0 .. 65534 along each axis, y upward, 65535 for none. */
  readonly places: Uint16Array; // [cells, 2]
  /** Colour number of each cell. */
  readonly colorOf: Uint8Array; // [cells]
  /** `#rrggbb`; the last is that of cells without a value, which are drawn faint and below the others. */
  readonly colors: readonly string[];
  /** Colour numbers that are not shown. */
  readonly hidden: ReadonlySet<number>;
  /** Pixels along each side. */
  readonly size: number;
  /** Of a point, in pixels. */
  readonly radius: number;
  /** Pixels around the square that places fill. */
  readonly margin: number;
}

/**
 * Draws every shown cell in a fixed scattered order, so that no group lies on top only by its rank in the file.
 *
 * @returns red, green, blue and opacity of each pixel, rows from the top, `[size, size, 4]`
 */
export function drawPoints({
  places,
  colorOf,
  colors,
  hidden,
  size,
  radius,
  margin,
}: PointDrawing): Uint8ClampedArray {
  const canvas = new Float32Array(4 * size * size); // red, green, blue times opacity, and opacity, 0 .. 1
  const paints = colors.map((color) => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)));
  const missing = colors.length - 1;
  const side = size - 2 * margin;

  function stamp(x: number, y: number, paint: readonly number[], opacity: number): void {
    const [top, bottom] = [
      Math.max(0, Math.floor(y - radius - 1)),
      Math.min(size - 1, Math.ceil(y + radius)),
    ];
    const [left, right] = [
      Math.max(0, Math.floor(x - radius - 1)),
      Math.min(size - 1, Math.ceil(x + radius)),
    ];
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const distance = Math.sqrt((column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2);
        const alpha = opacity * Math.max(0, Math.min(1, radius + 0.5 - distance));
        if (alpha === 0) continue;
        const place = 4 * (row * size + column);
        const left = 1 - alpha;
        canvas[place] = alpha * paint[0] + left * canvas[place];
        canvas[place + 1] = alpha * paint[1] + left * canvas[place + 1];
        canvas[place + 2] = alpha * paint[2] + left * canvas[place + 2];
        canvas[place + 3] = alpha + left * canvas[place + 3];
      }
    }
  }

  const cellCount = places.length / 2;
  let stride = Math.max(1, Math.floor(cellCount * 0.618));
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  while (divisor(stride, cellCount) !== 1) stride++;
  for (const below of [true, false]) {
    for (let i = 0, cell = 0; i < cellCount; i++, cell = (cell + stride) % cellCount) {
      const color = colorOf[cell];
      if ((color === missing) !== below || places[2 * cell] === 65535 || hidden.has(color)) continue;
      const x = margin + (places[2 * cell] / 65534) * side;
      const y = margin + (1 - places[2 * cell + 1] / 65534) * side;
      stamp(x, y, paints[color], below ? 0.45 : 0.85);
    }
  }

  const pixels = new Uint8ClampedArray(4 * size * size);
  for (let place = 0; place < pixels.length; place += 4) {
    const alpha = canvas[place + 3];
    if (alpha === 0) continue;
    for (let channel = 0; channel < 3; channel++) pixels[place + channel] = canvas[place + channel] / alpha;
    pixels[place + 3] = 255 * alpha;
  }
  return pixels;
}

/** Radius of a point, in the unit of `size`: smaller the more cells there are, from 0.7 to 4 on a map of 480. */
export function pointRadius(cellCount: number, size: number): number {
  return (size / 480) * Math.max(0.7, Math.min(4, 26 * Math.max(1, cellCount) ** -0.33));
}
