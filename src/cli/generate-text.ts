/** @file The summaries of generation commands in words. */

import { plural } from '../support/words.ts';
import type { GenerateCellsSummary } from '../tasks/generate/cells-files.ts';
import type { GenerateSummary } from '../tasks/generate/generate-files.ts';
import type { ImputeSummary } from '../tasks/generate/impute-files.ts';

/** What was filled and what it is worth. */
export function imputeText(summary: ImputeSummary): string {
  const { output, report, figures, layer, cells, genes, filled, completed, methods, verdict, epochs, model } =
    summary;
  const how = epochs === 0 ? 'as it is' : `fine-tuned, ${plural(epochs, 'epoch')}`;
  const lines = [
    completed
      ? `${plural(genes, 'missing gene')} told for ${plural(cells, 'cell')} with ${model.name}, ${how}`
      : `${plural(filled, 'zero')} filled in ${plural(cells, 'cell')} and ${plural(genes, 'gene')} with ${model.name}, ${how}`,
    '',
    ...scoreLines(methods),
    '',
    ...verdict.sentences,
    `wrote ${output}: layers/${layer}`,
  ];
  if (report !== null) lines.push(`wrote ${report}: open it in a browser`);
  if (figures !== null) lines.push(`wrote figures to ${figures}`);
  return lines.join('\n');
}

/** New cells and what they are worth. */
export function generateCellsText(summary: GenerateCellsSummary): string {
  const { output, report, figures, layer, labels, cells, genes, heldOut, methods, verdict, epochs, model } =
    summary;
  const how = epochs === 0 ? 'as it is' : `fine-tuned, ${plural(epochs, 'epoch')}`;
  const width = Math.max(...methods.map(({ name }) => name.length));
  const lines = [
    `${plural(cells, 'new cell')} of ${plural(labels.length, 'label')} and ${plural(genes, 'gene')} with ${model.name}, ${how}`,
    '',
    `  ${`${plural(heldOut, 'held-out cell')}`.padEnd(width)}   profile distance told apart recognised`,
    ...methods.map(
      ({ name, scores: { mean } }) =>
        `  ${name.padEnd(width)}${mean.profile.toFixed(3).padStart(10)}${mean.distance.toFixed(3).padStart(9)}${mean.toldApart.toFixed(3).padStart(11)}${mean.recognised.toFixed(3).padStart(11)}`,
    ),
    '',
    ...verdict.sentences,
    `wrote ${output}: counts in X, layers/${layer}`,
  ];
  if (report !== null) lines.push(`wrote ${report}: open it in a browser`);
  if (figures !== null) lines.push(`wrote figures to ${figures}`);
  return lines.join('\n');
}

/** What was generated and what it is worth. */
export function generateText(summary: GenerateSummary): string {
  const { output, report, figures, layer, from, profiles, genes, given, epochs, model, methods, verdict } =
    summary;
  const how = epochs === 0 ? 'as it is' : `fine-tuned, ${plural(epochs, 'epoch')}`;
  const source = from === 'genes' ? plural(given, 'given gene') : 'cell embeddings';
  return [
    `${plural(genes, 'gene')} of ${plural(profiles, 'profile')} generated from ${source} with ${model.name}, ${how}`,
    '',
    ...scoreLines(methods),
    '',
    ...verdict.sentences,
    `wrote ${output}: layers/${layer}`,
    ...(report === null ? [] : [`wrote ${report}: open it in a browser`]),
    ...(figures === null ? [] : [`wrote figures to ${figures}`]),
  ].join('\n');
}

function scoreLines(methods: ImputeSummary['methods']): string[] {
  const width = Math.max(...methods.map(({ name }) => name.length));
  return [
    `  ${'held-out values'.padEnd(width)}  in cells  of genes    AUROC      MSE`,
    ...methods.map(
      ({ name, scores }) =>
        `  ${name.padEnd(width)}${[scores.pearsonPerCell, scores.pearsonPerGene, scores.aurocPerCell, scores.mse].map((value) => value.toFixed(3).padStart(9)).join(' ')}`,
    ),
  ];
}
