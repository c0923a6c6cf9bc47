/** @file Writes PNG images: eight bits a channel, red, green, blue and opacity. */

import { zlibSync } from 'fflate';
import { crc32 } from '../../support/crc32.ts';
import { UsageError } from '../../support/errors.ts';

/** Pixels in rows from the top, four bytes each: red, green, blue, opacity. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array; // [height, width, 4]
}

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Eight bits, colour with opacity, the one compression and filter method there is, not interlaced. */
const kind = [8, 6, 0, 0, 0];

/**
 * The image as a PNG file (ISO/IEC 15948). Equal pixels give equal bytes.
 *
 * @throws UsageError when the pixels do not fill the image
 */
export function encodePng({ width, height, pixels }: Raster): Uint8Array {
  if (!(width > 0 && height > 0) || pixels.length !== 4 * width * height) {
    throw new UsageError({
      what: `there are ${pixels.length} bytes for ${width} x ${height} pixels`,
      expected: 'four for each, and at least one pixel',
      reason: 'image_size',
    });
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set(kind, 8);
  const lines = new Uint8Array(height * (4 * width + 1)); // a byte 0 before each line: not filtered
  for (let y = 0; y < height; y++) {
    lines.set(pixels.subarray(4 * width * y, 4 * width * (y + 1)), y * (4 * width + 1) + 1);
  }
  return join([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', zlibSync(lines, { level: 6 })),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

/** Length, name, content, checksum of name and content. */
function chunk(name: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + content.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = name.charCodeAt(i);
  bytes.set(content, 8);
  view.setUint32(8 + content.length, crc32(bytes.subarray(4, 8 + content.length)));
  return bytes;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}
