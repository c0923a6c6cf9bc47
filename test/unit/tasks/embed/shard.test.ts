import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseShard, shardRows } from '../../../../src/tasks/embed/shard.ts';

describe('shards', () => {
  it('cover every row once, in order, in even parts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 40, max: 500 }), fc.integer({ min: 1, max: 40 }), (rows, count) => {
        const parts = Array.from({ length: count }, (_, i) => shardRows({ index: i + 1, count }, rows));
        expect(parts.flatMap((part) => [...part])).toEqual(Array.from({ length: rows }, (_, row) => row));
        const sizes = parts.map((part) => part.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('are never empty', () => {
    expect(() => shardRows({ index: 2, count: 5 }, 3)).toThrow('5 shards are more than the 3 cells');
  });

  it.each(['0/4', '5/4', '1/0', 'a/b', '1', '1.5/2'])('refuse %s', (text) => {
    expect(() => parseShard(text)).toThrow('is no shard');
  });
});
