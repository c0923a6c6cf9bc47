/** @file What `scgpt pretrain` says when it is done. */

import { count } from '../support/words.ts';
import type { PretrainSummary } from '../tasks/pretrain/files.ts';
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
