/** @file Mean and variance of every gene, for all cells and for each batch, in one pass. */

import { InputError, UsageError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import type { Matrix, SparseRows } from '../matrix.ts';
import { checkExpression, eachBlock } from './pass.ts';

/** The batch of every cell. */
export interface Batches {
  /** Index into `names`. */
  readonly codes: Int32Array; // [cells]
  readonly names: readonly string[];
}

/** Gene statistics over a group of cells. */
export interface GeneMoments {
  readonly cellCount: number;
  readonly means: Float64Array; // [genes]
  /** With divisor n - 1. */
  readonly variances: Float64Array; // [genes]
  /** In how many cells a gene is not zero. */
  readonly detected: Int32Array; // [genes]
}

/** Sums over a group of cells, in float64. */
class MomentSums {
  cellCount = 0;
  readonly sums: Float64Array;
  readonly squares: Float64Array;
  readonly detected: Int32Array;

  constructor(geneCount: number) {
    this.sums = new Float64Array(geneCount);
    this.squares = new Float64Array(geneCount);
    this.detected = new Int32Array(geneCount);
  }

  add(gene: number, value: number, square: number): void {
    this.sums[gene] += value;
    this.squares[gene] += square;
    if (value !== 0) this.detected[gene]++;
  }

  merge(other: MomentSums): void {
    this.cellCount += other.cellCount;
    for (let gene = 0; gene < this.sums.length; gene++) {
      this.sums[gene] += other.sums[gene];
      this.squares[gene] += other.squares[gene];
      this.detected[gene] += other.detected[gene];
    }
  }

  finish(): GeneMoments {
    const { cellCount, sums, squares, detected } = this;
    const means = sums.map((sum) => sum / cellCount);
    const variances = squares.map((square, gene) => {
      const spread = square - sums[gene] * means[gene];
      return spread <= roundingShare * square ? 0 : spread / (cellCount - 1); // a constant gene has none
    });
    return { cellCount, means, variances, detected };
  }
}

/** What rounding of sums leaves of a constant gene's spread. */
const roundingShare = 1e-14;

/**
 * Statistics of all cells and of each batch, in the order of the batches' names. Sums are float64; values of a
 * float32 matrix are squared in float32 first, as scanpy does: dispersions differ in the seventh digit otherwise.
 *
 * @param change what is done to a value first, such as undoing a logarithm
 * @throws InputError when values are negative or not finite, or a group has fewer than two cells
 */
export async function geneMoments(
  matrix: Matrix,
  batches: Batches | null,
  change: (value: number) => number = (value) => value,
  control?: RunControl,
): Promise<{ all: GeneMoments; perBatch: GeneMoments[] }> {
  const [cellCount, geneCount] = matrix.shape;
  const names = batches === null ? ['all cells'] : batches.names;
  const groups = names.map(() => new MomentSums(geneCount));
  const codeOf = batchOf(batches, cellCount);
  const single = matrix.dtype === 'float32' || matrix.dtype === 'float16';
  await eachBlock(
    matrix,
    'gene statistics',
    (block) => {
      checkExpression(block);
      for (let row = 0; row < block.rowCount; row++) {
        const group = groups[codeOf(block.start + row)];
        group.cellCount++;
        for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) {
          const value = change(block.values[i]);
          group.add(block.indices[i], value, single ? Math.fround(value * value) : value * value);
        }
      }
    },
    control,
  );
  for (const [i, group] of groups.entries()) {
    if (group.cellCount > 1) continue;
    throw new InputError({
      what: `there ${group.cellCount === 1 ? 'is 1 cell' : 'are no cells'} in '${names[i]}'`,
      where: 'highly variable genes',
      expected: 'at least two cells, for a variance',
      advice: 'Leave the batch out or join it with another.',
      reason: 'batch_too_small',
    });
  }
  const all = new MomentSums(geneCount);
  for (const group of groups) all.merge(group);
  return { all: all.finish(), perBatch: groups.map((group) => group.finish()) };
}

/** Sums of each gene's values after clipping, for each batch, in a second pass. */
export async function clippedSums(
  matrix: Matrix,
  batches: Batches | null,
  limits: readonly Float64Array[], // per batch [genes]
  control?: RunControl,
): Promise<{ sums: Float64Array; squares: Float64Array }[]> {
  const [cellCount, geneCount] = matrix.shape;
  const codeOf = batchOf(batches, cellCount);
  const totals = limits.map(() => ({
    sums: new Float64Array(geneCount),
    squares: new Float64Array(geneCount),
  }));
  const addRow = (block: SparseRows, row: number) => {
    const code = codeOf(block.start + row);
    const { sums, squares } = totals[code];
    for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) {
      const gene = block.indices[i];
      const value = Math.min(block.values[i], limits[code][gene]);
      sums[gene] += value;
      squares[gene] += value * value;
    }
  };
  await eachBlock(
    matrix,
    'clipped gene statistics',
    (block) => {
      for (let row = 0; row < block.rowCount; row++) addRow(block, row);
    },
    control,
  );
  return totals;
}

function batchOf(batches: Batches | null, cellCount: number): (cell: number) => number {
  if (batches === null) return () => 0;
  const { codes, names } = batches;
  if (codes.length !== cellCount) {
    throw new UsageError({
      what: `there are batches for ${codes.length} cells`,
      expected: `one for each of ${cellCount}`,
      reason: 'batch_count',
    });
  }
  const wrong = codes.findIndex((code) => code < 0 || code >= names.length);
  if (wrong >= 0) {
    throw new InputError({
      what: 'the cell has no batch',
      where: `row ${wrong} (counted from 0)`,
      advice: 'Give every cell a batch or leave the cell out.',
      reason: 'batch_missing',
    });
  }
  return (cell) => codes[cell];
}
