/** @file The conditions of a batch of generative pre-training, some of them withheld. */

import { conditionInput, type TokenStream } from '../model/conditions.ts';
import type { NamedTensors } from '../runtime/executable.ts';
import type { TokenRows } from '../single-cell/tokens/batch.ts';
import { conditionsOf } from '../single-cell/tokens/cell-tokens.ts';
import { randomStream } from '../support/random.ts';
import type { Tensor } from '../support/tensor.ts';
import type { TrainingCell } from './cells/training-cells.ts';
import type { PretrainingBatches } from './pretraining-batch.ts';

/**
 * How often a cell trains as if a condition of it or of its genes were not given, so that the model learns to do
 * without: as in training for classifier-free guidance (Ho & Salimans 2022), whose best shares were 0.1 and 0.2.
 */
const withheldShare = 0.1;

/** The inputs of every condition. Validation, round 0, withholds none. */
export function conditionFeeds(
  cells: readonly TrainingCell[],
  streams: Readonly<Partial<Record<TokenStream, TokenRows>>>,
  { config, conditions, seed }: Pick<PretrainingBatches, 'config' | 'conditions' | 'seed'>,
  round: number,
): NamedTensors {
  const feeds: Record<string, Tensor> = {};
  config.conditions.forEach(({ name, of }, place) => {
    /** Rows of the condition's table in the data set of a cell; undefined where it is not given or withheld. */
    const rowsFor = ({ source, key }: TrainingCell): Int32Array | undefined => {
      const withheld =
        round > 0 && randomStream(seed, 'withheld condition', name, key, round).uniform() < withheldShare;
      return withheld ? undefined : conditions?.[source][place].rows;
    };
    const rows = cells.map(rowsFor);
    if (of === 'cells') {
      const data = Int32Array.from(cells, ({ row }, cell) => rows[cell]?.[row] ?? 0);
      feeds[conditionInput(name)] = { dtype: 'int32', shape: [cells.length], data };
      return;
    }
    for (const [stream, { genes, length }] of Object.entries(streams) as [TokenStream, TokenRows][]) {
      const data = new Int32Array(genes.length); // [cells, length]
      rows.forEach((ofTokens, cell) => {
        const begin = cell * length;
        if (ofTokens) data.set(conditionsOf(genes.subarray(begin, begin + length), ofTokens), begin);
      });
      feeds[conditionInput(name, stream)] = { dtype: 'int32', shape: [cells.length, length], data };
    }
  });
  return feeds;
}
