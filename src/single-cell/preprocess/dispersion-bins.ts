/** @file Dispersions compared among genes of like mean. */

import { median, quantile } from '../quantile.ts';

/**
 * - `seurat`: 20 bins of equal width over the mean, compared by mean and standard deviation of the bin;
 * - `cell_ranger`: 20 bins between the mean's percentiles, compared by median and median absolute deviation.
 */
export type DispersionFlavor = 'seurat' | 'cell_ranger';

const binCount = 20;
/** Makes the median absolute deviation of a normal sample its standard deviation. */
const normalMad = 0.6744897501960817;

/**
 * Each gene's dispersion as its distance from the centre of its bin in units of the bin's spread. NaN where a
 * dispersion is NaN or a bin has no spread, but for a single gene in a `seurat` bin, which gets 1.
 */
export function binDispersions(
  means: Float64Array,
  dispersions: Float64Array,
  flavor: DispersionFlavor,
): Float64Array {
  const edges = meanBinEdges(means, flavor);
  const binOfGene = meanBins(means, edges);
  const members: number[][] = Array.from({ length: edges.length - 1 }, () => []);
  for (const [gene, bin] of binOfGene.entries()) {
    if (!Number.isNaN(dispersions[gene])) members[bin].push(dispersions[gene]);
  }
  const scales = members.map(flavor === 'seurat' ? meanScale : medianScale);
  return dispersions.map((dispersion, gene) => {
    const { centre, spread } = scales[binOfGene[gene]];
    return (dispersion - centre) / spread;
  });
}

/** The edges of the bins, ascending; edges of `cell_ranger` that coincide are joined. */
export function meanBinEdges(means: Float64Array, flavor: DispersionFlavor): Float64Array {
  const sorted = means.slice().sort();
  const smallest = sorted[0];
  const largest = sorted[sorted.length - 1];
  if (flavor === 'cell_ranger') {
    const percentiles = Array.from({ length: binCount - 1 }, (_, i) =>
      quantile(sorted, sorted.length, (10 + 5 * i) / 100),
    );
    const edges = [Number.NEGATIVE_INFINITY, ...percentiles, Number.POSITIVE_INFINITY];
    return Float64Array.from(edges.filter((edge, i) => i === 0 || edge > edges[i - 1]));
  }
  const margin = 0.001 * (smallest === largest ? Math.abs(smallest) || 1 : largest - smallest);
  const [from, to] = smallest === largest ? [smallest - margin, largest + margin] : [smallest, largest];
  const step = (to - from) / binCount;
  const edges = Float64Array.from({ length: binCount + 1 }, (_, i) =>
    i === binCount ? to : from + i * step,
  );
  if (smallest !== largest) edges[0] -= margin; // bins are closed to the right: the smallest belongs in
  return edges;
}

/** The bin of each mean, for bins that are open to the left and closed to the right. */
export function meanBins(means: Float64Array, edges: Float64Array): Int32Array {
  return Int32Array.from(means, (mean) => {
    let low = 0;
    let high = edges.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (edges[middle] < mean) low = middle;
      else high = middle;
    }
    return low;
  });
}

interface Scale {
  readonly centre: number;
  readonly spread: number;
}

function meanScale(values: readonly number[]): Scale {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return { centre: 0, spread: mean };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { centre: mean, spread: Math.sqrt(squares / (values.length - 1)) };
}

function medianScale(values: readonly number[]): Scale {
  const centre = median(values);
  return { centre, spread: median(values.map((value) => Math.abs(value - centre) / normalMad)) };
}
