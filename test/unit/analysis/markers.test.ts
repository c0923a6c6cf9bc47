/** @file Marker genes against scanpy's Wilcoxon test and its parts against their definitions. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { falseDiscoveryRates } from '../../../src/analysis/false-discovery.ts';
import type { Grouping } from '../../../src/analysis/groups.ts';
import { markerGenes } from '../../../src/analysis/markers.ts';
import { normalTail } from '../../../src/analysis/normal-tail.ts';
import type { CsrMatrix } from '../../../src/single-cell/csr-matrix.ts';
import { inMemory } from '../../../src/single-cell/in-memory.ts';
import { golden } from '../single-cell/golden.ts';
import { matrixOf } from './rows.ts';

const classical = golden('classical');
const labels: Grouping = { name: 'label', codes: classical.i32('label'), groups: ['B', 'Mono', 'NK', 'T'] };
const [cells, genes] = [300, 220];

function matrix(values: Float32Array | Float64Array, rows: number, columns: number): Promise<CsrMatrix> {
  return inMemory(matrixOf(values, rows, columns));
}

describe('markerGenes', () => {
  it.each(labels.groups)('equals scanpy for %s', async (name) => {
    const group = labels.groups.indexOf(name);
    const found = (await markerGenes(await matrix(classical.f32('X'), cells, genes), labels)).filter(
      (marker) => marker.group === group,
    );
    expect(found).toHaveLength(genes);
    const stored = (of: string) => classical.f64(`markers/${name}/${of}`);
    const p = stored('pvals');
    const z = stored('z_tie_corrected');
    const fold = stored('logfoldchanges');
    const auc = stored('auc');
    const inside = stored('share_in');
    const outside = stored('share_out');
    for (const marker of found) {
      const { gene } = marker;
      expect(Math.abs(marker.z - z[gene])).toBeLessThan(1e-4 * (1 + Math.abs(z[gene])));
      expect(Math.abs(Math.log(marker.p) - Math.log(p[gene]))).toBeLessThan(1e-6 * (1 - Math.log(p[gene])));
      expect(Math.abs(marker.log2FoldChange - fold[gene])).toBeLessThan(1e-4 * (1 + Math.abs(fold[gene])));
      expect(marker.auc).toBeCloseTo(auc[gene], 12);
      expect(marker.shareInside).toBeCloseTo(inside[gene], 12);
      expect(marker.shareOutside).toBeCloseTo(outside[gene], 12);
    }
    expect(found.slice(0, 30).map(({ gene }) => gene)).toEqual([...classical.i32(`markers/${name}/order`)]);
  });

  it('compares every pair of cells, as its area under the curve says', async () => {
    const cell = fc.record({
      group: fc.integer({ min: -1, max: 2 }),
      value: fc.constantFrom(0, 0, 0, 1, 2, 3.5),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 2, maxLength: 40 }), async (set) => {
        fc.pre(new Set(set.filter(({ group }) => group >= 0).map(({ group }) => group)).size > 1);
        const values = await matrix(Float64Array.from(set.map(({ value }) => value)), set.length, 1);
        const codes = Int32Array.from(set.map(({ group }) => group));
        const markers = await markerGenes(values, { name: 'group', codes, groups: ['a', 'b', 'c'] });
        for (const marker of markers) {
          const inside = set.filter(({ group }) => group === marker.group);
          const outside = set.filter(({ group }) => group >= 0 && group !== marker.group);
          const wins = inside.flatMap(({ value }) =>
            outside.map((other) => (value > other.value ? 1 : value === other.value ? 0.5 : 0)),
          );
          expect(marker.auc).toBeCloseTo(wins.reduce<number>((sum, win) => sum + win, 0) / wins.length, 12);
          expect(Math.sign(marker.z)).toBe(
            Math.abs(marker.auc - 0.5) < 1e-12 ? 0 : Math.sign(marker.auc - 0.5),
          );
          expect(marker.meanInside).toBeCloseTo(
            inside.reduce((sum, { value }) => sum + value, 0) / inside.length,
            12,
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it('lists as many as asked for, adjusted for all genes', async () => {
    const expression = await matrix(classical.f32('X'), cells, genes);
    const all = await markerGenes(expression, labels);
    const best = await markerGenes(expression, labels, { most: 3 });
    expect(best).toEqual(labels.groups.flatMap((_, group) => all.slice(group * genes, group * genes + 3)));
  });

  it('gives a gene that all cells express alike no weight', async () => {
    const values = await matrix(Float64Array.of(0, 2, 0, 2, 0, 2), 3, 2);
    const groups = { name: 'group', codes: Int32Array.of(0, 1, 1), groups: ['a', 'b'] };
    for (const { z, p, adjustedP, auc } of await markerGenes(values, groups)) {
      expect([z, p, adjustedP, auc]).toEqual([0, 1, 1, 0.5]);
    }
  });

  it('refuses one group, other cells and values that are no expression, and stops when told', async () => {
    const values = await matrix(Float64Array.of(1, 2, 3), 3, 1);
    const refused = (codes: number[], of = values) =>
      markerGenes(of, { name: 'group', codes: Int32Array.from(codes), groups: ['a', 'b'] });
    await expect(refused([0, 0, -1])).rejects.toMatchObject({ reason: 'one_group' });
    await expect(refused([0, 1])).rejects.toMatchObject({ reason: 'grouping_length' });
    const negative = await matrix(Float64Array.of(1, -2, 3), 3, 1);
    await expect(refused([0, 1, 1], negative)).rejects.toMatchObject({ reason: 'negative_value' });
    const signal = AbortSignal.abort();
    const expression = await matrix(classical.f32('X'), cells, genes);
    await expect(markerGenes(expression, labels, {}, { signal })).rejects.toThrow('stopped');
  });
});

describe('normalTail', () => {
  it.each([
    [0, 0.5],
    [0.5, 0.3085375387259869],
    [1.96, 0.024997895148220435],
    [2, 0.022750131948179195],
    [2.5, 0.006209665325776132],
    [6, 9.865876450376946e-10],
    [20, 2.7536241186062337e-89],
    [37, 5.725571222524577e-300],
    [-3, 0.9986501019683699],
  ])('of %s is exact to rounding', (z, expected) => {
    expect(Math.abs(normalTail(z) / expected - 1)).toBeLessThan(2e-14);
  });
});

describe('falseDiscoveryRates', () => {
  it('equals the published example, in any order', () => {
    const p = Float64Array.of(0.04, 0.01, 0.03, 0.5, 0.005);
    const expected = [0.05, 0.025, 0.05, 0.5, 0.025];
    falseDiscoveryRates(p).forEach((rate, i) => {
      expect(rate).toBeCloseTo(expected[i], 12);
    });
  });
});
