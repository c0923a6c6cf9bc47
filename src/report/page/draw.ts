/** @file Runs in the page: draws the points of one map. Refers to nothing outside itself. */

/** What is drawn. */
export interface Drawing {
  readonly places: Uint16Array; // [cells, 2]
  /** Colour number of each cell. */
  readonly colorOf: Uint8Array; // [cells]
  readonly colors: readonly string[];
  /** Colour numbers that are not shown. */
  readonly hidden: ReadonlySet<number>;
}

/** Draws all shown cells and returns the size of the square that places fill, in CSS pixels, and its margin. */
export function drawPoints(canvas: HTMLCanvasElement, drawing: Drawing): { side: number; margin: number } {
  const { places, colorOf, colors, hidden } = drawing;
  const cellCount = places.length / 2;
  const ratio = window.devicePixelRatio || 1;
  const size = canvas.clientWidth;
  canvas.width = Math.round(size * ratio);
  canvas.height = Math.round(size * ratio);
  const context = canvas.getContext('2d')!;
  const radius = Math.max(0.7, Math.min(4, (size / 480) * 26 * cellCount ** -0.33)); // CSS pixels
  const margin = Math.max(8, 2 * radius);
  const side = size - 2 * margin;

  // one small picture of a point for each colour: faster to draw than a path for each cell
  const edge = Math.ceil(2 * radius * ratio) + 2;
  const stamps = colors.map((color, number) => {
    const stamp = document.createElement('canvas');
    stamp.width = edge;
    stamp.height = edge;
    const pen = stamp.getContext('2d')!;
    pen.globalAlpha = number === colors.length - 1 ? 0.45 : 0.85;
    pen.fillStyle = color;
    pen.beginPath();
    pen.arc(edge / 2, edge / 2, radius * ratio, 0, 2 * Math.PI);
    pen.fill();
    return stamp;
  });

  // cells in a fixed scattered order, so that no group lies on top only because it comes last in the file
  let stride = Math.max(1, Math.floor(cellCount * 0.618));
  const divides = (a: number, b: number): number => (b === 0 ? a : divides(b, a % b));
  while (divides(stride, cellCount) !== 1) stride++;
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (let i = 0, cell = 0; i < cellCount; i++, cell = (cell + stride) % cellCount) {
    const x = places[2 * cell];
    if (x === 65535 || hidden.has(colorOf[cell])) continue;
    const left = (margin + (x / 65534) * side) * ratio;
    const top = (margin + (1 - places[2 * cell + 1] / 65534) * side) * ratio;
    context.drawImage(stamps[colorOf[cell]], left - edge / 2, top - edge / 2);
  }
  return { side, margin };
}
