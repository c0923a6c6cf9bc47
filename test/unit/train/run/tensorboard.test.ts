/** @file TensorBoard events beside the bytes TensorFlow's own protobuf and record writer give, and CRC-32C vectors. */

import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../../src/train/run/crc32c.ts';
import { fileHeader, scalars, sessionStarted } from '../../../../src/train/run/tensorboard.ts';

const hexadecimal = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('crc32c', () => {
  it('gives the sums of RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c);
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array())).toBe(0);
  });
});

/** The expected bytes are those of TensorBoard 2.21: its `Event` messages serialised by its `RecordWriter`. */
describe('events', () => {
  it('start with the version of the file', () => {
    expect(hexadecimal(fileHeader(1_700_000_000.25))).toBe(
      '1800000000000000a37f4b220900001040fc54d9411a0d627261696e2e4576656e743a32338d2fe9',
    );
  });

  it('mark where a resumed run goes on', () => {
    expect(hexadecimal(sessionStarted(1_700_000_000.25, 8))).toBe(
      '0f000000000000006d532b090900001040fc54d94110083a020801ed76c781',
    );
  });

  it('hold the numbers of a record', () => {
    const values = { loss: 0.1, gep: -2.5 };
    const record = { step: 300, epoch: 1, seconds: 9, split: 'validation', values } as const;
    expect(hexadecimal(scalars(1_700_000_001.5, record))).toBe(
      '3d000000000000006049f1ec0900006040fc54d94110ac022a2f0a160a0f76616c69646174696f6e2f6c6f7373' +
        '15cdcccc3d0a150a0e76616c69646174696f6e2f67657015000020c01289a711',
    );
  });
});
