/** @file The summary of joined modalities in words. */

import { plural } from '../support/words.ts';
import type { MultiomeSummary } from '../tasks/multiome/files.ts';
import { multiomeNames } from '../tasks/multiome/results.ts';
import { scoreTableLegend, scoreTableText } from './score-table-text.ts';

/** What was done, how it compares, and how to go on. */
export function multiomeText(summary: MultiomeSummary): string {
  const { cells, cellsWithBoth, clusters, model, seconds, sentences, scores, imputation } = summary;
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
  if (imputation !== null) {
    lines.push(
      'Prediction of the other modality from RNA on held-out cells (mean correlation, variance explained):',
      ...imputation.map(
        ({ method, correlation, explained }) =>
          `  ${correlation.toFixed(3)}  ${explained.toFixed(3)}  ${method}`,
      ),
      '',
    );
  }
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
