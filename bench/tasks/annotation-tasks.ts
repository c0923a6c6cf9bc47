/** @file The splits into reference and query of `benchmarks/annotation.md`. */

import type { DataFrame } from '../../src/single-cell/data-frame.ts';

/** One side of a task. */
export interface Side {
  readonly file: string;
  /** The type of every cell of the file; null for none. */
  labels(obs: DataFrame): (string | null)[];
  /** Which cells of the file take part in a fold. */
  chosen(obs: DataFrame, fold: number): boolean[];
}

/** A reference whose labels are to be found again in a query. */
export interface AnnotationTask {
  readonly name: string;
  readonly folds: number;
  readonly reference: Side;
  readonly query: Side;
  /** Broader types, which predictions are scored by too; default none. */
  readonly broad?: (type: string) => string;
}

/** A task whose reference lacks a type that the query has. */
export interface UnseenTask {
  /** Such as `symphony_5p~B`. */
  readonly name: string;
  /** Its first fold is used. */
  readonly task: AnnotationTask;
  readonly removed: string;
}

type Choice = (value: string | null, fold: number) => boolean;

/** A side of cells chosen by a column of obs. */
function side(file: string, label: string, column: string, choice: Choice): Side {
  return {
    file,
    labels: (obs) => obs.strings(label),
    chosen: (obs, fold) => obs.strings(column).map((value) => choice(value, fold)),
  };
}

/** Both sides in one file: cells of the reference by a column, all others query. */
function within(
  name: string,
  file: string,
  label: string,
  column: string,
  isReference: Choice,
): AnnotationTask {
  return {
    name,
    folds: 1,
    reference: side(file, label, column, isReference),
    query: side(file, label, column, (value, fold) => !isReference(value, fold)),
  };
}

/** Types of pbmc3k in the words of `symphony_pbmc_3tech`. */
const broadTypes: Readonly<Record<string, string>> = {
  'Naive CD4 T': 'T',
  'Memory CD4 T': 'T',
  'CD8 T': 'T',
  'CD14+ Mono': 'Mono',
  'FCGR3A+ Mono': 'Mono',
  B: 'B',
  NK: 'NK',
  DC: 'DC',
  Platelet: 'MK',
};
const midTypes: Readonly<Record<string, string>> = {
  ...broadTypes,
  'Naive CD4 T': 'T_CD4',
  'Memory CD4 T': 'T_CD4',
  'CD8 T': 'T_CD8',
  'CD14+ Mono': 'Mono_CD14',
  'FCGR3A+ Mono': 'Mono_CD16',
};

function acrossTechnologies(
  name: string,
  types: Readonly<Record<string, string>>,
  label: string,
): AnnotationTask {
  const reference = side('pbmc3k', 'cell_type', 'cell_type', (type) => type !== null && type in types);
  return {
    name,
    folds: 1,
    reference: {
      ...reference,
      labels: (obs) => obs.strings('cell_type').map((type) => (type === null ? null : (types[type] ?? null))),
    },
    query: side('symphony_pbmc_3tech', label, label, () => true),
  };
}

/** Number of each cell among the cells of its type before it. */
function placeInType(types: readonly (string | null)[]): number[] {
  const seen = new Map<string | null, number>();
  return types.map((type) => {
    const place = seen.get(type) ?? 0;
    seen.set(type, place + 1);
    return place;
  });
}

const zhengFolds = 5;
function zhengSide(inReference: boolean): Side {
  return {
    file: 'zheng_pbmc_facs',
    labels: (obs) => obs.strings('cell_type'),
    chosen: (obs, fold) =>
      placeInType(obs.strings('cell_type')).map((place) => (place % zhengFolds !== fold) === inReference),
  };
}

/** Sorted populations that are no T cells, in broad words. */
const zhengBroad: Readonly<Record<string, string>> = {
  'CD19+ B': 'B cell',
  'CD34+': 'CD34+ progenitor',
  'CD56+ NK': 'NK cell',
  'CD14+ Monocyte': 'CD14+ monocyte',
};

export const annotationTasks: readonly AnnotationTask[] = [
  within('kang_donor', 'kang_ctrl_8donors', 'cell_type', 'donor', (donor) => donor !== 'd1256'),
  acrossTechnologies('pbmc3k_symphony_broad', broadTypes, 'cell_type_broad'),
  acrossTechnologies('pbmc3k_symphony_mid', midTypes, 'cell_type'),
  within('symphony_5p', 'symphony_pbmc_3tech', 'cell_type', 'batch', (batch) => batch !== '5p'),
  within('kang_ifnb', 'kang_ifnb_labelled', 'cell_type_coarse', 'condition', (value) => value === 'ctrl'),
  within(
    'pancreas_indrop',
    'pancreas_5tech',
    'cell_type',
    'batch',
    (batch) => batch?.startsWith('indrop') === true,
  ),
  {
    name: 'zheng_5fold',
    folds: zhengFolds,
    reference: zhengSide(true),
    query: zhengSide(false),
    broad: (type) => zhengBroad[type] ?? 'T cell',
  },
];

export const unseenTasks: readonly UnseenTask[] = (
  [
    ['symphony_5p', 'B'],
    ['pbmc3k_symphony_broad', 'B'],
    ['pbmc3k_symphony_broad', 'NK'],
    ['kang_ifnb', 'B cells'],
    ['pancreas_indrop', 'ductal'],
    ['kang_donor', 'B cells'],
    ['kang_donor', 'NK cells'],
    ['zheng_5fold', 'CD19+ B'],
    ['zheng_5fold', 'CD56+ NK'],
  ] as const
).flatMap(([name, removed]) => {
  const task = annotationTasks.find((other) => other.name === name);
  return task === undefined ? [] : [{ name: `${name}~${removed}`, task, removed }];
});
