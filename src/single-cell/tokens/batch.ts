/** @file Cells side by side: rows of equal length, padded, in arrays that are made once and filled again. */

import { UsageError } from '../../support/errors.ts';
import type { CellTokens } from './cell-tokens.ts';

/** What fills a row after its cell's last token. */
export interface Padding {
  /** The id of `<pad>`. */
  readonly id: number;
  /** -2 in the published models, 0 in perturbation prediction. */
  readonly value: number;
}

/** Rows of tokens, row-major. */
export interface TokenRows {
  readonly genes: Int32Array; // [cells, length]
  readonly values: Float32Array; // [cells, length]
  readonly length: number;
}

/** Room for `cells` rows of `length` tokens. */
export function tokenRows(cells: number, length: number): TokenRows {
  return { genes: new Int32Array(cells * length), values: new Float32Array(cells * length), length };
}

/** The length a batch needs: its longest cell. */
export function longest(cells: readonly CellTokens[]): number {
  return cells.reduce((length, cell) => Math.max(length, cell.genes.length), 0);
}

/**
 * Writes cells into rows from the top and pads the rest, unused rows included. Allocates nothing.
 *
 * @throws UsageError when there are more cells than rows or a cell is longer than a row
 */
export function fillRows(rows: TokenRows, cells: readonly CellTokens[], padding: Padding): void {
  const { genes, values, length } = rows;
  const capacity = genes.length / length;
  if (cells.length > capacity) {
    throw new UsageError({ what: `${cells.length} cells do not fit into ${capacity} rows`, where: 'batch' });
  }
  for (let row = 0; row < capacity; row++) {
    const begin = row * length;
    const cell = row < cells.length ? cells[row] : undefined;
    const size = cell === undefined ? 0 : cell.genes.length;
    if (size > length) {
      throw new UsageError({
        what: `cell ${row} has ${size} tokens and a row has room for ${length}`,
        where: 'batch',
        advice: 'Sample the cell to length first.',
      });
    }
    if (cell !== undefined) {
      genes.set(cell.genes, begin);
      values.set(cell.values, begin);
    }
    genes.fill(padding.id, begin + size, begin + length);
    values.fill(padding.value, begin + size, begin + length);
  }
}
