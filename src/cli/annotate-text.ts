/** @file The summary of an annotation run in words. */

import { count, plural } from '../support/words.ts';
import type { AnnotateSummary } from '../tasks/annotate/summary.ts';
import type { MethodSummary } from '../tasks/map/scores.ts';
import { percent, rejectionLines } from './label-text.ts';
import { clock } from './terminal.ts';

/** What was done and how the methods compare, in a few lines. */
export function annotateText(summary: AnnotateSummary): string {
  const { cells, label, classes, unassigned, sureOfParent, reference, model, seconds, output, annotator } =
    summary;
  const { methods, heldOut, baselinesMissing, rejection } = summary;
  const labelled = classes.filter((each) => each.cells > 0).sort((a, b) => b.cells - a.cells);
  const withTruth = methods.some(({ scores }) => scores !== null);
  return [
    ...(reference === null ? [] : [fitLine(summary)]),
    `${plural(cells, 'cell')} labelled in ${clock(seconds.labelling)} with ${plural(classes.length, 'class', 'classes')} of ${label}${model.trained ? '' : ' (random weights)'}, ${count(unassigned)} unassigned (${percent(unassigned / cells)})`,
    ...(sureOfParent === null
      ? []
      : [`  of the unassigned, ${count(sureOfParent.cells)} are sure of their ${sureOfParent.label}`]),
    `  ${labelled.map((each) => `${each.name} ${count(each.cells)}`).join(', ')}`,
    ...(heldOut.length === 0
      ? []
      : [`on ${plural(reference?.heldOutCells ?? 0, 'held-out reference cell')}:`]),
    ...rows(heldOut, ({ accuracy, macroF1, calibrationError }) =>
      [
        `accuracy ${accuracy.toFixed(3)}`,
        `macro F1 ${macroF1.toFixed(3)}`,
        `calibration error ${calibrationError.toFixed(3)}`,
      ].join('  '),
    ),
    ...(methods.length < 2 && !withTruth
      ? []
      : [withTruth ? 'on the query, against its true labels:' : 'on the query:']),
    ...rows(methods.slice(withTruth ? 0 : 1), methodText),
    ...rejectionLines(rejection),
    ...(baselinesMissing === null ? [] : [`no baselines: ${baselinesMissing}`]),
    `wrote ${output}`,
    ...(annotator === null ? [] : [`wrote ${annotator}: an annotator for other queries`]),
    ...(summary.report === null ? [] : [`wrote ${summary.report}: open it in a browser`]),
    ...(summary.figures === null ? [] : [`wrote figures to ${summary.figures}`]),
  ].join('\n');
}

function fitLine({ reference, training, model, seconds }: AnnotateSummary): string {
  if (reference === null || training === null) return '';
  return `${model.name} fine-tuned on ${plural(reference.trainingCells, 'reference cell')} in ${clock(seconds.fitting)}: ${plural(training.epochs, 'epoch')}, lowest loss ${training.loss.toPrecision(3)} on ${plural(reference.heldOutCells, 'held-out cell')}`;
}

function methodText({ scores, agreement }: MethodSummary): string {
  if (scores === null) return `agrees on ${percent(agreement)} of cells`;
  const unseen = scores.unseenAuroc === null ? '' : `  unseen AUROC ${scores.unseenAuroc.toFixed(3)}`;
  return `accuracy ${scores.accuracy.toFixed(3)}  macro F1 ${scores.macroF1.toFixed(3)}${unseen}`;
}

function rows<Row extends { readonly name: string }>(
  table: readonly Row[],
  text: (row: Row) => string,
): string[] {
  const width = Math.max(0, ...table.map(({ name }) => name.length));
  return table.map((row) => `  ${row.name.padEnd(width)}  ${text(row)}`);
}
