/** @file Cells of several kinds, and what it is to generate more of a kind. */

import type { RunControl } from '../../support/progress.ts';
import type { Random } from '../../support/random.ts';
import type { Grouping } from '../groups.ts';
import type { IncompleteExpression } from '../imputation/incomplete-expression.ts';

/** Cells whose kind is known. */
export interface KnownCells {
  readonly expression: IncompleteExpression; // [cells, genes]
  /** The kind of every cell: a cell type, a condition. */
  readonly kinds: Grouping; // [cells]
}

/** Writes the counts of a new cell of a kind. */
export type DrawCell = (kind: number, random: Random, into: Float64Array) => void; // into [genes]

/** A way to generate cells. */
export interface CellGenerator {
  /** In files, such as `knn-resample`. */
  readonly id: string;
  /** In tables. */
  readonly name: string;
  /** What it does, in a few words. */
  readonly about: string;
  /** Learns from cells; every kind has some. */
  fit(cells: KnownCells, control?: RunControl): Promise<DrawCell>;
}
