/** @file The summary of joined modalities in words. */

import { plural } from '../support/words.ts';
import type { MultiomeSummary } from '../tasks/multiome/files.ts';
import { multiomeNames } from '../tasks/multiome/results.ts';
import { scoreTableLegend, scoreTableText } from './score-table-text.ts';

/** What was done, how it compares, and how to go on. */
export function multiomeText(summary: MultiomeSummary): string {
  const { cells, cellsWithBoth, clusters, model, seconds, sentences, scores, imputation, rnaImputation } =
    summary;
  const { output, report, figures, savedModel, newTokens } = summary;
  const total = seconds.preparing + seconds.training + seconds.neighbours;
  const lines = [
    `${plural(cells, 'cell')}, ${cellsWithBoth} with both modalities, joined in ${total.toFixed(0)} s with ${model.name}${model.trained ? '' : ' (random weights)'}, ${plural(newTokens, 'new token')}: ${plural(clusters, 'cluster')}`,
    ...sentences,
    '',
  ];
  if (scores.labelled !== null) {
    lines.push(
      `Scores by obs/${scores.label ?? ''}, which was used for scoring only:`,
      scoreTableText(scores.labelled),
      scoreTableLegend(scores.labelled),
      '',
    );
  }
  lines.push(
    'How well neighbours agree in each modality, without labels:',
    scoreTableText(scores.agreement),
    '',
  );
  lines.push(
    ...predictionLines('the other modality from RNA', imputation),
    ...predictionLines('RNA from the other modality', rnaImputation),
  );
  lines.push(`wrote ${output}`);
  if (savedModel !== null) lines.push(`wrote the fine-tuned model to ${savedModel}`);
  if (report !== null) lines.push(`wrote ${report}: open it in a browser`);
  if (figures !== null) lines.push(`wrote figures to ${figures}`);
  lines.push(
    /\.h5mu$/i.test(output)
      ? `in muon: mu.tl.leiden(mdata, neighbors_key='${multiomeNames.neighbours}')`
      : `in scanpy: sc.tl.leiden(adata, neighbors_key='${multiomeNames.neighbours}')`,
  );
  return lines.join('\n');
}

function predictionLines(what: string, scores: MultiomeSummary['imputation']): string[] {
  if (scores === null) return [];
  return [
    `Prediction of ${what} on held-out cells (mean correlation, variance explained):`,
    ...scores.map(
      ({ method, correlation, explained }) =>
        `  ${correlation.toFixed(3)}  ${explained.toFixed(3)}  ${method}`,
    ),
    '',
  ];
}
