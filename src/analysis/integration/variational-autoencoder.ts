/** @file Integration by a variational autoencoder trained on the cells themselves, after scVI. */

import { type DeviceName, openDevice } from '../../runtime/device.ts';
import { InputError, UsageError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { plural } from '../../support/words.ts';
import { checkGrouped } from '../groups.ts';
import { type Counts, readCounts } from '../variational-autoencoder/counts.ts';
import { encodeCells, trainAutoencoder } from '../variational-autoencoder/training.ts';
import type { BatchedExpression, Integrated } from './method.ts';

/** Options of {@link variationalAutoencoder}. */
export interface AutoencoderOptions {
  /** Default `auto`. */
  readonly device?: DeviceName | 'auto' | undefined;
  /**
   * Threads of one computation. Default 1, so that results are the same on machines of any size: sums over genes are
   * shared among threads, and training makes of the last bits of a step other last digits of the embedding.
   */
  readonly threads?: number | undefined;
  /** Passes over the cells; by default about 2,000 steps of 128 cells, at least 80 passes and at most 400. */
  readonly epochs?: number | undefined;
}

/** scVI's width of hidden layers. */
const hiddenSize = 128;

/**
 * Embeds cells by the model of scVI (Lopez et al. 2018) with a negative binomial likelihood, in its default settings
 * with two hidden layers: an encoder gives each cell a place in the latent space, from which a decoder that is told the
 * batch gives the cell's counts back; the places, means of the posteriors, then need not tell the batch.
 *
 * @param input counts, of at most some thousand genes; fractional ones are rounded, which the method tells
 * @throws UsageError when the number of epochs is no whole number above 0
 * @throws InputError when values are logged, negative or not finite, when a cell has no batch, or when fewer than two
 *   cells have counts
 * @throws TrainingError when training goes wrong
 * @throws CancelledError when the signal is aborted
 */
export async function variationalAutoencoder(
  input: BatchedExpression,
  { device, threads = 1, epochs }: AutoencoderOptions = {},
  control?: RunControl,
): Promise<Integrated> {
  const { expression, batch, dimensions, seed } = input;
  checkGrouped(expression.given.shape[0], batch);
  if (expression.scale === 'logged') throw noCounts();
  const counts = await readCounts(expression.given, control);
  const passes = epochs ?? usualEpochs(counts.cells.length);
  checkEpochs(passes);
  const used = usableCells(counts);
  const sizes = { genes: counts.genes, batches: batch.groups.length, hidden: hiddenSize, latent: dimensions };
  const opened = await openDevice({ device, threads });
  const parameters = await trainAutoencoder(
    opened,
    { counts, batchOf: batch.codes, sizes, epochs: passes, seed },
    control,
  );
  return {
    points: await encodeCells(opened, counts, sizes, parameters),
    method: describe(input, counts, used, passes),
  };
}

/** About 2,000 steps, within 80 to 400 passes. */
function usualEpochs(cells: number): number {
  return Math.min(400, Math.max(80, Math.floor(2000 / Math.ceil(cells / 128))));
}

function describe(
  { expression, dimensions }: BatchedExpression,
  counts: Counts,
  used: number,
  epochs: number,
): string {
  const left = counts.cells.length - used;
  return [
    `counts of ${plural(expression.genes.length, 'gene')}`,
    ...(counts.rounded > 0 ? [`of which ${plural(counts.rounded, 'fractional value')} rounded`] : []),
    `variational autoencoder (negative binomial, ${dimensions} latent dimensions, ${plural(epochs, 'epoch')})`,
    ...(left > 0 ? [`not trained on ${plural(left, 'cell')} without counts`] : []),
  ].join(', ');
}

function checkEpochs(epochs: number): void {
  if (Number.isInteger(epochs) && epochs > 0) return;
  throw new UsageError({
    what: `the number of epochs is ${epochs}`,
    expected: 'a whole number above 0',
    reason: 'epochs',
  });
}

/** How many cells can be trained on. */
function usableCells({ cells }: Counts): number {
  const count = cells.filter(({ total }) => total > 0).length;
  if (count >= 2) return count;
  throw new InputError({
    what: `${plural(count, 'cell')} of ${cells.length} ${count === 1 ? 'has' : 'have'} counts of the chosen genes`,
    where: 'variational autoencoder',
    expected: 'at least two',
    reason: 'too_few_cells',
  });
}

function noCounts(): InputError {
  return new InputError({
    what: 'the values are logged',
    where: 'variational autoencoder',
    expected: 'counts',
    advice: 'Choose a layer with counts, or another method.',
    reason: 'not_counts',
  });
}
