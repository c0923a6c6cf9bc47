import { describe, expect, it } from 'vitest';
import { prefetch } from '../../../src/support/prefetch.ts';

async function* counting(to: number, log: string[], failAt = -1) {
  try {
    for (let i = 0; i < to; i++) {
      log.push(`make ${i}`);
      if (i === failAt) throw new Error('broken');
      yield i;
    }
  } finally {
    log.push('closed');
  }
}

describe('prefetch', () => {
  it('keeps the order and is one item ahead', async () => {
    const log: string[] = [];
    for await (const item of prefetch(counting(3, log))) log.push(`use ${item}`);
    expect(log).toEqual(['make 0', 'make 1', 'use 0', 'make 2', 'use 1', 'closed', 'use 2']);
  });

  it('throws where the failing item would have come, after the good ones', async () => {
    const used: number[] = [];
    const run = async () => {
      for await (const item of prefetch(counting(3, [], 1))) used.push(item);
    };
    await expect(run()).rejects.toThrow('broken');
    expect(used).toEqual([0]);
  });

  it('closes the source when its reader stops early', async () => {
    const log: string[] = [];
    for await (const item of prefetch(counting(9, log))) if (item === 1) break;
    expect(log.at(-1)).toBe('closed');
    expect(log).not.toContain('make 4');
  });
});
