/** @file The pickle machine builds data from the operations it knows and refuses everything else. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/model/checkpoint/byte-source.ts';
import { openCheckpoint } from '../../../../src/model/checkpoint/open.ts';
import { type PickleWorld, unpickle } from '../../../../src/model/checkpoint/pickle.ts';
import { CheckpointError } from '../../../../src/support/errors.ts';

const world: PickleWorld = {
  where: 'test',
  global: (module, name) =>
    module === 'allowed' ? { value: name, call: (parameters) => [name, ...parameters] } : undefined,
  persistent: (reference) => ({ reference }),
};

function run(...codes: (number | string)[]): unknown {
  const bytes = codes.flatMap((code) =>
    typeof code === 'number' ? [code] : [...new TextEncoder().encode(code)],
  );
  return unpickle(Uint8Array.from(bytes), 0, world).value;
}

describe('the pickle machine', () => {
  it('reads numbers of every kind', () => {
    expect(run(0x80, 2, 'K', 7, '.')).toBe(7);
    expect(run('M', 1, 2, '.')).toBe(513);
    expect(run('J', 0xfe, 0xff, 0xff, 0xff, '.')).toBe(-2);
    expect(run(0x8a, 0, '.')).toBe(0);
    expect(run(0x8a, 1, 0xff, '.')).toBe(-1);
    expect(run(0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1, '.')).toBe(1n << 64n);
    expect(run('G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, '.')).toBe(1.5);
  });

  it('builds lists, tuples and dictionaries, and shares what was kept', () => {
    expect(run('(K', 1, 'K', 2, 't.')).toEqual([1, 2]);
    expect(run('](K', 1, 'K', 2, 'e.')).toEqual([1, 2]);
    expect(run('}X', 1, 0, 0, 0, 'aK', 5, 's.')).toEqual(new Map([['a', 5]]));
    const shared = run('K', 300 % 256, 0x85, 'q', 0, 'h', 0, 0x86, '.') as unknown[];
    expect(shared[0]).toBe(shared[1]);
  });

  it('calls only what is on the list', () => {
    expect(run('callowed\nf\n(K', 1, 'tR.')).toEqual(['f', 1]);
    expect(run(0x8c, 7, 'allowed', 0x8c, 1, 'f', 0x93, ')R.')).toEqual(['f']);
    expect(() => run('cos\nsystem\n(X', 2, 0, 0, 0, 'lstR.')).toThrow(/os\.system.*nothing was executed/);
    expect(() => run('K', 1, ')R.')).toThrow(/cannot be called/);
  });

  it('refuses operations that construct objects, look up attributes or use registries', () => {
    for (const code of [0x69, 0x6f, 0x81, 0x92, 0x82, 0x83, 0x84, 0x50, 0x49, 0x53]) {
      expect(() => run('}', code, '.')).toThrow(/an operation \(0x/);
    }
  });

  it('says where a pickle ends early', () => {
    for (const cut of [[], ['K'], ['X', 5, 0, 0, 0, 'ab'], ['cos\nsys'], [0x8a, 200, 1]]) {
      expect(() => run(...cut)).toThrow(/ends early/);
    }
  });

  it('ends on any bytes, with a value or a CheckpointError', () => {
    const operation = fc.constantFrom(
      ...'().NKMJGX]}aesutqrhjcRbQUTCB',
      '\x80\x02',
      '\x88',
      '\x85',
      '\x86',
      '\x87',
      '\x8a',
    );
    const program = fc.array(fc.oneof({ weight: 4, arbitrary: operation }, fc.string({ maxLength: 3 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(program, (parts) => {
        const bytes = Uint8Array.from(parts.join(''), (character) => character.charCodeAt(0));
        try {
          unpickle(bytes, 0, world);
        } catch (error) {
          expect(error).toBeInstanceOf(CheckpointError);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it('lets no file of random bytes through', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 400 }),
        fc.constantFrom('', '\x80\x02', 'PK\x03\x04'),
        async (tail, head) => {
          const bytes = Uint8Array.from([...head].map((c) => c.charCodeAt(0)).concat(...tail));
          await expect(openCheckpoint(bytesSource(bytes, 'random'))).rejects.toThrow(CheckpointError);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
