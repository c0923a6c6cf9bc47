/** @file The counts of cells in memory, and batches of them as dense tensors. */

import type { Matrix } from '../../single-cell/matrix.ts';
import { checkExpression, eachBlock } from '../../single-cell/preprocess/pass.ts';
import type { RunControl } from '../../support/progress.ts';
import type { Tensor } from '../../support/tensor.ts';

/** Whole numbers of molecules, cell by cell. */
export interface Counts {
  readonly cells: readonly CellCounts[];
  readonly genes: number;
  /** Entries that were no whole numbers before. */
  readonly rounded: number;
}

/** The genes that a cell has, and how much of them. */
interface CellCounts {
  readonly genes: Int32Array;
  readonly counts: Float32Array;
  readonly total: number;
}

/**
 * Reads counts, rounding what is fractional: some quantifiers give expected counts.
 *
 * @throws InputError when a value is negative or not finite
 * @throws CancelledError when the signal is aborted
 */
export async function readCounts(matrix: Matrix, control: RunControl = {}): Promise<Counts> {
  const cells: CellCounts[] = [];
  let rounded = 0;
  await eachBlock(
    matrix,
    'reading counts',
    (block) => {
      checkExpression(block);
      const counts = Float32Array.from(block.values, Math.round);
      counts.forEach((count, i) => {
        if (count !== block.values[i]) rounded++;
      });
      for (let row = 0; row < block.rowCount; row++) {
        const [begin, end] = [block.indptr[row], block.indptr[row + 1]];
        const ofCell = counts.slice(begin, end);
        const total = ofCell.reduce((sum, count) => sum + count, 0);
        cells.push({ genes: block.indices.slice(begin, end), counts: ofCell, total });
      }
    },
    control,
  );
  return { cells, genes: matrix.shape[1], rounded };
}

/** Some cells, in the order asked for, as `[cells, 1, genes]`. */
export function denseCounts({ cells, genes }: Counts, chosen: Int32Array): Tensor {
  const data = new Float32Array(chosen.length * genes);
  chosen.forEach((cell, row) => {
    const ofCell = cells[cell];
    ofCell.genes.forEach((gene, i) => {
      data[row * genes + gene] = ofCell.counts[i];
    });
  });
  return { dtype: 'float32', shape: [chosen.length, 1, genes], data };
}
