/** @file Isolated labels against scib: which they are, their silhouettes and the clusters that fit them best. */

import { describe, expect, it } from 'vitest';
import {
  isolatedLabelAsw,
  isolatedLabelF1,
  isolatedLabels,
} from '../../../../src/analysis/metrics/isolated-labels.ts';
import { silhouetteWidths } from '../../../../src/analysis/silhouette.ts';
import { batches, embedding, kinds, labels, metrics, results } from './stored.ts';

const isolated = isolatedLabels(batches, labels);
const clusterings = ['leiden_0.3', 'leiden_1.0', 'leiden_2.0'] as const;

describe.each(kinds)('on the %s embedding', (kind) => {
  it('isolatedLabelAsw equals scib-metrics', async () => {
    const [widths] = await silhouetteWidths(embedding(kind), [labels]);
    expect(isolatedLabelAsw(widths, labels, isolated)).toBeCloseTo(results[kind].isolated_labels, 9);
    const all = isolatedLabels(batches, labels, 3);
    expect(isolatedLabelAsw(widths, labels, all)).toBeCloseTo(results[kind].isolated_labels_threshold_3, 9);
  });

  it.each(clusterings)('isolatedLabelF1 equals the fixture by %s', (name) => {
    expect(isolatedLabelF1(metrics.i32(`${kind}/${name}`), labels, isolated)).toBeCloseTo(
      results[kind][name].isolated_F1_of_rare_DC_best_cluster,
      12,
    );
  });

  it('finds the labels of the fewest batches', () => {
    expect(isolated.map((label) => labels.groups[label])).toEqual(results[kind].isolated_label_names);
  });
});

describe('isolatedLabels', () => {
  const by = (name: string, ...codes: number[]) => ({
    name,
    codes: Int32Array.from(codes),
    groups: ['a', 'b', 'c'],
  });

  it('are all labels where each is in as many batches, and none that has no cell', () => {
    expect(isolatedLabels(by('batch', 0, 1, 0, 1), by('label', 0, 0, 2, 2))).toEqual([0, 2]);
  });

  it('are none below the fewest', () => {
    const none = isolatedLabels(by('batch', 0, 1), by('label', 0, 0), 1);
    expect(none).toEqual([]);
    expect(isolatedLabelAsw(Float64Array.of(1, 1), by('label', 0, 0), none)).toBeNaN();
  });

  it('refuse cells without a batch or a label', () => {
    expect(() => isolatedLabels(by('batch', 0, -1), by('label', 0, 0))).toThrow('grouping batch');
    expect(() => isolatedLabels(by('batch', 0, 0), by('label', -1, 0))).toThrow('grouping label');
    expect(() => isolatedLabels(by('batch', 0), by('label', 0, 0))).toThrow('grouping batch');
  });
});
