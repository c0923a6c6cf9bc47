/** @file CRC-32 as zip archives and PNG images use it, sixteen bytes at a step. */

const width = 16;

/** `tables[k * 256 + b]`: the remainder of byte `b` followed by `k` zero bytes. */
const tables = makeTables();

function makeTables(): Int32Array {
  const result = new Int32Array(256 * width);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) {
      remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
    }
    result[byte] = remainder;
  }
  for (let i = 256; i < result.length; i++) {
    const shorter = result[i - 256];
    result[i] = (shorter >>> 8) ^ result[shorter & 0xff];
  }
  return result;
}

/** The CRC-32 of bytes, as an unsigned number. `before` continues a sum over earlier bytes. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const t = tables;
  let crc = ~before;
  let i = 0;
  for (const end = bytes.length - width; i <= end; i += width) {
    crc =
      t[3840 + ((crc ^ bytes[i]) & 0xff)] ^
      t[3584 + (((crc >>> 8) ^ bytes[i + 1]) & 0xff)] ^
      t[3328 + (((crc >>> 16) ^ bytes[i + 2]) & 0xff)] ^
      t[3072 + ((crc >>> 24) ^ bytes[i + 3])] ^
      t[2816 + bytes[i + 4]] ^
      t[2560 + bytes[i + 5]] ^
      t[2304 + bytes[i + 6]] ^
      t[2048 + bytes[i + 7]] ^
      t[1792 + bytes[i + 8]] ^
      t[1536 + bytes[i + 9]] ^
      t[1280 + bytes[i + 10]] ^
      t[1024 + bytes[i + 11]] ^
      t[768 + bytes[i + 12]] ^
      t[512 + bytes[i + 13]] ^
      t[256 + bytes[i + 14]] ^
      t[bytes[i + 15]];
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ t[(crc ^ bytes[i]) & 0xff];
  return ~crc >>> 0;
}
