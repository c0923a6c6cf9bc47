/** @file Highly variable genes by their variance above a trend: the flavours `seurat_v3` and `seurat_v3_paper`. */

import { InputError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import type { Matrix } from '../matrix.ts';
import { median } from '../quantile.ts';
import { type Batches, clippedSums, type GeneMoments, geneMoments } from './gene-moments.ts';
import { loess } from './loess.ts';
import { byFallingScore, checkGeneCount, compareFalling, maskOf } from './rank.ts';

/** How {@link variableByTrend} chooses. */
export interface TrendOptions {
  /**
   * Which genes come first with several batches: those of the best median rank (`seurat_v3`, scanpy's default),
   * or those chosen in most batches (`seurat_v3_paper`, as in the paper).
   */
  readonly flavor: 'seurat_v3' | 'seurat_v3_paper';
  /** How many genes to choose. */
  readonly count: number;
  readonly batches: Batches | null;
  /** The share of genes in each local fit of the trend: 0.3 in Seurat. */
  readonly span?: number;
}

/** The chosen genes and what decided. */
export interface TrendResult {
  /** Best first; ties keep the order of genes. */
  readonly order: Int32Array; // [count]
  /** 1 for chosen genes. */
  readonly chosen: Uint8Array; // [genes]
  readonly means: Float64Array; // [genes]
  readonly variances: Float64Array; // [genes]
  /** Variance of values standardised by the trend and clipped; the mean over batches. */
  readonly normalizedVariances: Float64Array; // [genes]
  /** Median rank over the batches in which a gene is among the best `count`, from 0; NaN where there is none. */
  readonly ranks: Float64Array; // [genes]
  /** In how many batches a gene is among the best `count`. */
  readonly batchCounts: Int32Array; // [genes]
}

/**
 * Highly variable genes of raw counts (Stuart et al. 2019, doi:10.1016/j.cell.2019.05.031): log variance is fitted
 * on log mean by loess; values are standardised by the fit, clipped at the root of the number of cells, and the
 * genes of largest remaining variance are chosen. Reads the matrix twice.
 *
 * @param matrix counts, not normalised
 * @throws InputError when values are negative or not finite, a batch has fewer than two cells, or the fit is
 *   near-singular because many genes share one mean
 * @throws UsageError when there are fewer genes than asked for
 */
export async function variableByTrend(
  matrix: Matrix,
  options: TrendOptions,
  control?: RunControl,
): Promise<TrendResult> {
  const { count, batches, flavor, span = 0.3 } = options;
  const geneCount = matrix.shape[1];
  checkGeneCount(count, geneCount);
  const { all, perBatch } = await geneMoments(matrix, batches, undefined, control);
  const deviations = perBatch.map((moments, i) =>
    expectedDeviations(moments, span, batches === null ? undefined : `batch '${batches.names[i]}'`),
  );
  const limits = perBatch.map(({ means, cellCount }, i) =>
    means.map((mean, gene) => mean + deviations[i][gene] * Math.sqrt(cellCount)),
  );
  const clipped = await clippedSums(matrix, batches, limits, control);
  const perBatchVariances = perBatch.map(({ means, cellCount }, i) =>
    means.map((mean, gene) => {
      const { sums, squares } = clipped[i];
      const spread = cellCount * mean * mean + squares[gene] - 2 * sums[gene] * mean;
      return spread / ((cellCount - 1) * deviations[i][gene] ** 2);
    }),
  );
  const { ranks, batchCounts } = combineRanks(perBatchVariances, count, geneCount);
  const order = sortGenes(ranks, batchCounts, flavor).slice(0, count);
  return {
    order,
    chosen: maskOf(order, geneCount),
    means: all.means,
    variances: all.variances,
    normalizedVariances: all.means.map(
      (_, gene) =>
        perBatchVariances.reduce((sum, variances) => sum + variances[gene], 0) / perBatchVariances.length,
    ),
    ranks,
    batchCounts,
  };
}

/** The standard deviation the trend expects of each gene; 1 for genes that do not vary. */
function expectedDeviations(moments: GeneMoments, span: number, where: string | undefined): Float64Array {
  const { means, variances } = moments;
  const varying = Int32Array.from([...variances.keys()].filter((gene) => variances[gene] > 0));
  const logMeans = Float64Array.from(varying, (gene) => Math.log10(means[gene]));
  const logVariances = Float64Array.from(varying, (gene) => Math.log10(variances[gene]));
  const deviations = new Float64Array(means.length).fill(1);
  const { fitted } = fitTrend(logMeans, logVariances, span, where);
  for (const [i, gene] of varying.entries()) deviations[gene] = Math.sqrt(10 ** fitted[i]);
  return deviations;
}

/** The trend, with an error that speaks of genes and cells. */
function fitTrend(
  logMeans: Float64Array,
  logVariances: Float64Array,
  span: number,
  where: string | undefined,
) {
  try {
    return loess(logMeans, logVariances, span);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError({
      what: `no trend of variance on mean can be fitted to ${logMeans.length} varying genes: ${error.what}`,
      where,
      advice:
        'Many genes share one mean when cells are few or genes rare: filter genes by counts first, join small ' +
        "batches, or choose the flavor 'cell_ranger' on log-normalised values.",
      reason: error.reason,
      cause: error,
    });
  }
}

/** Ranks within batches, joined over the batches in which a gene is among the best. */
function combineRanks(perBatchScores: readonly Float64Array[], count: number, geneCount: number) {
  const batchCounts = new Int32Array(geneCount);
  const found: number[][] = Array.from({ length: geneCount }, () => []);
  for (const scores of perBatchScores) {
    const best = byFallingScore(scores).subarray(0, count);
    for (const [rank, gene] of best.entries()) {
      batchCounts[gene]++;
      found[gene].push(rank);
    }
  }
  return { ranks: Float64Array.from(found, median), batchCounts };
}

function sortGenes(ranks: Float64Array, batchCounts: Int32Array, flavor: TrendOptions['flavor']): Int32Array {
  const byRank = (a: number, b: number) => compareFalling(-ranks[a], -ranks[b]);
  const byBatches = (a: number, b: number) => batchCounts[b] - batchCounts[a];
  const order = Int32Array.from(ranks, (_, gene) => gene);
  return flavor === 'seurat_v3'
    ? order.sort((a, b) => byRank(a, b) || byBatches(a, b) || a - b)
    : order.sort((a, b) => byBatches(a, b) || byRank(a, b) || a - b);
}
