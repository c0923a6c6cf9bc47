/**
 * @file Rank-normalised attention of groups of cells (Cui et al. 2024, Methods, attention-based networks).
 *
 * Raw products q . k of each head become ranks within each row, then within each column, over the number of genes; heads
 * and then cells of a group are averaged. Cells are added one at a time and forgotten.
 */

import { UsageError } from '../../support/errors.ts';

/** Options of {@link RankedAttention}. */
export interface RankedAttentionOptions {
  readonly genes: number;
  readonly heads: number;
  readonly groups: number;
  /**
   * As the reference's notebook has it: the first cell of each group is left out of the sum but counted in the mean.
   * Default false.
   */
  readonly asPublished?: boolean | undefined;
}

/** Gathers cells of several groups. */
export class RankedAttention {
  /** Cells of each group so far. */
  readonly cells: Int32Array; // [groups]
  private readonly sums: readonly Float64Array[]; // [groups][genes, genes]
  private readonly ranks: AttentionRanks;
  private readonly asPublished: boolean;

  constructor({ genes, heads, groups, asPublished = false }: RankedAttentionOptions) {
    this.cells = new Int32Array(groups);
    this.sums = Array.from({ length: groups }, () => new Float64Array(genes * genes));
    this.ranks = new AttentionRanks(genes, heads);
    this.asPublished = asPublished;
  }

  /**
   * Adds a cell.
   *
   * @param scores q . k without scale and softmax, `[heads, genes, genes]`: row the gene that asks, column the one asked
   * @returns its ranks, the mean of heads, `[genes, genes]`; the next call overwrites it
   */
  add(group: number, scores: Float32Array): Float32Array {
    const ranks = this.ranks.of(scores);
    const first = this.cells[group]++ === 0;
    if (first && this.asPublished) return ranks;
    const sums = this.sums[group];
    for (let i = 0; i < ranks.length; i++) sums[i] += ranks[i];
    return ranks;
  }

  /**
   * Mean over the group's cells, `[genes, genes]`, each entry 0 to 1.
   *
   * @throws UsageError when the group has no cell
   */
  mean(group: number): Float32Array {
    const cells = this.cells[group];
    if (cells === 0) throw new UsageError({ what: `group ${group} has no cell`, reason: 'too_few_cells' });
    return Float32Array.from(this.sums[group], (sum) => sum / cells);
  }
}

/** Ranks of one cell after another, in memory that is used again. */
export class AttentionRanks {
  private readonly genes: number;
  private readonly heads: number;
  private readonly rowRanks: Int32Array; // [genes, genes]
  private readonly mean: Float32Array; // [genes, genes]
  private readonly keys: Float64Array; // [genes]
  private readonly starts: Int32Array; // [genes + 1]

  constructor(genes: number, heads: number) {
    this.genes = genes;
    this.heads = heads;
    this.rowRanks = new Int32Array(genes * genes);
    this.mean = new Float32Array(genes * genes);
    this.keys = new Float64Array(genes);
    this.starts = new Int32Array(genes + 1);
  }

  /**
   * Ranks within rows, then within columns, over the number of genes; mean over heads. Equal values rank in the order of
   * genes, which the reference leaves to its sorting code.
   */
  of(scores: Float32Array): Float32Array {
    const { genes, heads, mean } = this;
    const square = genes * genes;
    if (scores.length !== heads * square) {
      throw new UsageError({
        what: `attention has ${scores.length} entries`,
        expected: `${heads} heads of ${genes} by ${genes} genes`,
      });
    }
    mean.fill(0);
    for (let head = 0; head < heads; head++) {
      this.rankRows(scores.subarray(head * square, (head + 1) * square));
      this.addColumnRanks();
    }
    for (let i = 0; i < square; i++) mean[i] /= heads * genes;
    return mean;
  }

  /** Values and their places as one number each, so that the engine's fast numeric sort keeps ties in order. */
  private rankRows(scores: Float32Array): void {
    const { genes, keys, rowRanks } = this;
    const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
    for (let row = 0; row < genes; row++) {
      const start = row * genes;
      for (let column = 0; column < genes; column++) {
        const raw = bits[start + column] === 0x80000000 ? 0 : bits[start + column]; // -0 equals 0
        const ordered = (raw & 0x80000000) === 0 ? raw + 0x80000000 : ~raw >>> 0;
        keys[column] = ordered * genes + column;
      }
      keys.sort();
      for (let rank = 0; rank < genes; rank++) rowRanks[start + (keys[rank] % genes)] = rank;
    }
  }

  /** Row ranks are whole numbers below the number of genes: counting sorts them, ties in order. */
  private addColumnRanks(): void {
    const { genes, rowRanks, starts, mean } = this;
    for (let column = 0; column < genes; column++) {
      starts.fill(0);
      for (let row = 0; row < genes; row++) starts[rowRanks[row * genes + column] + 1]++;
      for (let rank = 0; rank < genes; rank++) starts[rank + 1] += starts[rank];
      for (let row = 0; row < genes; row++) {
        const place = row * genes + column;
        mean[place] += starts[rowRanks[place]]++;
      }
    }
  }
}
