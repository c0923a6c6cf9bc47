/** @file From points of an embedding to counts: a Poisson regression of each gene, and how much counts vary beyond it. */

import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { cholesky, solveInPlace } from '../cholesky.ts';
import type { IncompleteExpression } from '../imputation/incomplete-expression.ts';
import type { Points } from '../points.ts';

/** What counts of a cell at a point are. */
export interface RateDecoder {
  /** Writes the counts that are expected of a cell with this total. */
  rates(point: ArrayLike<number>, total: number, into: Float64Array): void; // into [genes]
  /** Of each gene: counts have the variance mean + dispersion mean². */
  readonly dispersions: Float64Array; // [genes]
}

/** Weights of directions as long as the longest are drawn to 0 as by a normal prior with this variance. */
const priorVariance = 1;
const mostSteps = 25;
const smallStep = 1e-4;
/** Rates change by no more than e^3 in a step: far from the solution Newton's steps lead too far. */
const longestStep = 3;

/**
 * Fits `counts ~ Poisson(total exp(intercept + weights point))` for every gene by Newton's steps, weights penalised.
 *
 * @param points of the cells, centred, those along the first dimension with variance 1: the penalty counts on it
 */
export async function fitRateDecoder(
  points: Points, // [cells, dimensions]
  { rows, totals, genes, cells }: IncompleteExpression,
  { onProgress, signal }: RunControl = {},
): Promise<RateDecoder> {
  const width = points.dimensions + 1;
  const design = new Float64Array(cells * width); // [cells, 1 + dimensions]
  for (let cell = 0; cell < cells; cell++) {
    design[cell * width] = 1;
    for (let d = 1; d < width; d++)
      design[cell * width + d] = points.values[cell * points.dimensions + d - 1];
  }
  const ofGenes = columnsOf({ rows, genes, cells });
  const weights = new Float64Array(genes * width);
  const dispersions = new Float64Array(genes);
  const fit = new PoissonFit(design, width, totals);
  for (let gene = 0; gene < genes; gene++) {
    dispersions[gene] = fit.gene(ofGenes(gene), weights.subarray(gene * width, (gene + 1) * width));
    if (gene % 128 !== 127 && gene + 1 < genes) continue;
    if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while fitting the decoder' });
    onProgress?.({ stage: 'fitting the decoder', done: gene + 1, total: genes, unit: 'genes' });
    await breathe();
  }
  return {
    dispersions,
    rates(point, total, into) {
      for (let gene = 0; gene < genes; gene++) {
        let power = weights[gene * width];
        for (let d = 1; d < width; d++) power += weights[gene * width + d] * point[d - 1];
        into[gene] = total * Math.exp(power);
      }
    },
  };
}

interface GeneCounts {
  readonly cells: Int32Array;
  readonly counts: Float64Array;
}

/** The entries of each column. */
function columnsOf({
  rows,
  genes,
  cells,
}: Pick<IncompleteExpression, 'rows' | 'genes' | 'cells'>): (gene: number) => GeneCounts {
  const ends = new Int32Array(genes + 1);
  for (const gene of rows.indices) ends[gene + 1]++;
  for (let gene = 0; gene < genes; gene++) ends[gene + 1] += ends[gene];
  const next = ends.slice();
  const [ofCells, counts] = [new Int32Array(rows.indices.length), new Float64Array(rows.indices.length)];
  for (let cell = 0; cell < cells; cell++) {
    for (let i = rows.indptr[cell]; i < rows.indptr[cell + 1]; i++) {
      const place = next[rows.indices[i]]++;
      ofCells[place] = cell;
      counts[place] = rows.values[i];
    }
  }
  return (gene) => ({
    cells: ofCells.subarray(ends[gene], ends[gene + 1]),
    counts: counts.subarray(ends[gene], ends[gene + 1]),
  });
}

/** Newton's steps, with room for one gene at a time. */
class PoissonFit {
  private readonly design: Float64Array; // [cells, width]
  private readonly width: number;
  private readonly totals: Float64Array; // [cells]
  private readonly means: Float64Array; // [cells]

  constructor(design: Float64Array, width: number, totals: Float64Array) {
    this.design = design;
    this.width = width;
    this.totals = totals;
    this.means = new Float64Array(totals.length);
  }

  /** Writes the weights and returns the dispersion. */
  gene({ cells, counts }: GeneCounts, weights: Float64Array): number {
    const { design, width, totals } = this;
    const all = totals.reduce((sum, total) => sum + total, 0);
    weights[0] = Math.log((counts.reduce((sum, count) => sum + count, 0) + 0.5) / all);
    const observed = new Float64Array(width); // design x counts
    cells.forEach((cell, i) => {
      for (let d = 0; d < width; d++) observed[d] += design[cell * width + d] * counts[i];
    });
    for (let step = 0; step < mostSteps; step++) {
      const { gradient, curvature } = this.slopes(weights, observed);
      const change = Array.from(gradient, (value) => Float64Array.of(value));
      solveInPlace(cholesky(curvature, width), change);
      const longest = change.reduce((most, [value]) => Math.max(most, Math.abs(value)), 0);
      const scale = Math.min(1, longestStep / Math.max(longest, 1e-300));
      for (let d = 0; d < width; d++) weights[d] += scale * change[d][0];
      if (longest < smallStep) break;
    }
    this.expect(weights);
    return this.dispersion(cells, counts);
  }

  private expect(weights: Float64Array): void {
    const { design, width, totals, means } = this;
    for (let cell = 0; cell < means.length; cell++) {
      let power = 0;
      for (let d = 0; d < width; d++) power += design[cell * width + d] * weights[d];
      means[cell] = totals[cell] * Math.exp(Math.min(power, 0)); // a gene has no more than all counts
    }
  }

  /** First and second derivatives of the penalised likelihood, the second with its sign turned. */
  private slopes(weights: Float64Array, observed: Float64Array) {
    const { design, width, means } = this;
    this.expect(weights);
    const gradient = observed.slice();
    const curvature = new Float64Array(width * width);
    for (let cell = 0; cell < means.length; cell++) {
      const mean = means[cell];
      const first = cell * width;
      for (let a = 0; a < width; a++) {
        const share = mean * design[first + a];
        gradient[a] -= share;
        const row = a * width;
        for (let b = 0; b <= a; b++) curvature[row + b] += share * design[first + b];
      }
    }
    for (let a = 0; a < width; a++) {
      for (let b = 0; b < a; b++) curvature[b * width + a] = curvature[a * width + b];
      const precision = a === 0 ? 1e-6 : 1 / priorVariance;
      curvature[a * width + a] += precision;
      if (a > 0) gradient[a] -= precision * weights[a];
    }
    return { gradient, curvature };
  }

  /** By moments: what squared differences have beyond the mean, over the squared mean. */
  private dispersion(cells: Int32Array, counts: Float64Array): number {
    let [beyond, squares] = [0, 0];
    for (const mean of this.means) {
      beyond += mean * mean - mean; // as if no count were seen
      squares += mean * mean;
    }
    cells.forEach((cell, i) => {
      beyond += counts[i] * (counts[i] - 2 * this.means[cell]);
    });
    return squares > 0 ? Math.max(0, beyond / squares) : 0;
  }
}
