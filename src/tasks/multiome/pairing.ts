/** @file Which cells of two modalities are the same, by their names. */

import type { AnnData } from '../../single-cell/anndata.ts';
import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import { plural } from '../../support/words.ts';

/** Cells of either modality: those of RNA first, in their order, then those of the other alone. */
export interface PairedCells {
  readonly names: readonly string[];
  /** Row of each cell in RNA and in the other modality, -1 where it is not there. */
  readonly rows: readonly [Int32Array, Int32Array]; // [cells] each
  /** Cells that are in both. */
  readonly both: number;
}

/** Fewer shared cells tell nothing of how modalities go together. */
const fewestShared = 20;

/**
 * @throws InputError when a name comes twice in a modality, or too few cells have both
 */
export function pairCells(rna: AnnData, other: AnnData, logger: Logger): PairedCells {
  const rnaRows = rowsByName(rna);
  const otherRows = rowsByName(other);
  const names = [...rna.obs.index, ...other.obs.index.filter((name) => !rnaRows.has(name))];
  const rows = [rnaRows, otherRows].map((places) =>
    Int32Array.from(names, (name) => places.get(name) ?? -1),
  ) as [Int32Array, Int32Array];
  const both = names.filter((name) => rnaRows.has(name) && otherRows.has(name)).length;
  const where = `${rna.source ?? 'RNA'} and ${other.source ?? 'the other modality'}`;
  if (both < Math.min(fewestShared, names.length)) {
    const examples = [rna, other].map(({ obs }) => obs.index.slice(0, 2).join(', '));
    throw new InputError({
      what: `${both === 0 ? 'no cell is' : `${plural(both, 'cell')} only are`} in both modalities: one names its cells ${examples[0]}, the other ${examples[1]}`,
      where,
      expected: 'the same names of cells, such as barcodes, in both',
      advice:
        'If only suffixes such as -1 differ, rename them; cells of different experiments cannot be joined.',
      reason: 'no_shared_cells',
    });
  }
  if (both < names.length) {
    logger.warning(
      `${plural(both, 'cell')} have both modalities, ${rna.nObs - both} RNA alone, ${other.nObs - both} the other alone: they are joined as a mosaic, through the cells that have both`,
    );
  }
  return { names, rows, both };
}

function rowsByName({ obs, source }: AnnData): Map<string, number> {
  const rows = new Map<string, number>();
  for (const [row, name] of obs.index.entries()) {
    if (rows.has(name)) {
      throw new InputError({
        what: `the cell ${name} comes more than once`,
        where: source === undefined ? 'obs' : `${source}, obs`,
        expected: 'names that tell cells apart: cells of modalities are paired by them',
        advice: 'Add the batch to the names in both modalities.',
        reason: 'cell_twice',
      });
    }
    rows.set(name, row);
  }
  return rows;
}
