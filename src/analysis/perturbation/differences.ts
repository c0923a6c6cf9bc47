/** @file Genes that differ between the cells of a condition and the control, by Welch's t test. */

import { falseDiscoveryRates } from '../false-discovery.ts';
import { studentTail } from '../student-tail.ts';
import type { Profiles } from './profiles.ts';

/** How each gene differs. */
export interface Differences {
  /** Welch's t, 0 where neither side varies. */
  readonly t: Float64Array; // [genes]
  /** Two-sided. */
  readonly p: Float64Array; // [genes]
  /** By Benjamini and Hochberg. */
  readonly adjustedP: Float64Array; // [genes]
  /** log2 of the ratio of mean counts, taken back from mean logged values as scanpy does. */
  readonly log2FoldChange: Float64Array; // [genes]
}

/** Keeps the fold change finite where one side does not express a gene at all; scanpy's. */
const leastMean = 1e-9;

/**
 * Welch's t test of a group of cells against another, gene by gene: scanpy's `rank_genes_groups(method='t-test')`.
 *
 * @param overestimated take the group's size for both sides, as its `t-test_overestim_var` does: more careful where the
 *   other side is far larger
 */
export function differences(
  { means, variances, sizes }: Profiles,
  group: number,
  other: number,
  { overestimated = false }: { readonly overestimated?: boolean } = {},
): Differences {
  const n = sizes[group];
  const m = overestimated ? n : sizes[other];
  const genes = means[group].length;
  const result = {
    t: new Float64Array(genes),
    p: new Float64Array(genes).fill(1),
    log2FoldChange: new Float64Array(genes),
  };
  for (let gene = 0; gene < genes; gene++) {
    const [own, its] = [variances[group][gene] / n, variances[other][gene] / m];
    const [mean, otherMean] = [means[group][gene], means[other][gene]];
    result.log2FoldChange[gene] = Math.log2(
      (Math.expm1(mean) + leastMean) / (Math.expm1(otherMean) + leastMean),
    );
    const error = Math.sqrt(own + its);
    if (!(error > 0)) continue; // neither varies, or there is but one cell
    result.t[gene] = (mean - otherMean) / error;
    const freedom = (own + its) ** 2 / (own ** 2 / (n - 1) + its ** 2 / (m - 1));
    result.p[gene] = Math.min(1, 2 * studentTail(Math.abs(result.t[gene]), freedom));
  }
  return { ...result, adjustedP: falseDiscoveryRates(result.p) };
}

/** The genes with the largest difference in either direction, the largest first; of equal ones the first. */
export function mostDifferent({ t }: Pick<Differences, 't'>, count: number): Int32Array {
  const order = [...t.keys()].sort((a, b) => Math.abs(t[b]) - Math.abs(t[a]) || a - b);
  return Int32Array.from(order.slice(0, count));
}

/** With fewer genes that differ (adjusted p below 0.05), a perturbation has next to no measurable effect. */
export const fewestDifferent = 10;

/** How many genes differ. */
export function differentGenes({ adjustedP }: Pick<Differences, 'adjustedP'>, level = 0.05): number {
  return adjustedP.filter((p) => p < level).length;
}
