/** @file The report of generated cells: how they compare with held-out ones, kind by kind, and their marker genes. */

import type { LoadedModel } from '../../model/folder.ts';
import type { Section, TaskReport } from '../../report/task-report.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { plural } from '../../support/words.ts';
import type { PreparedCells } from '../prepare.ts';
import {
  curvesSection,
  environmentFacts,
  inputSection,
  markersSection,
  modelFacts,
  type ReportContext,
} from '../report-parts.ts';
import type { GenerateCellsOptions, GeneratedCells } from './cells-files.ts';
import { sourceName } from './impute-files.ts';
import type { Verdict } from './verdict.ts';

/** Scores as they are shown. */
const metrics = [
  ['profile', 'profile', 'correlation of what sets kinds apart', false],
  ['distance', 'distance', 'to held-out cells; 0 the same, 1 as far as any cells', true],
  ['toldApart', 'told apart', 'share of nearest cells of the same origin; 0.5 is best', true],
  ['recognised', 'recognised', 'by the training cells nearest to them', false],
] as const;

/** The report as data. */
export async function cellsReport(
  done: GeneratedCells,
  verdict: Verdict,
  run: {
    readonly data: AnnData;
    readonly prepared: PreparedCells;
    readonly model: LoadedModel;
    readonly device: string;
  },
  context: ReportContext & GenerateCellsOptions,
): Promise<TaskReport> {
  const { warnings, threads, command, seed = 0, cells = 100, train = true } = context;
  const { made, kinds, methods, history } = done;
  const markers = await markersSection(made.expression.loggedMatrix(), made.kinds, done.genes, context);
  const scores: Section = {
    kind: 'scores',
    name: 'held-out',
    title: 'Generated beside held-out cells',
    note: `${plural(done.heldOut, 'cell')} were held out of everything that learns. Scores are means over labels with at least 5 of them. Profiles are compared as they differ from the mean of labels: a method that generates the same of every label scores 0.`,
    sortBy: 'profile',
    metrics: metrics.map(([key, title, hint, low]) => ({
      key,
      title,
      hint,
      lowerIsBetter: low,
      range: key === 'distance' ? null : undefined,
    })),
    methods: methods.map(({ id, name, about, scores: { mean } }) => ({
      name,
      ours: id === 'scgpt',
      note: about,
      scores: metrics.map(([key]) => mean[key]),
    })),
  };
  const perKind: Section = {
    kind: 'table',
    name: 'labels',
    title: 'By label',
    note: 'What the model generates of each label. Labels with too few held-out cells have no scores.',
    columns: [
      { title: kinds.name, unit: 'text' },
      { title: 'cells learnt from', unit: 'count' },
      ...metrics.map(([, title]) => ({ title, unit: 'score' as const, bar: title !== 'distance' })),
    ],
    rows: kinds.groups.map((label, kind) => [
      label,
      kinds.codes.filter((code) => code === kind).length,
      ...metrics.map(([key]) => methods[0].scores.kinds[kind][key]),
    ]),
  };
  const training =
    history.length === 0
      ? []
      : [curvesSection(history, done.bestStep, 'Losses of generative fine-tuning, by epoch.')];
  return {
    task: 'scGPT cell generation',
    title: sourceName(run.data.source),
    subtitle: `${plural(made.expression.cells, 'new cell')} of ${plural(kinds.groups.length, 'label')}, ${plural(done.genes.length, 'gene')}, model ${run.model.name}`,
    summary: [
      `${plural(cells, 'new cell')} of each of ${plural(kinds.groups.length, 'label')} generated.`,
      ...verdict.sentences,
    ],
    warnings,
    sections: [
      scores,
      perKind,
      ...(markers === null
        ? []
        : [
            {
              ...markers,
              title: 'Marker genes of generated cells',
              note: 'Genes that tell the generated cells of a label from the others, by the rank-sum test: they are to be the markers that are known of it.',
            },
          ]),
      ...training,
      inputSection(run.prepared),
    ],
    model: modelFacts(run.model),
    settings: [
      ['Seed', String(seed)],
      ['Label column', kinds.name],
      ['Cells of each label', String(cells)],
      ['Model', train && run.model.trained ? 'fine-tuned on the training cells' : 'as it is'],
    ],
    environment: environmentFacts(run.device, threads),
    command,
  };
}
