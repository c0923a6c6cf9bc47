/** @file The volcano plot: which genes are named, and that no name covers another. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textWidth } from '../../../../src/report/charts/chart.ts';
import { volcanoChart } from '../../../../src/report/charts/volcano.ts';
import type { VolcanoSection } from '../../../../src/report/task-report.ts';

const chartOf = (points: VolcanoSection['points']) =>
  volcanoChart({
    kind: 'volcano',
    name: 'volcano',
    title: 'STAT1',
    xTitle: 'log2 fold change',
    yTitle: '-log10 adjusted p',
    points,
  });

/** Names of genes with their places. */
const namesOf = (points: VolcanoSection['points']) =>
  Array.from(
    chartOf(points).body.text.matchAll(/text-anchor="(\w+)" x="([\d.]+)" y="([\d.]+)">(GENE\d+)</g),
    ([, anchor, x, y, name]) => ({ anchor, x: Number(x), y: Number(y), name }),
  );

describe('volcano plot', () => {
  it('names significant genes alone, and the strongest where none is', () => {
    const points = Array.from({ length: 40 }, (_, i) => ({
      name: `GENE${i}`,
      x: i - 20,
      y: i === 21 ? 0.5 : 3,
      marked: i === 21,
    }));
    expect(namesOf(points).map(({ name }) => name)).toEqual(['GENE21']);
    const none = namesOf(points.map((point) => ({ ...point, marked: false })));
    expect(none.length).toBeGreaterThan(1);
    expect(none.length).toBeLessThanOrEqual(12);
  });

  it('lets no name cover another, however dense genes are', () => {
    const point = fc.record({
      x: fc.double({ min: -8, max: 8, noNaN: true }),
      y: fc.double({ min: 0, max: 5, noNaN: true }),
      marked: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 60 }), (drawn) => {
        const boxes = namesOf(drawn.map((of, i) => ({ ...of, name: `GENE${i}` }))).map(
          ({ anchor, x, y, name }) => {
            const wide = textWidth(name, 11);
            const left = x - (anchor === 'start' ? 0 : anchor === 'end' ? wide : wide / 2);
            return { left, right: left + wide, top: y - 9, bottom: y + 2 };
          },
        );
        for (const [i, a] of boxes.entries()) {
          for (const b of boxes.slice(i + 1)) {
            const apart = a.left >= b.right || b.left >= a.right || a.top >= b.bottom || b.top >= a.bottom;
            expect(apart).toBe(true);
          }
        }
      }),
    );
  });
});
