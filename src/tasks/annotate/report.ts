/** @file Gathers what the report on an annotation tells. */

import { basename } from 'node:path';
import { calibration } from '../../analysis/metrics/calibration.ts';
import type { LoadedModel } from '../../model/folder.ts';
import type { ReportColumn } from '../../report/columns.ts';
import type { CalibrationSection, Section, TableSection, TaskReport } from '../../report/task-report.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { marked } from '../../support/mask.ts';
import { count, plural } from '../../support/words.ts';
import {
  type LabelComparison,
  labelColumn,
  labelHighlights,
  labelledMap,
  methodsSection,
  truthSections,
  verdict,
} from '../label-report.ts';
import {
  curvesSection,
  environmentFacts,
  inputSection,
  modelFacts,
  type ReportContext,
} from '../report-parts.ts';
import type { AnnotationResult } from './annotate.ts';
import type { FittedAnnotator } from './fit.ts';
import { methodsOf } from './results.ts';
import { heldOutScores, sureOfParent } from './summary.ts';

/** The report as data. */
export async function annotateReport(
  query: AnnData,
  model: LoadedModel,
  result: AnnotationResult,
  options: ReportContext,
): Promise<TaskReport> {
  const { annotator, labels, fitted, truth, seconds } = result;
  const methods = methodsOf(result);
  const comparison: LabelComparison = {
    name: 'labels',
    label: annotator.label,
    methods,
    ours: annotator.head.name === 'stacked' ? 2 : 1,
    truth,
  };
  const sections: Section[] = [
    await labelledMap(
      { values: labels.embeddings, count: query.nObs, dimensions: labels.width },
      query.obs.index,
      columnsOf(result),
      { title: 'the fine-tuned cell embedding', control: options },
    ),
    methodsSection(comparison),
    ...truthSections(comparison),
    ...(fitted === null ? [] : heldOutSections(fitted)),
    ...(fitted === null
      ? []
      : [
          curvesSection(
            fitted.outcome.history,
            fitted.outcome.bestStep,
            'Mean losses of an epoch. The epoch that is kept has the lowest loss on held-out reference cells.',
          ),
        ]),
    inputSection(result.query, { name: 'query', title: 'The query and its genes' }),
    ...(fitted === null
      ? []
      : [inputSection(fitted.reference, { name: 'reference', title: 'The reference and its genes' })]),
  ];
  const unassigned = marked(labels.unassigned);
  const broader = sureOfParent(result);
  return {
    task: 'scGPT annotation',
    title: query.source === undefined ? 'cells' : basename(query.source),
    subtitle: `${plural(query.nObs, 'cell')}, ${plural(annotator.classes.length, 'class', 'classes')} of ${annotator.label}, model ${model.name}`,
    summary: [
      `${plural(query.nObs, 'cell')} labelled with ${plural(annotator.classes.length, 'class', 'classes')} of ${annotator.label}; ${count(unassigned)} are unassigned.`,
      ...(broader === null
        ? []
        : [`Of the unassigned, ${count(broader.cells)} are sure of their ${broader.label}.`]),
      `Labels are by ${methods[0].name}.`,
      ...(fitted === null
        ? ['The annotator was fitted before.']
        : [
            `It was fine-tuned on ${plural(fitted.trainingCells, 'reference cell')}; ${plural(fitted.heldOut.rows.length, 'held-out reference cell')} chose the epoch, the weights of model and experts, the calibration and the thresholds.`,
          ]),
      ...verdict(comparison),
    ],
    highlights: labelHighlights(comparison, labels.unassigned),
    warnings: options.warnings,
    sections,
    model: modelFacts(model),
    settings: [
      ...Object.entries(annotator.settings).map(([name, value]) => [name, String(value)] as const),
      [
        'Weights of model, linear and centroid expert',
        annotator.head.weights.map((weight) => weight.toPrecision(3)).join(', '),
      ],
      ['Lowest probability that is enough', annotator.head.threshold.toFixed(3)],
      ['Highest novelty that is allowed', annotator.head.noveltyThreshold.toFixed(2)],
    ],
    timings: [
      { stage: 'Fitting', seconds: seconds.fitting },
      { stage: 'Labelling', seconds: seconds.labelling },
      { stage: 'Plain methods', seconds: seconds.baselines },
    ],
    environment: environmentFacts(labels.device, options.threads),
    command: options.command,
  };
}

function columnsOf(result: AnnotationResult): ReportColumn[] {
  const { annotator, labels, truth } = result;
  const [own] = methodsOf(result);
  return [
    labelColumn(`${annotator.label}, predicted`, {
      ...own,
      codes: own.codes.map((code, cell) => (labels.unassigned[cell] === 1 ? -1 : code)),
    }),
    ...(truth === null ? [] : [{ kind: 'groups', ...truth.labels, name: `${truth.column}, true` } as const]),
    { kind: 'numbers', name: 'probability', values: labels.scores },
    { kind: 'numbers', name: 'novelty', values: labels.novelty },
  ];
}

/** What reference cells that nothing was fitted to say of the methods and of their probabilities. */
function heldOutSections(fitted: FittedAnnotator): Section[] {
  const scores = heldOutScores(fitted);
  if (scores.length === 0) return [];
  const { labels, methods } = fitted.heldOut;
  const classCount = fitted.annotator.classes.length;
  const table: TableSection = {
    kind: 'table',
    name: 'held-out',
    title: 'On held-out reference cells',
    note: `${plural(labels.length, 'cell')} of the reference that the model was not fine-tuned on. The weights of the experts were chosen on them, so the first row is a little flattered.`,
    columns: [
      { title: 'Method', unit: 'text' },
      { title: 'Macro F1', unit: 'score', bar: true },
      { title: 'Accuracy', unit: 'score', bar: true },
      { title: 'Calibration error', unit: 'score' },
    ],
    rows: scores.map(({ name, macroF1, accuracy, calibrationError }) => [
      name,
      macroF1,
      accuracy,
      calibrationError,
    ]),
  };
  const curves: CalibrationSection = {
    kind: 'calibration',
    name: 'calibration',
    title: 'Whether probabilities can be believed',
    note: 'How often held-out cells are labelled right by how sure the method is; on the diagonal both agree.',
    curves: methods.map(({ name, probabilities }) => {
      const { expectedError, bins } = calibration(labels, probabilities, classCount);
      return { name, error: expectedError, bins: bins.filter(({ cells }) => cells > 0) };
    }),
  };
  return [table, curves];
}
