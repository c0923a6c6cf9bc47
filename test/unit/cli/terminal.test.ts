import { describe, expect, it, vi } from 'vitest';
import { bar, clock, Terminal } from '../../../src/cli/terminal.ts';

function recorded(isTTY: boolean) {
  const written: string[] = [];
  const stream = { isTTY, columns: 80, write: (text: string) => written.push(text) > 0 };
  return { written, stream: stream as unknown as NodeJS.WriteStream };
}

describe('clock', () => {
  it.each([
    [0, '0:00'],
    [59.6, '1:00'],
    [61, '1:01'],
    [3599, '59:59'],
    [3661, '1:01:01'],
    [-3, '0:00'],
  ])('writes %d s as %s', (seconds, text) => expect(clock(seconds)).toBe(text));
});

describe('bar', () => {
  it('fills in proportion and never overflows', () => {
    expect(bar(0, 4)).toBe('░░░░');
    expect(bar(0.5, 4)).toBe('██░░');
    expect(bar(7, 4)).toBe('████');
  });
});

describe('Terminal', () => {
  it('redraws one line on a terminal and ends it when done', () => {
    const { written, stream } = recorded(true);
    const terminal = new Terminal({ quiet: false, verbose: false }, stream);
    terminal.onProgress({ stage: 'embedding', done: 1, total: 2, unit: 'cells' });
    terminal.onProgress({ stage: 'embedding', done: 2, total: 2, unit: 'cells' });
    expect(written[0]).toContain('\r\x1b[2Kembedding █');
    expect(written.at(-1)).toBe('\n');
  });

  it('prints no control characters and no flood of lines into a log', () => {
    const { written, stream } = recorded(false);
    const terminal = new Terminal({ quiet: false, verbose: false }, stream);
    vi.useFakeTimers();
    for (let done = 0; done <= 1000; done++) {
      terminal.onProgress({ stage: 'embedding', done, total: 1000, unit: 'cells' });
      vi.advanceTimersByTime(21);
    }
    terminal.onProgress({ stage: 'writing', done: 1, total: 1, unit: 'file' });
    vi.useRealTimers();
    expect(written.length).toBe(3); // at 10 s, at 20 s, at the end; a short stage is not told
    expect(written[2]).toMatch(/^embedding 1000\/1000 cells {2}47\.6 cells\/s {2}took 0:21\n$/);
  });

  it('keeps warnings when quiet and debug messages for verbose', () => {
    const { written, stream } = recorded(false);
    const terminal = new Terminal({ quiet: true, verbose: false }, stream);
    terminal.info('info');
    terminal.debug('debug');
    terminal.warning('careful');
    terminal.onProgress({ stage: 'embedding', done: 1, total: 1, unit: 'cells' });
    expect(written).toEqual(['warning: careful\n']);
  });
});
