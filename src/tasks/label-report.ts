/** @file Parts of the reports of tasks that label cells: methods beside each other, confusions, classes, maps. */

import { neighbourhoodOf } from '../analysis/neighbourhood.ts';
import type { Points } from '../analysis/points.ts';
import { umap } from '../analysis/umap.ts';
import type { ReportColumn } from '../report/columns.ts';
import { score } from '../report/numbers.ts';
import type {
  ConfusionSection,
  Highlight,
  MapsSection,
  ScoresSection,
  Section,
  TableSection,
} from '../report/task-report.ts';
import { marked } from '../support/mask.ts';
import type { RunControl } from '../support/progress.ts';
import { plural } from '../support/words.ts';
import { agreement, type MethodLabels, type Truth, type TruthScores, truthScores } from './map/scores.ts';

/** A method's labels and its name. */
export type NamedLabels = MethodLabels & { readonly name: string };

/** What there is to compare labels with. */
export interface LabelComparison {
  /** Names the sections' files. */
  readonly name: string;
  readonly label: string;
  /** The run's own first. */
  readonly methods: readonly NamedLabels[];
  /** How many of them are the model's. */
  readonly ours: number;
  readonly truth: Truth | null;
}

/** Methods beside each other: scored where there are true labels, else by how often they agree with the first. */
export function methodsSection({ name, label, methods, ours, truth }: LabelComparison): Section {
  const scored = truth === null ? null : methods.map((method) => truthScores(truth, method));
  if (truth === null || scored === null || scored.some((found) => found === null)) {
    return {
      kind: 'table',
      name: `${name}-methods`,
      title: `Methods beside each other: ${label}`,
      note: 'Without true labels nobody can say which is right. Cells on which methods disagree deserve a look.',
      columns: [
        { title: 'Method', unit: 'text' },
        { title: `Agrees with ${methods[0].name}`, unit: 'share', bar: true },
      ],
      rows: methods.slice(1).map((method) => [method.name, agreement(methods[0], method)]),
    };
  }
  const known = scored as readonly TruthScores[];
  const section: ScoresSection = {
    kind: 'scores',
    name: `${name}-methods`,
    title: `Methods beside each other: ${label}`,
    note: `Labels of the query beside the true ones (obs/${truth.column}), on the ${plural(known[0].cells, 'cell')} whose type the reference has; nothing rejected. True labels were used for scoring only.`,
    metrics: [
      {
        key: 'macro_f1',
        title: 'macro F1',
        hint: 'F1 of each type, averaged: rare types count as much as frequent ones',
      },
      { key: 'accuracy', title: 'accuracy', hint: 'share of right labels' },
      { key: 'weighted_f1', title: 'weighted F1', hint: 'F1 weighted by the size of types' },
      {
        key: 'unseen_auroc',
        title: 'unseen AUROC',
        hint: 'how well confidence tells types that the reference lacks; 0.5 is chance',
      },
    ],
    methods: methods.map((method, i) => ({
      name: method.name,
      ours: i < ours,
      scores: [known[i].macroF1, known[i].accuracy, known[i].weightedF1, known[i].unseenAuroc],
    })),
  };
  return section;
}

/** Confusions and types of the first method; nothing without true labels. */
export function truthSections({ name, label, methods, truth }: LabelComparison): Section[] {
  const found = truth === null ? null : truthScores(truth, methods[0]);
  if (found === null || truth === null) return [];
  const confusion: ConfusionSection = {
    kind: 'confusion',
    name: `${name}-confusion`,
    title: `Confusions: ${label}`,
    note: 'Colours are shares of a true type.',
    rowTitle: `obs/${truth.column}`,
    columnTitle: methods[0].name,
    rows: found.classes,
    columns: found.classes,
    counts: found.confusion,
  };
  const types: TableSection = {
    kind: 'table',
    name: `${name}-types`,
    title: `Each type: ${label}`,
    columns: [
      { title: 'Type', unit: 'text' },
      { title: 'Cells', unit: 'count', bar: true },
      { title: 'Precision', unit: 'score', bar: true },
      { title: 'Recall', unit: 'score', bar: true },
      { title: 'F1', unit: 'score', bar: true },
    ],
    rows: found.classes.map((type, code) => {
      const { support, precision, recall, f1 } = found.byClass[code];
      return [type, support, precision, recall, f1];
    }),
  };
  return [confusion, types];
}

/** The numbers to show large: scores where there are true labels. */
export function labelHighlights(
  { methods, truth }: LabelComparison,
  unassigned: Uint8Array,
): readonly Highlight[] {
  const found = truth === null ? null : truthScores(truth, methods[0]);
  const withheld = marked(unassigned) / unassigned.length;
  const share = { value: `${(100 * withheld).toFixed(1)} %`, label: 'unassigned', share: withheld };
  if (found === null) return [share];
  return [
    { value: score(found.macroF1), label: 'macro F1', share: found.macroF1 },
    { value: score(found.accuracy), label: 'accuracy', share: found.accuracy },
    share,
  ];
}

/** Whether plain methods did as well, in a sentence; nothing without true labels. */
export function verdict({ methods, ours, truth }: LabelComparison): string[] {
  if (truth === null) return [];
  const scored = methods.map((method) => truthScores(truth, method)?.macroF1 ?? Number.NaN);
  const plain = scored.slice(ours);
  const best = Math.max(...plain);
  if (!Number.isFinite(best) || !Number.isFinite(scored[0])) return [];
  const name = methods[ours + plain.indexOf(best)].name;
  return [
    scored[0] >= best
      ? `By macro F1 it is at or above every plain method here; the best of them is ${name}, ${score(best)}.`
      : `By macro F1 ${name} did better on these cells: ${score(best)} beside ${score(scored[0])}.`,
  ];
}

/** A map of the query, coloured by what it was labelled and how surely. */
export async function labelledMap(
  points: Points,
  cells: readonly string[],
  columns: readonly ReportColumn[],
  { title, control }: { readonly title: string; readonly control: RunControl },
): Promise<MapsSection> {
  const neighbourhood = await neighbourhoodOf(points, undefined, control);
  return {
    kind: 'maps',
    name: 'cells',
    title: 'Map of the query',
    note: 'UMAP puts cells with similar embeddings near each other. Distances between groups, their sizes and the axes mean nothing.',
    cells,
    maps: [
      {
        title,
        caption: `UMAP of ${title}, 15 neighbours`,
        layout: await umap(neighbourhood, points.count, control),
      },
    ],
    columns,
    colorBy: columns.slice(0, 3).map(({ name }) => name),
  };
}

/** A label column for maps; cells without one are `unassigned`. */
export function labelColumn(name: string, { classes, codes }: MethodLabels): ReportColumn {
  return {
    kind: 'groups',
    name,
    groups: [...classes, 'unassigned'],
    codes: codes.map((code) => (code < 0 ? classes.length : code)),
  };
}
