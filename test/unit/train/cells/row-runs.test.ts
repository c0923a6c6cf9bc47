import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowRuns } from '../../../../src/train/cells/row-runs.ts';

const rows = fc.array(fc.nat(2000), { maxLength: 300 });
const edges = fc.uniqueArray(fc.nat(2000), { maxLength: 4 }).map((some) => some.sort((a, b) => a - b));

describe('rowRuns', () => {
  it('brings in each place once, within its range, ranges ascending and apart', () => {
    fc.assert(
      fc.property(rows, edges, (asked, starts) => {
        const runs = rowRuns(asked, starts);
        const places = runs.flatMap((run) => [...run.places]);
        expect(places.toSorted((a, b) => a - b)).toEqual(asked.map((_, place) => place));
        let last = 0;
        for (const { start, end, places } of runs) {
          expect(start).toBeGreaterThanOrEqual(last);
          last = end;
          expect(end - start).toBeLessThanOrEqual(256);
          for (const place of places) expect(asked[place] >= start && asked[place] < end).toBe(true);
          expect([start, end - 1]).toEqual([asked[places[0]], asked[places[places.length - 1]]]);
          for (const edge of starts) expect(edge <= start || edge >= end).toBe(true);
        }
      }),
    );
  });

  it('reads neighbours and those nearby together, and goes no further than an edge', () => {
    const ranges = (asked: number[], starts?: number[]) =>
      rowRuns(asked, starts).map(({ start, end }) => [start, end]);
    expect(ranges([5, 3, 4])).toEqual([[3, 6]]);
    expect(ranges([0, 17, 35])).toEqual([
      [0, 18],
      [35, 36],
    ]);
    expect(ranges([3, 4, 5], [0, 4, 9])).toEqual([
      [3, 4],
      [4, 6],
    ]);
    expect(ranges([])).toEqual([]);
  });
});
