/** @file The cells of a screen as training draws them: log-normalised, by what was done to them and what they are like. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import type { SparseRows } from '../../single-cell/matrix.ts';

/** Cells that are alike but for what was done to them: those of one batch, one context, or both. */
export interface Stratum {
  readonly name: string;
  readonly control: Int32Array; // rows
  /** Rows of each perturbation, by its number. */
  readonly perturbed: ReadonlyMap<number, Int32Array>;
}

/** A screen over the genes that are predicted. */
export interface ScreenCells {
  readonly logged: CsrMatrix; // [cells, genes]
  readonly strata: readonly Stratum[];
}

/** The mean of rows. */
export class Profiles {
  private readonly block: SparseRows;
  readonly genes: number;

  private constructor(block: SparseRows) {
    this.block = block;
    this.genes = block.columnCount;
  }

  static async of(matrix: CsrMatrix): Promise<Profiles> {
    return new Profiles(await matrix.rows(0, matrix.shape[0]));
  }

  mean(rows: ArrayLike<number>): Float32Array {
    const { indptr, indices, values } = this.block;
    const mean = new Float32Array(this.genes);
    for (let i = 0; i < rows.length; i++) {
      const end = indptr[rows[i] + 1];
      for (let at = indptr[rows[i]]; at < end; at++) mean[indices[at]] += values[at];
    }
    for (let gene = 0; gene < mean.length; gene++) mean[gene] /= Math.max(1, rows.length);
    return mean;
  }
}

/**
 * Sorts cells into strata.
 *
 * @param codes what was done to each cell, -1 for cells that are left out
 * @param stratumOf the stratum of each cell
 */
export function strataOf(
  codes: Int32Array,
  control: number,
  stratumOf: Int32Array,
  names: readonly string[],
): readonly Stratum[] {
  const rows = names.map(() => new Map<number, number[]>());
  codes.forEach((code, row) => {
    const stratum = stratumOf[row];
    if (code < 0 || stratum < 0) return;
    const found = rows[stratum].get(code);
    if (found === undefined) rows[stratum].set(code, [row]);
    else found.push(row);
  });
  return rows.map((byCode, stratum) => ({
    name: names[stratum],
    control: Int32Array.from(byCode.get(control) ?? []),
    perturbed: new Map(
      [...byCode].filter(([code]) => code !== control).map(([code, found]) => [code, Int32Array.from(found)]),
    ),
  }));
}
