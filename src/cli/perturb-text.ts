/** @file The summaries of perturbation commands in words. */

import { plural } from '../support/words.ts';
import type { PredictPerturbationSummary } from '../tasks/perturb/predict-files.ts';
import type { ReversePerturbationSummary } from '../tasks/perturb/reverse-files.ts';
import type { TrainPerturbationSummary } from '../tasks/perturb/train-files.ts';

/** Rows of a ranking that a terminal shows. */
const rowsShown = 20;

/** What was learnt and what it is worth. */
export function perturbTrainText(summary: TrainPerturbationSummary): string {
  const {
    cells,
    genes,
    perturbations,
    contexts,
    model,
    epochs,
    heldOut,
    recall,
    weights,
    seconds,
    output,
    report,
  } = summary;
  const across = contexts.length > 1 ? ` in ${contexts.length} contexts` : '';
  const lines = [
    `${plural(perturbations, 'perturbation')}${across} learnt from ${plural(cells, 'cell')} and ${plural(genes, 'gene')} in ${seconds.toFixed(0)} s with ${model.name}${model.trained ? '' : ' (random weights)'}, ${plural(epochs, 'epoch')}`,
  ];
  if (heldOut !== null) {
    lines.push(
      '',
      'Held-out predictions (correlation of changes):',
      ...scoreLines(heldOut),
      '',
      heldOut.verdict,
    );
    const { withoutEffect } = heldOut;
    if (withoutEffect.length > 0) {
      lines.push(`No measurable effect (fewer than 10 genes that differ): ${withoutEffect.join(', ')}.`);
    }
    const used = Object.entries(weights).filter(([, weight]) => weight > 0);
    lines.push(`Final prediction: ${used.map(([id, weight]) => `${weight.toFixed(1)} ${id}`).join(' + ')}.`);
  }
  if (recall !== null) {
    lines.push(`Reverse, true perturbation among the ${recallWords(recall)}.`);
  }
  lines.push('', `wrote ${output}`);
  if (report !== null) lines.push(`wrote ${report}: open it in a browser`);
  lines.push(`go on with: scgpt perturb predict -m ${output} -p GENE,GENE+GENE -o predicted.h5ad`);
  return lines.join('\n');
}

const recallWords = ({ at }: NonNullable<TrainPerturbationSummary['recall']>): string =>
  at.map(({ k, share, chance }) => `first ${k}: ${percent(share)} (chance ${percent(chance)})`).join(', ');

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

function scoreLines({ predictors, ceiling }: NonNullable<TrainPerturbationSummary['heldOut']>): string[] {
  const width = Math.max(...predictors.map(({ name }) => name.length));
  const number = (value: number): string => (Number.isNaN(value) ? '-' : value.toFixed(3)).padStart(9);
  const row = (name: string, values: readonly number[]): string =>
    `  ${name.padEnd(width)}${values.map(number).join('')}`;
  return [
    `  ${''.padEnd(width)} separate    delta  centred  discrim.`,
    ...predictors.map(({ name, all }) =>
      row(name, [all.separateControls, all.pearsonDelta, all.centred, all.discrimination]),
    ),
    row('ceiling: halves of the same cells', [ceiling.all]),
  ];
}

/** What is predicted. */
export function perturbPredictText({
  predictions,
  genes,
  seconds,
  output,
  sampledCells,
  report,
}: PredictPerturbationSummary): string {
  const lines = [
    `${plural(predictions.length, 'prediction')} of ${plural(genes, 'gene')} in ${seconds.toFixed(1)} s`,
  ];
  for (const { perturbation, context, effect, basis, genes: changed, doubt } of predictions.slice(
    0,
    rowsShown,
  )) {
    const most = changed
      .map(([gene, change]) => `${gene} ${change < 0 ? '' : '+'}${change.toFixed(2)}`)
      .join(', ');
    lines.push(
      `  ${perturbation} (${context}, ${basis})  effect ${effect.toFixed(2)}: ${most}${doubt === null ? '' : `  [${doubt}]`}`,
    );
  }
  if (predictions.length > rowsShown) lines.push(`  and ${predictions.length - rowsShown} more`);
  lines.push(`wrote ${output}`);
  if (sampledCells !== null) lines.push(`wrote sampled cells to ${sampledCells}`);
  if (report !== null) lines.push(`wrote ${report}: open it in a browser`);
  return lines.join('\n');
}

/** What leads from one state to the other. */
export function perturbReverseText({
  from,
  to,
  ranking,
  recall,
  output,
  report,
}: ReversePerturbationSummary): string {
  return [
    `from ${from.state} (${plural(from.cells, 'cell')}) to ${to.state} (${plural(to.cells, 'cell')}), ${plural(ranking.length, 'perturbation')} tried`,
    ...ranking
      .slice(0, rowsShown)
      .map(
        ({ perturbation, fit, unexplained, doubt }, i) =>
          `  ${i + 1}. ${perturbation}  correlation ${fit.toFixed(3)}, leaves ${percent(unexplained)} of the difference${doubt === null ? '' : `  [${doubt}]`}`,
      ),
    ...(recall === null
      ? []
      : [`While held out, the true perturbation was among the ${recallWords(recall)}.`]),
    `wrote ${output}`,
    ...(report === null ? [] : [`wrote ${report}: open it in a browser`]),
  ].join('\n');
}
