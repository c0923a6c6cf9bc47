/** @file The network figure: places that are repeated and apart, names that cover nothing, arrows and dashes. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textWidth } from '../../../../src/report/charts/chart.ts';
import { forceLayout } from '../../../../src/report/charts/force-layout.ts';
import { networkChart } from '../../../../src/report/charts/network.ts';
import { placeLabels } from '../../../../src/report/charts/place-labels.ts';
import { sectionOf } from '../../../../src/report/sections/section.ts';
import type { NetworkSection } from '../../../../src/report/task-report.ts';
import { randomStream } from '../../../../src/support/random.ts';

/** Two groups of nodes, all joined within, by one weak edge between. */
function twoGroups(size: number) {
  const pulls = [0, size].flatMap((start) =>
    Array.from({ length: size }, (_, i) =>
      Array.from({ length: i }, (_, j) => ({ from: start + i, to: start + j, weight: 1 })),
    ).flat(),
  );
  return [...pulls, { from: 0, to: size, weight: 0.1 }];
}

const frame = { width: 900, height: 500, apart: 19 };

describe('places', () => {
  it('bring what is joined together and are the same again', () => {
    const size = 12;
    const places = forceLayout(2 * size, twoGroups(size), frame);
    expect(forceLayout(2 * size, twoGroups(size), frame)).toEqual(places);
    expect(forceLayout(2 * size, twoGroups(size), { ...frame, seed: 1 })).not.toEqual(places);
    const middle = (start: number) =>
      [0, 1].map((axis) => {
        let sum = 0;
        for (let i = start; i < start + size; i++) sum += places[2 * i + axis] / size;
        return sum;
      });
    const [a, b] = [middle(0), middle(size)];
    const spread = Math.max(
      ...Array.from({ length: size }, (_, i) => Math.hypot(places[2 * i] - a[0], places[2 * i + 1] - a[1])),
    );
    expect(Math.hypot(a[0] - b[0], a[1] - b[1])).toBeGreaterThan(1.5 * spread);
  });

  it('stay within the frame, apart, whatever is joined', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.nat(), (count, seed) => {
        const random = randomStream(seed, 'edges');
        const pulls = Array.from({ length: count === 0 ? 0 : 2 * count }, () => ({
          from: random.integer(count),
          to: random.integer(count),
          weight: random.uniform(),
        }));
        const places = forceLayout(count, pulls, frame);
        expect(places).toHaveLength(2 * count);
        for (let a = 0; a < count; a++) {
          expect(places[2 * a]).toBeGreaterThanOrEqual(0);
          expect(places[2 * a]).toBeLessThanOrEqual(frame.width);
          expect(places[2 * a + 1]).toBeGreaterThanOrEqual(0);
          expect(places[2 * a + 1]).toBeLessThanOrEqual(frame.height);
          for (let b = 0; b < a; b++) {
            const distance = Math.hypot(places[2 * a] - places[2 * b], places[2 * a + 1] - places[2 * b + 1]);
            expect(distance).toBeGreaterThan(0.8 * frame.apart);
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('names', () => {
  it('cover neither each other nor any point, the first named first', () => {
    const random = randomStream(3, 'points');
    const points = Array.from({ length: 150 }, (_, i) => ({
      name: `GENE${i}`,
      x: 600 * random.uniform(),
      y: 400 * random.uniform(),
      radius: 5,
    }));
    const [width, height, size] = [600, 400, 11];
    const labels = placeLabels(points, { width, height, size });
    expect(labels[0].point).toBe(0);
    expect(labels.length).toBeGreaterThan(40);
    expect(labels.length).toBeLessThan(150);
    const boxes = labels.map(({ point, x, y, anchor }) => {
      const wide = textWidth(points[point].name, size);
      const left = x - { start: 0, middle: wide / 2, end: wide }[anchor];
      return { left, right: left + wide, top: y - 0.85 * size, bottom: y + 0.25 * size };
    });
    boxes.forEach((box, i) => {
      const meets = (other: typeof box) =>
        box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom;
      expect(boxes.slice(0, i).some(meets)).toBe(false);
      const covered = points.some(({ x, y, radius: r }) =>
        meets({ left: x - r, right: x + r, top: y - r, bottom: y + r }),
      );
      expect(covered).toBe(false);
      expect(box.left >= 0 && box.right <= width && box.top >= 0 && box.bottom <= height).toBe(true);
    });
  });
});

const network: NetworkSection = {
  kind: 'network',
  name: 'network',
  title: 'Targets',
  nodes: [
    { name: 'STAT1', group: 0, weight: 1 },
    { name: 'IRF1', group: 1, weight: 0.5 },
    { name: 'MX1', group: 1, weight: 0.1 },
  ],
  edges: [
    { from: 0, to: 1, weight: 0.25 },
    { from: 0, to: 2, weight: -0.5 },
  ],
  groups: ['regulator', 'target'],
  directed: true,
  edgeTitle: 'difference',
  negativeTitle: 'less in the first',
};

describe('the chart', () => {
  it('has a node and a name for each gene, an arrow for each edge, dashes below 0', () => {
    const { body, label } = networkChart(network);
    expect(label).toBe('Targets: 3 genes, 2 edges');
    expect(body.text.match(/class="node"/g)).toHaveLength(3);
    expect(body.text.match(/class="name"/g)).toHaveLength(3);
    expect(body.text.match(/class="arrow"/g)).toHaveLength(2);
    expect(body.text).toMatch(/stroke-dasharray="5 4"[^>]*data-tip="STAT1 → MX1: difference −0.5"/);
    expect(body.text).toContain('less in the first');
    // Half the weight is half as wide above the thinnest line.
    expect(body.text).toMatch(/stroke-width="2"[^>]*data-tip="STAT1 → IRF1/);
    expect(body.text).toMatch(/stroke-width="3.4"[^>]*data-tip="STAT1 → MX1/);
  });

  it('has no arrows and no word of dashes without direction', () => {
    const { text } = networkChart({ ...network, directed: false, edges: [network.edges[0]] }).body;
    expect(text).not.toContain('class="arrow"');
    expect(text).not.toContain('less in the first');
  });

  it('gives its edges as CSV, and stands with nothing in it', () => {
    const csv = decodeURIComponent(/charset=utf-8,([^"]*)"/.exec(sectionOf(network).text)![1]);
    expect(csv).toBe('from,to,difference\r\nSTAT1,IRF1,0.25\r\nSTAT1,MX1,-0.5\r\n');
    expect(sectionOf({ ...network, nodes: [], edges: [] }).text).toContain('nothing to show');
    expect(sectionOf({ ...network, edges: [] }).text).not.toMatch(/NaN|Infinity|undefined/);
  });
});
