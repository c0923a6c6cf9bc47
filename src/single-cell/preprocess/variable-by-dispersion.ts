/** @file Highly variable genes by dispersion among genes of like mean: the flavours `seurat` and `cell_ranger`. */

import type { RunControl } from '../../support/progress.ts';
import type { Matrix } from '../matrix.ts';
import { binDispersions, type DispersionFlavor } from './dispersion-bins.ts';
import { type Batches, type GeneMoments, geneMoments } from './gene-moments.ts';
import { byFallingScore, checkGeneCount, compareFalling, maskOf } from './rank.ts';

/** Genes within these bounds, both excluded, are chosen. */
export interface DispersionBounds {
  readonly minMean: number;
  readonly maxMean: number;
  readonly minDispersion: number;
  readonly maxDispersion: number;
}

/** How {@link variableByDispersion} chooses. */
export interface DispersionOptions {
  /** How dispersions are compared: see {@link binDispersions}. */
  readonly flavor: DispersionFlavor;
  /** How many genes to choose, or the bounds that chosen genes lie in. */
  readonly choose: number | DispersionBounds;
  readonly batches: Batches | null;
}

/** The chosen genes and what decided. */
export interface DispersionResult {
  /** Best first; ties keep the order of genes. Without batches a tie at the end is chosen whole. */
  readonly order: Int32Array;
  /** 1 for chosen genes. */
  readonly chosen: Uint8Array; // [genes]
  /** Means of expression, of `seurat` as log(1 + mean); with batches the mean over batches, as all below. */
  readonly means: Float64Array; // [genes]
  /** Variance by mean, of `seurat` its logarithm; NaN where that does not exist. */
  readonly dispersions: Float64Array; // [genes]
  /** Dispersions compared to genes of like mean; NaN where they cannot be. */
  readonly normalizedDispersions: Float64Array; // [genes]
  /** In how many batches a gene is chosen; 0 or 1 without batches. */
  readonly batchCounts: Int32Array; // [genes]
}

/**
 * Highly variable genes of log-normalised values (Satija et al. 2015 and Zheng et al. 2017, as scanpy computes
 * them). Reads the matrix once.
 *
 * @param matrix log(1 + normalised counts)
 * @throws InputError when values are negative or not finite, or a batch has fewer than two cells
 * @throws UsageError when there are fewer genes than asked for
 */
export async function variableByDispersion(
  matrix: Matrix,
  options: DispersionOptions,
  control?: RunControl,
): Promise<DispersionResult> {
  const { flavor, choose, batches } = options;
  if (typeof choose === 'number') checkGeneCount(choose, matrix.shape[1]);
  const single = matrix.dtype !== 'float64';
  const unlogged = single ? (value: number) => Math.fround(Math.expm1(value)) : Math.expm1;
  const change = flavor === 'seurat' ? unlogged : undefined; // cell_ranger compares the logarithms themselves
  const { perBatch } = await geneMoments(matrix, batches, change, control);
  if (batches === null) return chooseInOne(scoreGenes(perBatch[0], flavor), choose);
  return chooseOverBatches(
    perBatch.map((moments) => scoreDetected(moments, flavor)),
    choose,
  );
}

interface Scores {
  readonly means: Float64Array;
  readonly dispersions: Float64Array;
  readonly normalizedDispersions: Float64Array;
}

function scoreGenes({ means: given, variances }: GeneMoments, flavor: DispersionFlavor): Scores {
  const floor = 1e-12; // keeps 0 / 0 out of genes that nothing expresses
  const seurat = flavor === 'seurat';
  const dispersions = variances.map((variance, gene) => {
    const dispersion = variance / (given[gene] || floor);
    if (!seurat) return dispersion;
    return dispersion === 0 ? Number.NaN : Math.log(dispersion);
  });
  const means = given.map((mean) => (seurat ? Math.log1p(mean || floor) : mean || floor));
  return { means, dispersions, normalizedDispersions: binDispersions(means, dispersions, flavor) };
}

