/** @file Broader labels: probabilities of classes summed into their parents, which stand in where a class is unsure. */

import type { Grouping } from '../../analysis/groups.ts';
import type { Logger } from '../../support/log.ts';
import type { Annotator } from './annotator.ts';

/** The broader label of each cell. */
export interface ParentLabels {
  readonly parents: readonly string[];
  /** Index into `parents`, -1 for cells without a label. */
  readonly codes: Int32Array; // [cells]
  /** Sum of the probabilities of its classes. */
  readonly scores: Float32Array; // [cells]
}

/** Sums the probabilities of every parent's classes and takes the best parent. */
export function parentLabels(
  probabilities: Float32Array, // [cells, classes], rows of NaN for cells without a label
  { of }: NonNullable<Annotator['parents']>,
): ParentLabels {
  const parents = [...new Set(of)];
  const place = of.map((parent) => parents.indexOf(parent));
  const cellCount = probabilities.length / of.length;
  const codes = new Int32Array(cellCount).fill(-1);
  const scores = new Float32Array(cellCount).fill(Number.NaN);
  const sums = new Float64Array(parents.length);
  for (let cell = 0; cell < cellCount; cell++) {
    sums.fill(0);
    place.forEach((parent, k) => {
      sums[parent] += probabilities[cell * of.length + k];
    });
    const best = sums.indexOf(Math.max(...sums));
    if (best < 0) continue;
    codes[cell] = best;
    scores[cell] = Math.min(1, sums[best]);
  }
  return { parents, codes, scores };
}

/** The parent of each class: that of most of its cells; told where cells of a class disagree. */
export function parentsOf(
  labels: Grouping,
  parents: Grouping,
  logger: Logger,
): NonNullable<Annotator['parents']> {
  const of = labels.groups.map((name, code) => {
    const votes = new Map<number, number>();
    labels.codes.forEach((own, cell) => {
      const parent = parents.codes[cell];
      if (own === code && parent >= 0) votes.set(parent, (votes.get(parent) ?? 0) + 1);
    });
    const ranked = [...votes].sort((a, b) => b[1] - a[1]);
    if (ranked.length > 1) {
      logger.warning(
        `cells of '${name}' have several ${parents.name}: ${ranked.map(([parent, cells]) => `${parents.groups[parent]} (${cells})`).join(', ')}; the first counts`,
      );
    }
    return ranked.length === 0 ? name : parents.groups[ranked[0][0]];
  });
  return { label: parents.name, of };
}
