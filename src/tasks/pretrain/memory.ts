/** @file The memory that a pre-training takes, and the batch size that fits into what there is. */

import { parameterCount, type StepCost, trainingMemory } from '../../model/training-cost.ts';
import { elementCount } from '../../support/tensor.ts';
import type { Corpus } from './corpus.ts';
import type { PretrainSettings } from './settings.ts';
import type { StartingPoint } from './starting-point.ts';
import { reducedConfig } from './training.ts';

/** More cells in a batch make no processor faster, and updates rarer. */
const largestBatch = 64;

/** Tokens of a batch's two streams. */
export interface StreamLengths {
  readonly known: number;
  readonly unknown: number;
}

/** How a cell's tokens are split, `<cls>` always among the known. */
export function streamsOf(tokens: number, ratio: number): StreamLengths {
  const unknown = Math.floor((tokens - 1) * ratio);
  return { known: tokens - unknown, unknown };
}

/** Tokens of a cell in its batch. */
export function tokensOfCell(genes: number, { maxLength }: PretrainSettings): number {
  return Math.min(maxLength, genes + 1);
}

/** What a step does, of which its cost depends. */
export function stepCost({ recompute, cellPrompted, cce }: PretrainSettings): StepCost {
  return { recompute, cellPrompted, contrast: cce > 0 };
}

/**
 * Bytes that a run takes at its largest batch: the longest cells, at the share of unknown genes that takes most.
 *
 * @param trained numbers that are trained; default all
 */
export function memoryOf(
  corpus: Corpus,
  start: StartingPoint,
  settings: PretrainSettings,
  trained?: number,
): number {
  const config = reducedConfig(corpus, start);
  const longest = corpus.geneCounts.reduce((most, genes) => Math.max(most, genes), 0);
  const cells = Math.min(settings.batchSize, corpus.cells.count);
  const options = {
    ...stepCost(settings),
    dropout: settings.dropout > 0,
    trained: trained ?? parameterCount(config),
  };
  const totals = settings.ratios.map((ratio) => {
    const streams = streamsOf(tokensOfCell(longest, settings), ratio);
    return trainingMemory(config, { cells, ...streams }, options).total;
  });
  const beside = config.vocabularySize === start.config.vocabularySize ? 0 : wholeModel(start);
  return Math.max(...totals) + beside;
}

/** The model whose other rows wait to be written again. */
function wholeModel({ parameters }: StartingPoint): number {
  let numbers = 0;
  for (const { shape } of parameters.values()) numbers += elementCount(shape);
  return 4 * numbers;
}

/** The most cells of a batch whose run fits into `bytes`; at least 1. */
export function batchSizeWithin(
  bytes: number,
  corpus: Corpus,
  start: StartingPoint,
  settings: PretrainSettings,
): number {
  let batchSize = largestBatch;
  while (batchSize > 1 && memoryOf(corpus, start, { ...settings, batchSize }) > bytes) batchSize--;
  return batchSize;
}
