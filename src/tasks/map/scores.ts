/** @file What mapped labels are worth: scores against true labels where there are some, agreement of methods where not. */

import type { Grouping } from '../../analysis/groups.ts';
import { type ClassificationScores, classificationScores } from '../../analysis/metrics/classification.ts';
import { rejectionScores } from '../../analysis/metrics/rejection.ts';

/** A method's labels of the query. */
export interface MethodLabels {
  readonly classes: readonly string[];
  /** Index into `classes`, -1 for none. */
  readonly codes: Int32Array; // [query cells]
  /** The higher, the surer, in the method's unit; NaN where there is no label. */
  readonly confidence: Float32Array; // [query cells]
}

/** Scores of a method against true labels. */
export interface TruthScores {
  /** Cells that are scored: those whose true class the reference has. */
  readonly cells: number;
  /** Nothing rejected; cells without a label count as wrong. */
  readonly accuracy: number;
  readonly macroF1: number;
  readonly weightedF1: number;
  /** Classes in truth or predictions; what has no label is `none`. */
  readonly classes: readonly string[];
  readonly byClass: ClassificationScores['classes'];
  readonly confusion: Int32Array; // [classes, classes], rows are true
  /** Whether confidence tells unseen types from those of the reference; NaN when the query has no unseen type. */
  readonly unseenAuroc: number;
}

/** True labels beside a reference's classes. */
export interface Truth {
  readonly column: string;
  readonly labels: Grouping;
  /** Cells whose true class the reference has. */
  readonly known: Int32Array;
  /** Cells whose true class the reference lacks. */
  readonly unseen: Int32Array;
}

/** Sorts the query's cells by whether the reference could know their class. */
export function truthOf(labels: Grouping, classes: readonly string[]): Truth {
  const known: number[] = [];
  const unseen: number[] = [];
  const inReference = labels.groups.map((group) => classes.includes(group));
  labels.codes.forEach((code, cell) => {
    if (code >= 0) (inReference[code] ? known : unseen).push(cell);
  });
  return { column: labels.name, labels, known: Int32Array.from(known), unseen: Int32Array.from(unseen) };
}

/** What a cell without a label is counted as. */
export const noLabel = 'none';

/** Scores a method's labels, whether withheld or not. Null when no cell's true class is in the reference. */
export function truthScores({ labels, known, unseen }: Truth, method: MethodLabels): TruthScores | null {
  if (known.length === 0) return null;
  const names = [...method.classes, noLabel];
  const truth = known.map((cell) => names.indexOf(labels.groups[labels.codes[cell]]));
  const given = known.map((cell) => (method.codes[cell] < 0 ? names.length - 1 : method.codes[cell]));
  const used = [...names.keys()].filter((code) => truth.includes(code) || given.includes(code));
  const place = (code: number) => used.indexOf(code);
  const scores = classificationScores(truth.map(place), given.map(place), used.length);
  const cells = Int32Array.from([...known, ...unseen]).filter(
    (cell) => !Number.isNaN(method.confidence[cell]),
  );
  const isUnseen = new Set(unseen);
  const { unseenAuroc } =
    unseen.length === 0
      ? { unseenAuroc: Number.NaN }
      : rejectionScores(
          Float32Array.from(cells, (cell) => method.confidence[cell]),
          new Uint8Array(cells.length),
          Uint8Array.from(cells, (cell) => (isUnseen.has(cell) ? 1 : 0)),
        );
  return {
    cells: known.length,
    accuracy: scores.accuracy,
    macroF1: scores.macro.f1,
    weightedF1: scores.weighted.f1,
    classes: used.map((code) => names[code]),
    byClass: scores.classes,
    confusion: scores.confusion,
    unseenAuroc,
  };
}

/** What rejection does to scored cells. */
export interface RejectionOutcome {
  /** Share of right labels that are kept. */
  readonly keptRight: number;
  /** Share of wrong labels that are withheld; NaN when none is wrong. */
  readonly rejectedWrong: number;
  /** Share of cells of unseen types that are withheld; NaN when there are none. */
  readonly rejectedUnseen: number;
}

/** Compares what was withheld with what should have been. */
export function rejectionOutcome(
  { labels, known, unseen }: Truth,
  { classes, codes }: MethodLabels,
  unassigned: Uint8Array,
): RejectionOutcome {
  const right = (cell: number) => classes[codes[cell]] === labels.groups[labels.codes[cell]];
  const share = (cells: Int32Array, withheld: number) =>
    cells.filter((cell) => unassigned[cell] === withheld).length / cells.length;
  return {
    keptRight: share(known.filter(right), 0),
    rejectedWrong: share(
      known.filter((cell) => !right(cell)),
      1,
    ),
    rejectedUnseen: share(unseen, 1),
  };
}

/** Share of cells that two methods give one label, of those that both label; NaN when there are none. */
export function agreement(a: MethodLabels, b: MethodLabels): number {
  let both = 0;
  let equal = 0;
  a.codes.forEach((code, cell) => {
    if (code < 0 || b.codes[cell] < 0) return;
    both++;
    if (a.classes[code] === b.classes[b.codes[cell]]) equal++;
  });
  return equal / both;
}

/** One method's labels, scored or compared, as summaries tell it. */
export interface MethodSummary {
  readonly name: string;
  /** Against true labels, nothing rejected; null without them. */
  readonly scores: MethodScores | null;
  /** Share of query cells with the label of the run's own method. */
  readonly agreement: number;
}

/** A method's scores on cells whose labels are known. */
export interface MethodScores {
  readonly cells: number;
  readonly accuracy: number;
  readonly macroF1: number;
  readonly weightedF1: number;
  /** Whether cells of types that the reference lacks are told from others; null when there are none. */
  readonly unseenAuroc: number | null;
}

/** @param methods the run's own first */
export function methodSummaries(
  methods: readonly (MethodLabels & { readonly name: string })[],
  truth: Truth | null,
): MethodSummary[] {
  return methods.map((method) => {
    const scores = truth === null ? null : truthScores(truth, method);
    return {
      name: method.name,
      scores: scores && {
        cells: scores.cells,
        accuracy: scores.accuracy,
        macroF1: scores.macroF1,
        weightedF1: scores.weightedF1,
        unseenAuroc: Number.isFinite(scores.unseenAuroc) ? scores.unseenAuroc : null,
      },
      agreement: agreement(methods[0], method),
    };
  });
}