/** Scores of the genes a batch expresses; the others score 0, so that they do not shape the batch's bins. */
function scoreDetected(moments: GeneMoments, flavor: DispersionFlavor): Scores {
  const genes = Int32Array.from([...moments.detected.keys()].filter((gene) => moments.detected[gene] > 0));
  const pick = (values: Float64Array) => Float64Array.from(genes, (gene) => values[gene]);
  const detected = scoreGenes(
    { ...moments, means: pick(moments.means), variances: pick(moments.variances) },
    flavor,
  );
  const spread = (values: Float64Array) => {
    const all = new Float64Array(moments.means.length);
    for (const [i, gene] of genes.entries()) all[gene] = values[i];
    return all;
  };
  return {
    means: spread(detected.means),
    dispersions: spread(detected.dispersions),
    normalizedDispersions: spread(detected.normalizedDispersions),
  };
}

/** Genes whose score reaches the last place, or that lie in the bounds. */
function pickGenes({ means, normalizedDispersions }: Scores, choose: number | DispersionBounds): Int32Array {
  const order = byFallingScore(normalizedDispersions);
  const scored = order.filter((gene) => !Number.isNaN(normalizedDispersions[gene]));
  if (typeof choose === 'number') {
    const last = normalizedDispersions[scored[Math.min(choose, scored.length) - 1]];
    return scored.filter((gene) => normalizedDispersions[gene] >= last);
  }
  return order.filter((gene) => within(means[gene], normalizedDispersions[gene], choose));
}

function within(mean: number, dispersion: number, bounds: DispersionBounds): boolean {
  const compared = Number.isNaN(dispersion) ? 0 : dispersion;
  return (
    mean > bounds.minMean &&
    mean < bounds.maxMean &&
    compared > bounds.minDispersion &&
    compared < bounds.maxDispersion
  );
}

function chooseInOne(scores: Scores, choose: number | DispersionBounds): DispersionResult {
  const order = pickGenes(scores, choose);
  const chosen = maskOf(order, scores.means.length);
  return { ...scores, order, chosen, batchCounts: Int32Array.from(chosen) };
}

/** Genes chosen in most batches come first, then those of the largest mean score. */
function chooseOverBatches(perBatch: readonly Scores[], choose: number | DispersionBounds): DispersionResult {
  const geneCount = perBatch[0].means.length;
  const batchCounts = new Int32Array(geneCount);
  for (const scores of perBatch) {
    // a gene the batch does not express scores 0, is no candidate and cannot be chosen: the mean is floored above 0
    for (const gene of pickGenes(scores, choose)) if (scores.means[gene] !== 0) batchCounts[gene]++;
  }
  const joined = {
    means: meanOfNumbers(perBatch.map((scores) => scores.means)),
    dispersions: meanOfNumbers(perBatch.map((scores) => scores.dispersions)),
    normalizedDispersions: meanOfNumbers(perBatch.map((scores) => scores.normalizedDispersions)),
  };
  const { means, normalizedDispersions } = joined;
  const ranked = Int32Array.from(means, (_, gene) => gene).sort(
    (a, b) =>
      batchCounts[b] - batchCounts[a] ||
      compareFalling(normalizedDispersions[a], normalizedDispersions[b]) ||
      a - b,
  );
  const order =
    typeof choose === 'number'
      ? ranked.slice(0, choose)
      : ranked.filter((gene) => within(means[gene], normalizedDispersions[gene], choose));
  return { ...joined, order, chosen: maskOf(order, geneCount), batchCounts };
}

/** The mean over batches, without those that have no number. */
function meanOfNumbers(perBatch: readonly Float64Array[]): Float64Array {
  return perBatch[0].map((_, gene) => {
    const numbers = perBatch.map((values) => values[gene]).filter((value) => !Number.isNaN(value));
    return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  });
}
