/** @file The fixture of gene networks. */

import { type Golden, golden } from '../../single-cell/golden.ts';

export interface Ranking {
  readonly genes: readonly number[];
  readonly scores: readonly number[];
}

export interface Enriched {
  readonly set: string;
  readonly set_size_in_background: number;
  readonly overlap: number;
  readonly p: number;
  readonly bonferroni: number;
  readonly bh: number;
  readonly fold_enrichment: number;
  readonly genes: readonly string[];
}

export interface NetworkCase {
  readonly programs: Readonly<
    Record<string, { readonly programs_of_at_least_5_genes: number; readonly undirected_modularity: number }>
  >;
  readonly network: Readonly<Record<string, { readonly edges_without_self_loops: number }>>;
  readonly attention: {
    readonly conditions: readonly string[];
    readonly perturbed_gene_column: number;
    readonly top10: Readonly<Record<string, Ranking>>;
  };
  readonly over_representation: {
    readonly query: readonly string[];
    readonly background: readonly string[];
  } & Readonly<Record<string, { readonly sets_tested: number; readonly results: readonly Enriched[] }>>;
}

export const networks: Golden<NetworkCase> = golden<NetworkCase>('grn');

/** The largest difference of two lists, entry by entry. */
export function largestDifference(found: ArrayLike<number>, stored: ArrayLike<number>): number {
  let largest = found.length === stored.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < found.length; i++) largest = Math.max(largest, Math.abs(found[i] - stored[i]));
  return largest;
}
