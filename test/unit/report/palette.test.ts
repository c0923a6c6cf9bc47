/** @file The colours: told apart by eyes with and without colour-vision deficiency, and seen on both grounds. */

import { describe, expect, it } from 'vitest';
import { channels, columnColors, groupColors, numberColors } from '../../../src/report/palette.ts';

type Rgb = readonly [number, number, number];
type Transform = readonly [Rgb, Rgb, Rgb];

/** Full-strength simulations in linear RGB (Machado, Oliveira & Fernandes 2009). */
const sights: Record<string, Transform> = {
  full: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const linear = (channel: number) => {
  const value = channel / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
};
const times = (matrix: Transform, color: Rgb): Rgb =>
  matrix.map((row) =>
    Math.min(1, Math.max(0, row[0] * color[0] + row[1] * color[1] + row[2] * color[2])),
  ) as unknown as Rgb;

/** CIE L*a*b* of linear RGB, D65. */
function lab([red, green, blue]: Rgb): Rgb {
  const f = (value: number) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116);
  const x = f((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
  const y = f(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = f((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function seen(color: string, sight: string): Rgb {
  return lab(times(sights[sight], channels(color).map(linear) as unknown as Rgb));
}

const distance = (a: Rgb, b: Rgb) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe('groupColors', () => {
  it.each(['full', 'protanopia', 'deuteranopia'])('the first twelve are told apart by %s sight', (sight) => {
    const colors = groupColors(12).map((color) => seen(color, sight));
    let nearest = Number.POSITIVE_INFINITY;
    colors.forEach((a, i) => {
      for (const b of colors.slice(0, i)) nearest = Math.min(nearest, distance(a, b));
    });
    expect(nearest).toBeGreaterThan(15); // over six just noticeable differences
  });

  it('are seen on white and on the dark ground', () => {
    for (const color of groupColors(12)) {
      const [lightness] = seen(color, 'full');
      expect(lightness).toBeGreaterThan(30);
      expect(lightness).toBeLessThan(80);
    }
  });

  it('are 60 different ones, then repeat', () => {
    const colors = groupColors(61);
    expect(new Set(colors).size).toBe(60);
    expect(colors[60]).toBe(colors[0]);
  });
});

describe('columnColors', () => {
  it('are the same for a label and its prediction, whatever their order', () => {
    const [labels, predicted, batches] = columnColors([
      ['B', 'T', 'NK'],
      ['NK', 'unassigned', 'B', 'monocyte'],
      ['donor 1', 'donor 2'],
    ]);
    expect(predicted[0]).toBe(labels[2]);
    expect(predicted[2]).toBe(labels[0]);
    expect(new Set([...labels, ...predicted]).size).toBe(5);
    expect(batches).toEqual(groupColors(2));
  });

  it('are grey for what is unassigned, and take none from the others', () => {
    const [colors] = columnColors([['unassigned', 'B']]);
    const [red, green, blue] = channels(colors[0]);
    expect([green, blue]).toEqual([red, red]);
    expect(colors[1]).toBe(groupColors(1)[0]);
    expect(columnColors([['unassigned'], ['unassigned']]).flat()).toEqual([colors[0], colors[0]]);
  });
});

describe('numberColors', () => {
  it.each(['full', 'protanopia', 'deuteranopia', 'tritanopia'])('grow lighter for %s sight', (sight) => {
    const lightness = numberColors(32).map((color) => seen(color, sight)[0]);
    for (let i = 1; i < lightness.length; i++) expect(lightness[i]).toBeGreaterThan(lightness[i - 1]);
  });
});
