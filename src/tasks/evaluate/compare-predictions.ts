/** @file Scores of predicted cell types against the true ones. */

import type { Grouping } from '../../analysis/groups.ts';
import { type ClassificationScores, classificationScores } from '../../analysis/metrics/classification.ts';
import { InputError } from '../../support/errors.ts';
import { count } from '../../support/words.ts';
import { saysUnassigned } from './columns.ts';
import type { Metric } from './score-table.ts';

/** What {@link comparePredictions} gives. */
export interface ComparedPredictions {
  /** All types: the true ones, then those that were only predicted. */
  readonly classes: readonly string[];
  /** How many of the classes are true ones. */
  readonly trueClasses: number;
  /** Scores with cells without a prediction as one more class, the last, that no cell has. */
  readonly classification: ClassificationScores;
  /** By the ids of {@link predictionMetrics} and {@link assignmentMetrics}. */
  readonly scores: Readonly<Record<string, number>>;
  /** Cells that were given no type. */
  readonly unassigned: number;
  /** Whether each cell was given its true type. */
  readonly right: Uint8Array; // [cells]
}

/** Scores of predicted types. */
export const predictionMetrics: readonly Metric[] = [
  {
    id: 'accuracy',
    name: 'accuracy',
    about: 'share of cells given their true type; cells without a prediction count as wrong',
    group: 'Types',
    better: 'high',
  },
  {
    id: 'macro_f1',
    name: 'macro F1',
    about: 'F1, the mean over all types that are true or predicted, so that rare ones count',
    group: 'Types',
    better: 'high',
  },
  {
    id: 'weighted_f1',
    name: 'weighted F1',
    about: 'F1, weighted by the cells of each type',
    group: 'Types',
    better: 'high',
  },
  {
    id: 'macro_precision',
    name: 'macro precision',
    about: 'share of the cells given a type that have it, mean over types',
    group: 'Types',
    better: 'high',
  },
  {
    id: 'macro_recall',
    name: 'macro recall',
    about: 'share of the cells of a type that were given it, mean over types',
    group: 'Types',
    better: 'high',
  },
];

/** Scores that say something only where cells were given no type. */
export const assignmentMetrics: readonly Metric[] = [
  {
    id: 'assigned',
    name: 'assigned',
    about: 'share of cells that were given a type',
    group: 'Types',
    better: 'high',
  },
  {
    id: 'accuracy_assigned',
    name: 'accuracy of assigned',
    about: 'accuracy of the cells that were given a type',
    group: 'Types',
    better: 'high',
  },
];

/**
 * Compares predicted with true types, by name. Cells predicted `unassigned`, `unknown` or nothing were given no type:
 * they are wrong, but `unassigned` is no type whose own F1 counts, unless it is among the true ones.
 *
 * @param truth every cell has one
 * @throws InputError when no predicted type is a true one, which is a matter of names
 */
export function comparePredictions(truth: Grouping, predicted: Grouping): ComparedPredictions {
  const isTrue = new Set(truth.groups);
  const isAssigned = (type: string) => isTrue.has(type) || !saysUnassigned(type);
  const others = predicted.groups.filter((type) => !isTrue.has(type) && isAssigned(type));
  requireCommonTypes(truth, predicted, others);
  const classes = [...truth.groups, ...others];
  const place = new Map(classes.map((type, code) => [type, code]));
  const none = classes.length;
  const codes = predicted.codes.map((code) =>
    code < 0 ? none : (place.get(predicted.groups[code]) ?? none),
  );
  const classification = classificationScores(truth.codes, codes, classes.length + 1);
  const unassigned = codes.filter((code) => code === none).length;
  const right = Uint8Array.from(codes, (code, cell) => (code === truth.codes[cell] ? 1 : 0));
  const assigned = 1 - unassigned / codes.length;
  return {
    classes,
    trueClasses: truth.groups.length,
    classification,
    unassigned,
    right,
    scores: {
      accuracy: classification.accuracy,
      ...macroScores(classification, none),
      weighted_f1: classification.weighted.f1,
      assigned,
      accuracy_assigned: assigned === 0 ? Number.NaN : classification.accuracy / assigned,
    },
  };
}

function requireCommonTypes(truth: Grouping, predicted: Grouping, others: readonly string[]): void {
  const common = predicted.groups.filter((type) => truth.groups.includes(type));
  if (common.length > 0 || others.length === 0) return;
  const some = (names: readonly string[]) =>
    names.slice(0, 5).join(', ') + (names.length > 5 ? `, ... (${count(names.length)})` : '');
  throw new InputError({
    what: `none of its types is among those of '${truth.name}'`,
    where: `obs/${predicted.name}`,
    expected: `types named as in '${truth.name}': ${some(truth.groups)}; got ${some(others)}`,
    advice: 'Rename the types of one column so that both use the same words',
    reason: 'no_common_types',
  });
}

/** Means over the types that are true or predicted, without the class of unassigned cells. */
function macroScores({ classes, confusion }: ClassificationScores, none: number): Record<string, number> {
  const width = classes.length;
  const occurs = (code: number) =>
    classes[code].support > 0 || classes.some((_, truth) => confusion[truth * width + code] > 0);
  const counted = classes.slice(0, none).filter((_, code) => occurs(code));
  const mean = (part: 'precision' | 'recall' | 'f1') =>
    counted.reduce((sum, scores) => sum + scores[part], 0) / counted.length;
  return { macro_f1: mean('f1'), macro_precision: mean('precision'), macro_recall: mean('recall') };
}
