/** @file The summary of a mapping run in words. */

import { count, plural } from '../support/words.ts';
import type { MappedColumn, MapSummary } from '../tasks/map/files.ts';
import type { MethodSummary } from '../tasks/map/scores.ts';
import { percent, rejectionLines } from './label-text.ts';

/** What was done and how the methods compare, in a few lines. */
export function mapText(summary: MapSummary): string {
  const { cells, reference, model, genes, settings, labels, seconds } = summary;
  const { output, savedReference, cellsWithoutGenes, baselinesMissing } = summary;
  const embedded = reference.embedded ? ', already embedded' : '';
  const working = seconds.reference + seconds.query + seconds.search;
  return [
    `${plural(cells, 'cell')} mapped onto ${plural(reference.cells, 'reference cell')}${embedded} in ${working.toFixed(1)} s with ${model.name}${model.trained ? '' : ' (random weights)'}, ${settings.search} search`,
    `${count(genes.shared)} genes of the model are in both (reference ${count(genes.reference)}, query ${count(genes.query)})`,
    ...(cellsWithoutGenes > 0
      ? [`${plural(cellsWithoutGenes, 'cell')} without a known gene are unassigned`]
      : []),
    ...labels.flatMap((column) => columnLines(column, cells)),
    ...(baselinesMissing === null ? [] : [`no baselines: ${baselinesMissing}`]),
    `wrote ${output}`,
    ...(savedReference === null ? [] : [`wrote ${savedReference}: a reference for other queries`]),
    ...(summary.report === null ? [] : [`wrote ${summary.report}: open it in a browser`]),
    ...(summary.figures === null ? [] : [`wrote figures to ${summary.figures}`]),
  ].join('\n');
}

function columnLines(column: MappedColumn, cells: number): string[] {
  const { label, classes, unassigned, heldOutAccuracy, methods, rejection } = column;
  const heldOut =
    heldOutAccuracy === null ? '' : `; ${percent(heldOutAccuracy)} of held-out reference cells are right`;
  return [
    `${label}: ${plural(classes, 'class', 'classes')}, ${plural(unassigned, 'cell')} unassigned (${percent(unassigned / cells)})${heldOut}`,
    ...table(methods),
    ...rejectionLines(rejection),
  ];
}

/** Methods below one another: scores where there are true labels, else how often they agree with the model. */
function table(methods: readonly MethodSummary[]): string[] {
  const width = Math.max(...methods.map(({ name }) => name.length));
  return methods.flatMap(({ name, scores, agreement }, i) => {
    const start = `  ${name.padEnd(width)}`;
    if (scores !== null) {
      const { accuracy, macroF1 } = scores;
      const of = i === 0 ? ` on ${plural(scores.cells, 'labelled cell')}, nothing rejected` : '';
      return [`${start}  accuracy ${accuracy.toFixed(3)}  macro F1 ${macroF1.toFixed(3)}${of}`];
    }
    return i === 0 ? [] : [`${start}  agrees on ${percent(agreement)} of cells`];
  });
}
