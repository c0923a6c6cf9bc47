/** @file What `scgpt evaluate` says: tables of scores, aligned, the best of each column marked. */

import { count, plural } from '../support/words.ts';
import type { EvaluateSummary } from '../tasks/evaluate/files.ts';
import { scoreTableLegend, scoreTableText } from './score-table-text.ts';

/** The scores in words and tables. */
export function evaluateText(summary: EvaluateSummary): string {
  const { cells, embeddings, predictions, output, report, figures } = summary;
  const of = (scored: number) =>
    scored === cells ? plural(cells, 'cell') : `${count(scored)} of ${plural(cells, 'cell')}`;
  const parts: string[] = [];
  if (embeddings !== null) {
    const { batch, label, unintegrated, sampledFrom } = embeddings;
    const drawn = sampledFrom === null ? '' : ' drawn by the seed';
    parts.push(
      [
        `Embeddings, ${of(embeddings.cells)}${drawn}: ${groupsText(label, batch)}`,
        scoreTableText(embeddings.table),
        scoreTableLegend(embeddings.table),
        ...(label === null ? [] : [`Labels (obs/${label}) were used for scoring only: no method saw them.`]),
        ...(unintegrated === null ? [] : [`Mixing is measured against ${unintegrated}.`]),
      ].join('\n'),
    );
  }
  if (predictions !== null) {
    parts.push(
      [
        `Predictions, ${of(predictions.cells)}: true types in obs/${predictions.truth}`,
        scoreTableText(predictions.table),
        scoreTableLegend(predictions.table),
      ].join('\n'),
    );
  }
  const written = [
    ...(output === null ? [] : [`wrote ${output}`]),
    ...(report === null ? [] : [`wrote ${report}: open it in a browser`]),
    ...(figures === null ? [] : [`wrote figures to ${figures}`]),
  ];
  if (written.length > 0) parts.push(written.join('\n'));
  return parts.join('\n\n');
}

function groupsText(label: string | null, batch: string | null): string {
  const types = label === null ? 'no labels' : `types in obs/${label}`;
  return `${types}, ${batch === null ? 'batches not scored' : `batches in obs/${batch}`}`;
}
