/** @file What is written is read back bit for bit, in every format; nothing that is read can run, hang or crash. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/model/checkpoint/byte-source.ts';
import { openCheckpoint } from '../../../../src/model/checkpoint/open.ts';
import { encodeSafetensors } from '../../../../src/model/checkpoint/safetensors.ts';
import { encodeTorch } from '../../../../src/model/checkpoint/torch-writer.ts';
import { CheckpointError } from '../../../../src/support/errors.ts';
import type { StateDict } from '../../../../src/support/tensor.ts';
import { anyState, bits } from './arbitrary.ts';

const joined = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const read = async (bytes: Uint8Array): Promise<StateDict> =>
  (await openCheckpoint(bytesSource(bytes, 'random'))).read();

const formats: Record<string, (state: StateDict) => Uint8Array[]> = {
  'torch zip': (state) => encodeTorch(state),
  safetensors: (state) => encodeSafetensors(state, { about: 'a test' }),
};

describe('written checkpoints', () => {
  for (const [format, encode] of Object.entries(formats)) {
    it(`come back bit for bit from ${format}`, async () => {
      await fc.assert(
        fc.asyncProperty(anyState, async (state) => {
          expect(bits(await read(joined(encode(state))))).toEqual(bits(state));
        }),
        { numRuns: 200 },
      );
    });
  }

  it('have torch storages at multiples of 64 bytes', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const parts = encodeTorch(state);
        const values = new Set<unknown>([...state.values()].map(({ data }) => data.buffer));
        let at = 0;
        for (const part of parts) {
          if (values.has(part.buffer) && part.length > 0) expect(at % 64).toBe(0);
          at += part.length;
        }
      }),
    );
  });

  it('give single tensors when asked for them', async () => {
    const state: StateDict = new Map([
      ['a', { dtype: 'float32', shape: [2], data: new Float32Array([1, 2]) }],
      ['b', { dtype: 'int64', shape: [], data: new BigInt64Array([-3n]) }],
    ]);
    for (const encode of Object.values(formats)) {
      const opened = await openCheckpoint(bytesSource(joined(encode(state)), 'two'));
      expect([...opened.tensors]).toEqual(
        [
          ['a', { dtype: 'float32', shape: [2] }],
          ['b', { dtype: 'int64', shape: [] }],
        ].map(([name, information]) => [name, expect.objectContaining(information as object)]),
      );
      expect(bits(await opened.read(new Set(['b'])))).toEqual(bits(new Map([...state].slice(1))));
    }
  });
});

describe('damaged checkpoints', () => {
  it('never break the reader, whichever byte is changed', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyState,
        fc.constantFrom(...Object.values(formats)),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (state, encode, place, change) => {
          const bytes = joined(encode(state));
          bytes[place % bytes.length] ^= change;
          await read(bytes).catch((error) => expect(error).toBeInstanceOf(CheckpointError));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('never show changed values under a torch checksum', async () => {
    const state: StateDict = new Map([
      ['w', { dtype: 'float32', shape: [64], data: new Float32Array(64).fill(1) }],
    ]);
    const good = joined(encodeTorch(state));
    const start = good.findIndex(
      (_, i) => i % 64 === 0 && good[i] === 0 && good[i + 2] === 0x80 && good[i + 3] === 0x3f,
    );
    for (let at = start; at < start + 256; at++) {
      const bytes = good.slice();
      bytes[at] ^= 0x10;
      await expect(read(bytes)).rejects.toThrow(/CRC-32/);
    }
  });
});
