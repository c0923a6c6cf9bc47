/** @file Genes that tell each group of cells from all others. */

import { type CsrMatrix, transpose } from '../single-cell/csr-matrix.ts';
import { checkExpression } from '../single-cell/preprocess/pass.ts';
import { InputError } from '../support/errors.ts';
import type { RunControl } from '../support/progress.ts';
import { falseDiscoveryRates } from './false-discovery.ts';
import { type Grouping, groupSizes } from './groups.ts';
import { normalTail } from './normal-tail.ts';
import { type RankSums, rankSums } from './rank-sums.ts';

/** How a gene's expression inside a group differs from that outside. */
export interface Marker {
  /** Index into the grouping's groups. */
  readonly group: number;
  /** Column of the expression. */
  readonly gene: number;
  /** Of the rank-sum test, with ties corrected for; above 0 where the group expresses more. */
  readonly z: number;
  /** Two-sided. */
  readonly p: number;
  /** By Benjamini and Hochberg, over the genes of the group. */
  readonly adjustedP: number;
  /** log2 of the ratio of mean counts, which are taken back from mean logged values as scanpy does. */
  readonly log2FoldChange: number;
  /** The chance that a cell of the group expresses more than another, equal ones counting half. */
  readonly auc: number;
  /** Cells with a value above zero, as a share. */
  readonly shareInside: number;
  readonly shareOutside: number;
  /** Mean logged value. */
  readonly meanInside: number;
}

/** How {@link markerGenes} lists genes. */
export interface MarkerOptions {
  /** The most of each group. Default all genes. */
  readonly most?: number | undefined;
}

/** Keeps the fold change finite where one side does not express a gene at all; scanpy's. */
const leastMean = 1e-9;

/**
 * Compares each group with all other cells, gene by gene, by Wilcoxon's rank-sum test: the numbers of scanpy's
 * `rank_genes_groups(method='wilcoxon', tie_correct=True)`. Groups in their order, in each the best marker (the largest
 * z) first. Cells without a group are left out.
 *
 * The groups are usually clusters of the same expression, which makes p-values too small: they rank genes, but say
 * nothing of whether clusters differ.
 *
 * @param expression log-normalised values, ln(1 + x)
 * @throws InputError when the groups are of other cells, fewer than two have cells, or values are negative or not finite
 * @throws CancelledError when the control's signal is aborted
 */
export async function markerGenes(
  expression: CsrMatrix,
  groups: Grouping,
  { most = expression.shape[1] }: MarkerOptions = {},
  control?: RunControl,
): Promise<Marker[]> {
  const sizes = comparableSizes(groups, expression.shape[0]);
  const block = await expression.rows(0, expression.shape[0]);
  checkExpression(block);
  const entries = { ...block, indptr: Float64Array.from(block.indptr) };
  const sums = await rankSums(transpose(entries, expression.shape[1]), groups, control);
  return [...sizes.keys()]
    .filter((group) => sizes[group] > 0)
    .flatMap((group) => bestOf(group, sizes, sums, most));
}

function comparableSizes({ name, codes, groups }: Grouping, cellCount: number): Int32Array {
  if (codes.length !== cellCount) {
    throw new InputError({
      what: `there are ${codes.length} cells`,
      where: `grouping ${name}`,
      expected: `the expression's ${cellCount}`,
      reason: 'grouping_length',
    });
  }
  const sizes = groupSizes(codes, groups.length);
  if (sizes.filter((size) => size > 0).length > 1) return sizes;
  throw new InputError({
    what: 'fewer than two groups have cells, so there is nothing to compare',
    where: `grouping ${name}`,
    expected: 'at least two groups',
    reason: 'one_group',
  });
}

function bestOf(group: number, sizes: Int32Array, sums: RankSums, most: number): Marker[] {
  const tests = Array.from(sums.ties, (_, gene) => compare(gene, group, sizes, sums));
  const adjusted = falseDiscoveryRates(Float64Array.from(tests, ({ p }) => p));
  const order = [...tests.keys()].sort((a, b) => tests[b].z - tests[a].z || a - b).slice(0, most);
  return order.map((gene) => ({ ...tests[gene], adjustedP: adjusted[gene] }));
}

function compare(gene: number, group: number, sizes: Int32Array, sums: RankSums): Omit<Marker, 'adjustedP'> {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const inside = sizes[group];
  const outside = all - inside;
  const row = gene * sizes.length;
  const sumOver = (values: Int32Array | Float64Array): number => {
    let sum = 0;
    for (let other = 0; other < sizes.length; other++) sum += values[row + other];
    return sum;
  };
  const excess = sums.sums[row + group] - (inside * (all + 1)) / 2;
  const untied = 1 - sums.ties[gene] / (all ** 3 - all);
  const deviation = Math.sqrt((untied * inside * outside * (all + 1)) / 12);
  const z = deviation > 0 ? excess / deviation : 0; // all cells alike
  const meanInside = sums.totals[row + group] / inside;
  const meanOutside = (sumOver(sums.totals) - sums.totals[row + group]) / outside;
  return {
    group,
    gene,
    z,
    p: Math.min(1, 2 * normalTail(Math.abs(z))),
    log2FoldChange: Math.log2((Math.expm1(meanInside) + leastMean) / (Math.expm1(meanOutside) + leastMean)),
    auc: 0.5 + excess / (inside * outside),
    shareInside: sums.expressing[row + group] / inside,
    shareOutside: (sumOver(sums.expressing) - sums.expressing[row + group]) / outside,
    meanInside,
  };
}
