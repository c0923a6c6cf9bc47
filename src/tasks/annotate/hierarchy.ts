/** @file Broader labels: probabilities of classes summed into their parents, which stand in where a class is unsure. */

import type { Grouping } from '../../analysis/groups.ts';
import type { Logger } from '../../support/log.ts';
import type { Annotated, Annotator } from './annotator.ts';

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

/** The narrowest label that is sure of each cell. */
export interface SureLabels {
  /** Classes and parents. */
  readonly names: readonly string[];
  /** Index into `names`, -1 where not even the parent is sure. */
  readonly codes: Int32Array; // [cells]
  /** Where a cell's label stopped: 0 at the class, 1 at its parent, -1 at neither. */
  readonly levels: Int32Array; // [cells]
}

/** The class where it is not withheld, else the parent where its probability is enough and the cell is not too novel. */
export function sureLabels(
  {
    codes,
    unassigned,
    novelty,
    noveltyShift,
  }: Pick<Annotated, 'codes' | 'unassigned' | 'novelty' | 'noveltyShift'>,
  parents: ParentLabels,
  classes: readonly string[],
  { threshold, noveltyThreshold }: Pick<Annotator['head'], 'threshold' | 'noveltyThreshold'>,
): SureLabels {
  const levels = codes.map((code, cell) => {
    if (code < 0) return -1;
    if (unassigned[cell] === 0) return 0;
    const isSure = parents.scores[cell] >= threshold && novelty[cell] <= noveltyThreshold + noveltyShift;
    return isSure ? 1 : -1;
  });
  const names = [...new Set([...classes, ...parents.parents])];
  const nameOf = (cell: number) => [classes[codes[cell]], parents.parents[parents.codes[cell]]][levels[cell]];
  return {
    names,
    codes: levels.map((level, cell) => (level < 0 ? -1 : names.indexOf(nameOf(cell)))),
    levels,
  };
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
