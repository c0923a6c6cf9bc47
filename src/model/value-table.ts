/** @file The finitely many values of binned expression, and the row of each in a table of their embeddings. */

import { InputError } from '../support/errors.ts';
import type { ModelConfig } from './config.ts';

/** Distinct values and how to find them. */
export interface ValueRows {
  /** The values in the order of the table's rows. */
  readonly values: Float32Array;
  /**
   * The row of each value.
   *
   * @throws InputError at a value that has no row: it is not a bin
   */
  rowsOf(values: Float32Array): Int32Array;
}

/**
 * The values that binned cells can have: bins `0 .. bins - 1`, and the model's padding and mask values where those
 * are other numbers. Category models have one row per category.
 */
export function binnedValues(config: ModelConfig): ValueRows {
  const bins = config.inputStyle === 'category' ? config.inputBins : config.bins;
  const special = [config.padValue, config.maskValue].filter((value) => !(value >= 0 && value < bins));
  const beside = config.inputStyle === 'category' ? [] : [...new Set(special)];
  return {
    values: Float32Array.from([...Array.from({ length: bins }, (_, bin) => bin), ...beside]),
    rowsOf(values) {
      const rows = new Int32Array(values.length);
      for (let i = 0; i < values.length; i++) {
        const value = values[i];
        const isBin = Number.isInteger(value) && value >= 0 && value < bins;
        if (!isBin && !beside.includes(value)) throw notABin(value, i, bins, beside);
        rows[i] = isBin ? value : bins + beside.indexOf(value);
      }
      return rows;
    },
  };
}

function notABin(value: number, place: number, bins: number, beside: readonly number[]): InputError {
  return new InputError({
    what: `the expression value ${value} at position ${place} of the batch is not a bin of this model`,
    expected: `whole numbers 0 to ${bins - 1}${beside.length > 0 ? `, or ${beside.join(' or ')}` : ''}`,
    advice: 'Bin the values first, or embed them as continuous values',
    reason: 'not_binned',
  });
}
