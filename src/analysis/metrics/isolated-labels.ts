/** @file Isolated labels: whether cell types that few batches have are kept apart from others. */

import { checkGrouped, type Grouping } from '../groups.ts';
import { averageWidth } from './silhouette.ts';

/**
 * The labels that occur in the fewest batches; all of them where every label is in as many.
 *
 * @param mostBatches labels in so many batches or fewer instead
 * @returns their codes, ascending
 * @throws InputError when a cell lacks a batch or a label, or the groupings are of different cells
 */
export function isolatedLabels(batch: Grouping, labels: Grouping, mostBatches?: number): number[] {
  checkGrouped(labels.codes.length, labels);
  checkGrouped(labels.codes.length, batch);
  const batchesOf = labels.groups.map(() => new Set<number>());
  labels.codes.forEach((label, cell) => {
    batchesOf[label].add(batch.codes[cell]);
  });
  const present = [...batchesOf.keys()].filter((label) => batchesOf[label].size > 0);
  const most = mostBatches ?? Math.min(...present.map((label) => batchesOf[label].size));
  return present.filter((label) => batchesOf[label].size <= most);
}

/**
 * The silhouette widths of the cells of isolated labels brought to 0 .. 1, their means averaged over the labels
 * (Luecken et al. 2022, doi:10.1038/s41592-021-01336-8).
 *
 * @param widths silhouette width of each cell among all labels
 * @param isolated see {@link isolatedLabels}
 */
export function isolatedLabelAsw(
  widths: Float64Array,
  labels: Grouping,
  isolated: readonly number[],
): number {
  return meanOver(isolated, (label) => {
    return averageWidth(widths.filter((_, cell) => labels.codes[cell] === label));
  });
}

/**
 * How well a cluster can be found for each isolated label: the F1 of the cluster that fits it best, averaged over
 * the labels (Luecken et al. 2022).
 *
 * @param clusters cluster of each cell, from 0
 * @param isolated see {@link isolatedLabels}
 */
export function isolatedLabelF1(clusters: Int32Array, labels: Grouping, isolated: readonly number[]): number {
  const sizes = new Map<number, number>();
  for (const cluster of clusters) sizes.set(cluster, (sizes.get(cluster) ?? 0) + 1);
  return meanOver(isolated, (label) => {
    const own = clusters.filter((_, cell) => labels.codes[cell] === label);
    const shared = new Map<number, number>();
    for (const cluster of own) shared.set(cluster, (shared.get(cluster) ?? 0) + 1);
    return Math.max(
      ...Array.from(shared, ([cluster, cells]) => (2 * cells) / (own.length + (sizes.get(cluster) ?? 0))),
    );
  });
}

function meanOver(labels: readonly number[], scoreOf: (label: number) => number): number {
  return labels.reduce((sum, label) => sum + scoreOf(label), 0) / labels.length;
}
