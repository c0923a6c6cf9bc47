/** @file Counts of cells, which imputation works on. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import { InputError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import type { PreparedCells } from '../prepare.ts';

/** Counts in memory. */
export interface CellCounts {
  readonly counts: CsrMatrix; // [cells, genes]
  /** Of all genes of the matrix; 1 for cells without any, which nothing divides. */
  readonly totals: Float64Array; // [cells]
}

/**
 * The counts of all cells.
 *
 * @throws InputError when values are no counts: the chance of a gene to be seen follows from counts alone, and values
 *   that were normalised, smoothed or imputed before hide it
 */
export async function countsOf(
  { matrix, matrixName, diagnosis }: PreparedCells,
  where: string | undefined,
  control?: RunControl,
): Promise<CellCounts> {
  const counts = await inMemory(matrix, control);
  const { rowCount, indptr, values } = await counts.rows(0, counts.shape[0]);
  const wrong = (values as Float64Array).findIndex((value) => !Number.isInteger(value) || value < 0);
  if (wrong >= 0) {
    throw new InputError({
      what: `${matrixName} holds ${values[wrong]}, which is no count`,
      where,
      expected: 'counts: whole numbers from 0',
      advice: `Choose a layer with counts (--layer). ${diagnosis.sentences[0]} Values that were normalised, smoothed or imputed no longer tell what was seen`,
      reason: 'not_counts',
    });
  }
  const totals = new Float64Array(rowCount);
  for (let cell = 0; cell < rowCount; cell++) {
    for (let i = indptr[cell]; i < indptr[cell + 1]; i++) totals[cell] += values[i];
    if (totals[cell] === 0) totals[cell] = 1;
  }
  return { counts, totals };
}
