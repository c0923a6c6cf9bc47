/** @file The summary of an embedding run in words. */

import type { EmbedSummary } from '../tasks/embed/files.ts';

/** What was done, in a few lines. */
export function embedText({
  output,
  report,
  cells,
  width,
  model,
  genes,
  cellsWithoutGenes,
  seconds,
}: EmbedSummary): string {
  const share = genes.countShare === null ? '' : ` (${(100 * genes.countShare).toFixed(1)} % of the counts)`;
  const speed = cells / Math.max(seconds.embedding, 1e-3);
  return [
    `${cells} cells embedded in ${seconds.embedding.toFixed(1)} s (${speed >= 100 ? speed.toFixed(0) : speed.toPrecision(3)} cells/s) with ${model.name}${model.trained ? '' : ' (random weights)'}`,
    `${genes.matched} of ${genes.of} genes matched${share}`,
    ...(cellsWithoutGenes > 0 ? [`${cellsWithoutGenes} cells without a known gene have NaN`] : []),
    `wrote ${output}: obsm/X_scGPT [${cells}, ${width}]`,
    ...(report === null ? [] : [`wrote ${report}: open it in a browser`]),
  ].join('\n');
}
