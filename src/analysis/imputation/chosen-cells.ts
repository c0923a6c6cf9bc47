/** @file Some cells of incomplete expression. */

import { inMemory } from '../../single-cell/in-memory.ts';
import { selectCells } from '../../single-cell/preprocess/views.ts';
import { IncompleteExpression } from './incomplete-expression.ts';

/** @param cells rows, ascending */
export async function chosenCells(
  { counts, totals, hiddenShare }: IncompleteExpression,
  cells: Int32Array,
): Promise<IncompleteExpression> {
  return IncompleteExpression.of(
    await inMemory(selectCells(counts, cells)),
    Float64Array.from(cells, (cell) => totals[cell]),
    hiddenShare,
  );
}
