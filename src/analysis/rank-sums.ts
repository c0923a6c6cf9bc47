/** @file Ranks of cells by each gene, summed over groups of cells. */

import type { Compressed } from '../single-cell/csr-matrix.ts';
import { breathe } from '../support/breathe.ts';
import { CancelledError } from '../support/errors.ts';
import type { RunControl } from '../support/progress.ts';
import { type Grouping, groupSizes } from './groups.ts';

/** What a rank-sum test of any group needs, of every gene. */
export interface RankSums {
  /** Of ranks from 1, equal values sharing the mean of theirs. */
  readonly sums: Float64Array; // [genes, groups]
  /** Cells with a value above zero. */
  readonly expressing: Int32Array; // [genes, groups]
  /** Of values. */
  readonly totals: Float64Array; // [genes, groups]
  /** t^3 - t, summed over sets of t equal values. */
  readonly ties: Float64Array; // [genes]
}

/**
 * Ranks the cells that have a group by every gene. Zeros are not looked at: they are one tie below all else.
 *
 * @param genes entries by gene: cells and their values, which are not negative
 * @throws CancelledError when the control's signal is aborted
 */
export async function rankSums(
  genes: Compressed,
  { codes, groups }: Grouping,
  { onProgress, signal }: RunControl = {},
): Promise<RankSums> {
  const geneCount = genes.indptr.length - 1;
  const groupCount = groups.length;
  const sizes = groupSizes(codes, groupCount);
  const result = {
    sums: new Float64Array(geneCount * groupCount),
    expressing: new Int32Array(geneCount * groupCount),
    totals: new Float64Array(geneCount * groupCount),
    ties: new Float64Array(geneCount),
  };
  const ranks = new PositiveRanks(sizes.reduce((sum, size) => sum + size, 0));
  for (let gene = 0; gene < geneCount; gene++) {
    const entries: number[] = [];
    for (let i = genes.indptr[gene]; i < genes.indptr[gene + 1]; i++) {
      if (genes.values[i] > 0 && codes[genes.indices[i]] >= 0) entries.push(i);
    }
    ranks.read(Float64Array.from(entries, (i) => genes.values[i]));
    result.ties[gene] = ranks.ties;
    for (const i of entries) {
      const place = gene * groupCount + codes[genes.indices[i]];
      result.expressing[place]++;
      result.totals[place] += genes.values[i];
      result.sums[place] += ranks.of(genes.values[i]);
    }
    sizes.forEach((size, group) => {
      const place = gene * groupCount + group;
      result.sums[place] += (size - result.expressing[place]) * ranks.ofZero;
    });
    if (gene % 64 !== 63) continue;
    if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while ranking cells' });
    onProgress?.({ stage: 'ranking cells', done: gene + 1, total: geneCount, unit: 'genes' });
    await breathe();
  }
  return result;
}

/** Ranks of one gene's values among all cells. */
class PositiveRanks {
  ties = 0;
  ofZero = 0;
  private readonly count: number;
  private readonly distinct: Float64Array; // ascending
  private readonly ranks: Float64Array; // of the distinct values
  private distinctCount = 0;

  /** @param count how many cells there are, those with zero among them */
  constructor(count: number) {
    this.count = count;
    this.distinct = new Float64Array(count);
    this.ranks = new Float64Array(count);
  }

  /** Takes the values above zero, which are sorted in place. */
  read(positive: Float64Array): void {
    positive.sort();
    const zeros = this.count - positive.length;
    this.ofZero = (zeros + 1) / 2;
    this.ties = zeros ** 3 - zeros;
    this.distinctCount = 0;
    for (let start = 0, end = 0; start < positive.length; start = end) {
      while (end < positive.length && positive[end] === positive[start]) end++;
      this.distinct[this.distinctCount] = positive[start];
      this.ranks[this.distinctCount++] = zeros + (start + 1 + end) / 2;
      this.ties += (end - start) ** 3 - (end - start);
    }
  }

  of(value: number): number {
    let low = 0;
    let high = this.distinctCount - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.distinct[middle] < value) low = middle + 1;
      else high = middle;
    }
    return this.ranks[low];
  }
}
