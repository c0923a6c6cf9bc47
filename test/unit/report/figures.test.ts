/** @file Figures: PNG files that a decoder reads back, points where they belong, SVG that is whole and escaped. */

import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { standaloneSvg } from '../../../src/report/charts/chart.ts';
import { encodePng } from '../../../src/report/figures/png.ts';
import { renderFigures } from '../../../src/report/figures/render.ts';
import { scatterChart } from '../../../src/report/figures/scatter.ts';
import { drawPoints, pointRadius } from '../../../src/report/page/points.ts';
import { hostile, sampleMaps, sampleReport } from './sample-report.ts';

/** Reads back what {@link encodePng} writes, by the standard: chunks in order, lines without filter. */
function decodePng(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  expect([...file.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  const chunks = new Map<string, Uint8Array>();
  for (let place = 8; place < file.length; ) {
    const length = view.getUint32(place);
    chunks.set(
      String.fromCharCode(...file.subarray(place + 4, place + 8)),
      file.subarray(place + 8, place + 8 + length),
    );
    place += 12 + length;
  }
  const header = chunks.get('IHDR')!;
  const width = new DataView(header.buffer, header.byteOffset).getUint32(0);
  const height = new DataView(header.buffer, header.byteOffset).getUint32(4);
  const lines = inflateSync(chunks.get('IDAT')!);
  const pixels = new Uint8Array(4 * width * height);
  for (let y = 0; y < height; y++) {
    expect(lines[y * (4 * width + 1)]).toBe(0);
    pixels.set(lines.subarray(y * (4 * width + 1) + 1, (y + 1) * (4 * width + 1)), 4 * width * y);
  }
  return { width, height, pixels };
}

describe('encodePng', () => {
  it('is read back as it was', () => {
    const size = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(size, size, fc.infiniteStream(fc.integer({ min: 0, max: 255 })), (width, height, bytes) => {
        const pixels = Uint8Array.from({ length: 4 * width * height }, () => bytes.next().value);
        expect(decodePng(encodePng({ width, height, pixels }))).toEqual({ width, height, pixels });
      }),
    );
  });

  it('writes the known file of one red pixel but for its compressed part', () => {
    const file = encodePng({ width: 1, height: 1, pixels: Uint8Array.of(255, 0, 0, 255) });
    expect(Buffer.from(file.subarray(8, 33)).toString('hex')).toBe(
      '0000000d4948445200000001000000010806000000' + '1f15c489',
    );
    expect(Buffer.from(file.subarray(-12)).toString('hex')).toBe('0000000049454e44ae426082');
  });

  it('refuses pixels that do not fill the image', () => {
    expect(() => encodePng({ width: 2, height: 1, pixels: new Uint8Array(4) })).toThrow('4 bytes for 2 x 1');
    expect(() => encodePng({ width: 0, height: 1, pixels: new Uint8Array(0) })).toThrow('at least one pixel');
  });
});

describe('drawPoints', () => {
  const draw = (places: number[], colorOf = places.map(() => 0), hidden: number[] = []) =>
    drawPoints({
      places: Uint16Array.from(places),
      colorOf: Uint8Array.from(colorOf),
      colors: ['#ff0000', '#0000ff', '#9a9a9a'],
      hidden: new Set(hidden),
      size: 100,
      radius: 4,
      margin: 8,
    });
  const at = (pixels: Uint8ClampedArray, x: number, y: number) => [
    ...pixels.subarray(4 * (100 * y + x), 4 * (100 * y + x) + 4),
  ];

  it('puts y upward and leaves cells without a place out', () => {
    const pixels = draw([0, 65534, 65535, 65535]);
    expect(at(pixels, 8, 8)).toEqual([255, 0, 0, Math.round(255 * 0.85)]);
    expect(at(pixels, 92, 92)).toEqual([0, 0, 0, 0]);
    expect(at(pixels, 50, 50)).toEqual([0, 0, 0, 0]);
  });

  it('draws about the area of a disc', () => {
    const pixels = draw([32767, 32767]);
    let area = 0;
    for (let i = 3; i < pixels.length; i += 4) area += pixels[i] / (255 * 0.85);
    expect(area).toBeGreaterThan(0.98 * Math.PI * 16);
    expect(area).toBeLessThan(1.04 * Math.PI * 16);
  });

  it('draws cells without a value faint and below the others, whatever their order', () => {
    const middle = [32767, 32767];
    for (const colorOf of [
      [2, 0],
      [0, 2],
    ]) {
      const [red, , blue] = at(draw([...middle, ...middle], colorOf), 50, 50);
      expect(red).toBeGreaterThan(230);
      expect(blue).toBeLessThan(40);
    }
    expect(at(draw(middle, [2]), 50, 50)[3]).toBe(Math.round(255 * 0.45));
  });

  it('leaves hidden colours out', () => {
    const places = [0, 0, 65534, 65534];
    const pixels = draw(places, [0, 1], [1]);
    expect(at(pixels, 8, 92)[3]).toBeGreaterThan(0);
    expect(at(pixels, 92, 8)[3]).toBe(0);
  });

  it.each([0, 1, 2, 3, 618, 1000])('draws each of %s cells', (count) => {
    const side = Math.ceil(Math.sqrt(count)) || 1;
    const places = Uint16Array.from({ length: 2 * count }, (_, i) => {
      const cell = Math.floor(i / 2);
      return Math.round(((i % 2 === 0 ? cell % side : Math.floor(cell / side)) / side) * 65534);
    });
    const size = 4 * side + 8;
    const pixels = drawPoints({
      ...{ places, colorOf: new Uint8Array(count), colors: ['#ff0000', '#9a9a9a'], hidden: new Set() },
      ...{ size, radius: 0.5, margin: 4 },
    });
    let ink = 0;
    for (let i = 3; i < pixels.length; i += 4) ink += pixels[i] / 255;
    if (count > 0) expect(ink / count).toBeGreaterThan(0.5);
    else expect(ink).toBe(0);
  });

  it('draws smaller points the more there are', () => {
    expect(pointRadius(100, 480)).toBe(4);
    expect(pointRadius(1_000_000, 480)).toBe(0.7);
    expect(pointRadius(5000, 960)).toBeCloseTo(2 * pointRadius(5000, 480));
  });
});

describe('a map as a figure', () => {
  const { maps, columns } = sampleMaps;
  const svgOf = (colorBy: string | null, shown = maps) =>
    standaloneSvg(scatterChart({ maps: shown, columns, colorBy }));

  it('holds an image for each map and a key for each group', () => {
    const svg = svgOf('type');
    expect(svg.match(/<image /g)).toHaveLength(2);
    for (const name of ['alpha', 'beta', 'gamma', 'no value', 'scGPT', 'HVG + PCA'])
      expect(svg).toContain(`>${name}`);
    const [, image] = /base64,([^"]+)"/.exec(svg)!;
    expect(decodePng(Uint8Array.from(Buffer.from(image, 'base64')))).toMatchObject({
      width: 760,
      height: 760,
    });
    expect(svgOf('type')).toBe(svg);
  });

  it('draws a scale for numbers, and one colour for none', () => {
    expect(svgOf('depth', maps.slice(0, 1))).toMatch(/>20<.*>1970</s);
    expect(svgOf(null)).not.toContain('>alpha');
  });

  it('escapes names', () => {
    const svg = svgOf(hostile, [{ ...maps[0], title: hostile }]);
    expect(svg).not.toMatch(/<script|<img/);
  });
});

describe('renderFigures', () => {
  it('gives SVG of every figure, whole, of its own and without notes for the pointer', async () => {
    const files = await renderFigures(sampleReport, { formats: ['svg'] });
    expect([...files.keys()]).toEqual([
      'cells-by-type.svg',
      'cells-by-depth.svg',
      ...['methods', 'confusion', 'losses', 'markers', 'batches', 'calibration', 'network'].map(
        (name) => `${name}.svg`,
      ),
    ]);
    for (const [name, svg] of files) {
      expect(svg, name).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
      expect(svg, name).not.toMatch(/var\(--|data-tip|class="hit"|<script|<img|NaN|undefined/);
      expect(String(svg).match(/<g[ >]/g)).toHaveLength(String(svg).match(/<\/g>/g)!.length);
    }
  });

  it('names figures of columns whose names are no file names', async () => {
    const colorBy = ['a/b', 'A b', '../', '日本'];
    const columns = colorBy.map((name) => ({ ...sampleMaps.columns[0], name }));
    const files = await renderFigures(
      { sections: [{ ...sampleMaps, columns, colorBy }] },
      { formats: ['svg'] },
    );
    expect([...files.keys()]).toEqual(
      ['a-b', 'a-b-2', 'column', 'column-2'].map((name) => `cells-by-${name}.svg`),
    );
  });

  it('gives PNG of two pixels to a unit, with words', async (context) => {
    const installed = await import('@resvg/resvg-js').then(
      () => true,
      () => false,
    );
    context.skip(!installed, 'needs @resvg/resvg-js, an optional dependency');
    const sections = sampleReport.sections.filter(({ kind }) => kind === 'maps' || kind === 'calibration');
    const files = await renderFigures({ sections });
    expect(files.size).toBe(6);
    const png = files.get('calibration.png') as Uint8Array;
    const [, wide] = /width="([\d.]+)"/.exec(String(files.get('calibration.svg')))!;
    const view = new DataView(png.buffer, png.byteOffset);
    expect(view.getUint32(0)).toBe(0x89504e47);
    expect(view.getUint32(16)).toBe(2 * Number(wide));
    expect(png.length).toBeGreaterThan(5000);
  });
});
