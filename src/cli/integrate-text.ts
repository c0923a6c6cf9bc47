/** @file The summary of an integration in words. */

import { plural } from '../support/words.ts';
import type { IntegrateSummary } from '../tasks/integrate/files.ts';
import { keptEpochText } from '../tasks/integrate/kept-epoch.ts';
import { integrationNames } from '../tasks/integrate/results.ts';
import { scoreTableLegend, scoreTableText } from './score-table-text.ts';

/** What was done, how it compares, and how to go on. */
export function integrateText(summary: IntegrateSummary): string {
  const { cells, batches, clusters, model, training, scores, seconds } = summary;
  const { output, report, figures, savedModel, cellsWithoutGenes, corrected } = summary;
  const total = seconds.preparing + seconds.training + seconds.neighbours;
  const lines = [
    `${plural(cells, 'cell')} of ${plural(batches.length, 'batch', 'batches')} integrated in ${total.toFixed(0)} s with ${model.name}${model.trained ? '' : ' (random weights)'}: ${plural(clusters, 'cluster')}`,
  ];
  if (cellsWithoutGenes > 0)
    lines.push(`${plural(cellsWithoutGenes, 'cell')} without a gene that is read have NaN`);
  if (training !== null) lines.push(keptEpochText(training));
  if (scores !== null) {
    const of = scores.cells === cells ? '' : ` on ${plural(scores.cells, 'cell')}`;
    lines.push(
      '',
      `Scores${of}, beside plain methods${scores.label === null ? '; without labels, mixing and structure alone' : ''}:`,
      scoreTableText(scores.table),
      scoreTableLegend(scores.table),
      ...(scores.label === null ? [] : [`Labels (obs/${scores.label}) were used for scoring only.`]),
      '',
    );
  }
  if (corrected !== null) lines.push(...correctedLines(corrected));
  lines.push(`wrote ${output}`);
  if (savedModel !== null) lines.push(`wrote the fine-tuned model to ${savedModel}`);
  if (report !== null) lines.push(`wrote ${report}: open it in a browser`);
  if (figures !== null) lines.push(`wrote figures to ${figures}`);
  lines.push(
    `in scanpy: sc.tl.leiden(adata, neighbors_key='${integrationNames.neighbours}'), or sc.pp.neighbors(adata, use_rep='${integrationNames.integrated}')`,
  );
  return lines.join('\n');
}

function correctedLines(corrected: NonNullable<IntegrateSummary['corrected']>): string[] {
  const { layer, by, genes, cellsUnchanged, table, kinds, cells } = corrected;
  const how = by === 'neighbours' ? 'by neighbours in all batches' : 'decoded by the model';
  return [
    '',
    `Corrected expression of ${plural(genes, 'gene')}, ${how}; scores on ${plural(cells, 'cell')}, kinds of cells are ${kinds}:`,
    scoreTableText(table),
    scoreTableLegend(table),
    `in scanpy: adata[:, adata.uns['${integrationNames.record}']['corrected']['genes']].layers['${layer}']; other genes have no values there`,
    ...(cellsUnchanged === 0
      ? []
      : [`${plural(cellsUnchanged, 'cell')} alone in a batch: values as they were`]),
    '',
  ];
}
