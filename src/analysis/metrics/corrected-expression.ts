/** @file How well expression is corrected: what is left of batches, what is kept of kinds of cells and of each gene. */

import type { Grouping } from '../groups.ts';

/** Cells in rows, genes in columns. */
export interface DenseExpression {
  readonly values: Float32Array; // [cells, genes]
  readonly genes: number;
}

/** Scores of corrected expression against the observed. */
export interface CorrectionScores {
  /** Variance within kinds of cells that batch means explain, mean over genes: 0 is best. */
  readonly batchVariance: number;
  /**
   * Squared differences of batch means within kinds, as a share of the observed ones, beyond what the noise of means
   * gives: 0 is best. Shrinking values as a whole makes it small, too: look at `kindsKept` beside it.
   */
  readonly batchLeft: number;
  /** Squared differences of kinds within batches, as a share of the observed ones: 1 is best. */
  readonly kindsKept: number;
  /** Pearson correlation of a gene's corrected and observed values within a batch, mean over genes and batches. */
  readonly likeness: number;
}

/** Means of fewer cells are mostly noise. */
const fewestCells = 10;

/**
 * Scores corrected expression.
 *
 * @param kinds of cells; -1 for cells that are not scored
 * @returns NaN for what cannot be told, as where no kind has ten cells in two batches
 */
export function correctionScores(
  corrected: DenseExpression,
  observed: DenseExpression,
  batch: Grouping, // [cells]
  kinds: Grouping, // [cells]
): CorrectionScores {
  const ofCorrected = spreadOf(corrected, batch, kinds);
  const ofObserved = spreadOf(observed, batch, kinds);
  return {
    batchVariance: ofCorrected.explained,
    batchLeft: Math.max(0, ofCorrected.batches) / ofObserved.batches, // no less than noise
    kindsKept: ofCorrected.kinds / ofObserved.kinds,
    likeness: likenessOf(corrected, observed, batch),
  };
}

interface Spread {
  readonly explained: number;
  readonly batches: number;
  readonly kinds: number;
}

/** Means and variances of each gene in the cells of a kind and batch. */
interface Moments {
  readonly cells: number;
  readonly means: Float64Array; // [genes]
  readonly variances: Float64Array; // [genes], divisor cells - 1
}

function spreadOf(expression: DenseExpression, batch: Grouping, kinds: Grouping): Spread {
  const { genes } = expression;
  const between = new Float64Array(genes);
  const within = new Float64Array(genes);
  let ofNoise = 0;
  let ofKinds = 0;
  const inBatches = batch.groups.map((): Moments[] => []);
  for (const kind of kinds.groups.keys()) {
    const parts = batch.groups.flatMap((_, code): Moments[] => {
      const cells = membersOf(batch, code).filter((cell) => kinds.codes[cell] === kind);
      if (cells.length < fewestCells) return [];
      const moments = momentsOf(expression, cells);
      inBatches[code].push(moments);
      return [moments];
    });
    if (parts.length < 2) continue;
    addBetween(between, parts);
    const total = parts.reduce((sum, { cells }) => sum + cells, 0);
    for (const { cells, variances } of parts) {
      variances.forEach((variance, gene) => {
        within[gene] += variance * (cells - 1);
        ofNoise += variance * (1 - cells / total);
      });
    }
  }
  for (const parts of inBatches) {
    const sums = new Float64Array(genes);
    if (parts.length > 1) addBetween(sums, parts);
    ofKinds += sums.reduce((sum, value) => sum + value, 0);
  }
  const varying = [...within.keys()].filter((gene) => between[gene] + within[gene] > 0);
  return {
    explained:
      varying.reduce((sum, gene) => sum + between[gene] / (between[gene] + within[gene]), 0) / varying.length,
    batches: between.reduce((sum, value) => sum + value, 0) - ofNoise,
    kinds: ofKinds,
  };
}

function membersOf({ codes }: Grouping, code: number): number[] {
  return Array.from(codes.keys()).filter((cell) => codes[cell] === code);
}

function momentsOf({ values, genes }: DenseExpression, cells: readonly number[]): Moments {
  const means = new Float64Array(genes);
  const variances = new Float64Array(genes);
  for (const cell of cells) {
    for (let gene = 0; gene < genes; gene++) means[gene] += values[cell * genes + gene] / cells.length;
  }
  for (const cell of cells) {
    for (let gene = 0; gene < genes; gene++) {
      variances[gene] += (values[cell * genes + gene] - means[gene]) ** 2 / (cells.length - 1);
    }
  }
  return { cells: cells.length, means, variances };
}

/** Adds the squared differences between the means of parts, each cell counted. */
function addBetween(sums: Float64Array, parts: readonly Moments[]): void {
  const total = parts.reduce((sum, { cells }) => sum + cells, 0);
  for (let gene = 0; gene < sums.length; gene++) {
    const mean = parts.reduce((sum, { cells, means }) => sum + cells * means[gene], 0) / total;
    for (const { cells, means } of parts) sums[gene] += cells * (means[gene] - mean) ** 2;
  }
}

function likenessOf(corrected: DenseExpression, observed: DenseExpression, batch: Grouping): number {
  const { genes } = observed;
  const all: number[] = [];
  for (const code of batch.groups.keys()) {
    const cells = membersOf(batch, code);
    if (cells.length < fewestCells) continue;
    const [one, other] = [corrected, observed].map((of) => momentsOf(of, cells));
    for (let gene = 0; gene < genes; gene++) {
      if (other.variances[gene] === 0) continue;
      let products = 0;
      for (const cell of cells) {
        const difference = corrected.values[cell * genes + gene] - one.means[gene];
        products += difference * (observed.values[cell * genes + gene] - other.means[gene]);
      }
      const spread = Math.sqrt(one.variances[gene] * other.variances[gene]);
      all.push(spread === 0 ? 0 : products / (cells.length - 1) / spread);
    }
  }
  return all.reduce((sum, value) => sum + value, 0) / all.length;
}
