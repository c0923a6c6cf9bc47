/** @file Figures: PNG files that a decoder reads back, points where they belong, SVG that is whole and escaped. */

import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePng } from '../../../src/report/figures/png.ts';
import { drawPoints, scattered } from '../../../src/report/figures/points.ts';
import { scatterSvg } from '../../../src/report/figures/scatter.ts';
import { hostile, sampleReport } from './sample-report.ts';

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
  const draw = (places: number[]) =>
    drawPoints({
      places: Uint16Array.from(places),
      colorOf: new Uint8Array(places.length / 2),
      colors: ['#ff0000'],
      size: 100,
      radius: 4,
    });

  it('puts y upward and leaves cells without a place out', () => {
    const { pixels } = draw([0, 65534, 65535, 65535]);
    const at = (x: number, y: number) => [...pixels.subarray(4 * (100 * y + x), 4 * (100 * y + x) + 4)];
    expect(at(8, 8)).toEqual([255, 0, 0, Math.round(255 * 0.85)]);
    expect(at(92, 92)).toEqual([0, 0, 0, 0]);
    expect(at(50, 50)).toEqual([0, 0, 0, 0]);
  });

  it('draws about the area of a disc', () => {
    const { pixels } = draw([32767, 32767]);
    let area = 0;
    for (let i = 3; i < pixels.length; i += 4) area += pixels[i] / (255 * 0.85);
    expect(area).toBeGreaterThan(0.98 * Math.PI * 16);
    expect(area).toBeLessThan(1.04 * Math.PI * 16);
  });
});

describe('scattered', () => {
  it.each([0, 1, 2, 3, 10, 618, 1000])('visits each of %s once', (count) => {
    expect([...scattered(count)].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
  });
});

describe('scatterSvg', () => {
  const { map, baseline, columns } = sampleReport;
  const maps = 'map' in baseline ? [map, baseline.map] : [map];

  it('holds an image for each map and a key for each group', () => {
    const svg = scatterSvg({ maps, column: columns[0] });
    expect(svg.match(/<image /g)).toHaveLength(2);
    for (const name of ['alpha', 'beta', 'gamma', 'no value', 'scGPT', 'HVG + PCA'])
      expect(svg).toContain(`>${name}`);
    const [, image] = /base64,([^"]+)"/.exec(svg)!;
    expect(decodePng(Uint8Array.from(Buffer.from(image, 'base64')))).toMatchObject({
      width: 760,
      height: 760,
    });
    expect(scatterSvg({ maps, column: columns[0] })).toBe(svg);
  });

  it('draws a scale for numbers', () => {
    const svg = scatterSvg({ maps: [map], column: columns[2] });
    expect(svg).toContain('linearGradient');
    expect(svg).toContain('>20<');
    expect(svg).toContain('>1970<');
  });

  it('escapes names', () => {
    const svg = scatterSvg({ maps: [{ ...map, title: hostile }], column: columns[1] });
    expect(svg).not.toContain('<script');
    expect(svg).not.toContain('<img');
  });
});
