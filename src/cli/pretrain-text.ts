/** @file What `scgpt pretrain` says: the plan of a run, and what was done. */

import { count } from '../support/words.ts';
import type { PretrainSummary } from '../tasks/pretrain/files.ts';
import type { PretrainPlan } from '../tasks/pretrain/plan.ts';
import { clock } from './terminal.ts';

/** The summary as sentences. */
export function pretrainText({
  output,
  run,
  cells,
  tokens,
  parameters,
  steps,
  seconds,
  stopped,
  validationLoss,
}: PretrainSummary): string {
  const { before, best, bestStep } = validationLoss;
  const from = before === null ? '' : `, ${before.toPrecision(4)} before training`;
  return [
    `trained ${count(parameters)} parameters over ${count(tokens)} tokens on ${count(cells.training)} cells: ${count(steps)} steps in ${clock(seconds)}, ${stopped}`,
    `loss on ${count(cells.validation)} held-out cells: ${best.toPrecision(4)} at step ${count(bestStep)}${from}`,
    `model: ${output}`,
    `run:   ${run} (metrics.jsonl, TensorBoard events, checkpoints)`,
  ].join('\n');
}

/** A plan as lines. */
export function planText(plan: PretrainPlan): string {
  const { cells, tokensOfCell, vocabulary, parameters, memory, seconds } = plan;
  const part = (some: number, all: number, words: string) =>
    some === all ? `${count(all)} ${words}` : `${count(some)} of ${count(all)} ${words}`;
  return [
    `cells:      ${count(cells.training)} to train on, ${count(cells.validation)} held out`,
    `tokens:     ${count(tokensOfCell.median)} in the median cell, ${count(tokensOfCell.longest)} in the longest; ${part(vocabulary.used, vocabulary.size, 'of the vocabulary')} in the data`,
    `parameters: ${part(parameters.trained, parameters.used, 'trained')}${parameters.used === parameters.model ? '' : `; ${count(parameters.model)} in the whole model`}`,
    `batches:    ${count(plan.batchesPerEpoch)} of ${count(plan.batchSize)} cells an epoch, ${plan.epochs} epochs`,
    `memory:     about ${gigabytes(memory.needed)}; ${gigabytes(memory.free)} are free`,
    seconds === null
      ? 'time:       not measured'
      : `time:       about ${clock(seconds.perEpoch)} an epoch, ${clock(seconds.total)} in all (device ${plan.device})`,
    'nothing was written',
  ].join('\n');
}

/** In the units that --memory takes. */
function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`;
}
