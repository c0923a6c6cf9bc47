/** @file The fixture of gene names and what each must become. */

import { readFileSync } from 'node:fs';

export interface GoldenName {
  readonly input: string;
  readonly status: string;
  readonly symbol: string | null;
  readonly hgnc_id?: string;
  readonly ensembl?: string;
  readonly census_vocab_id?: number | null;
  readonly candidates?: readonly string[];
  readonly other_meanings?: readonly string[];
}

export interface GoldenList {
  readonly name: string;
  readonly names: readonly string[];
  readonly detected: string;
  readonly symbols: readonly (string | null)[];
  readonly report: {
    readonly inputs: number;
    readonly mapped: number;
    readonly ambiguous: readonly string[];
    readonly unmapped: readonly string[];
    readonly repeated_inputs: readonly string[];
    readonly merged: Readonly<Record<string, readonly number[]>>;
    readonly distinct_symbols: number;
    readonly in_census_vocab: number;
  };
}

const file = new URL('../../../fixtures/data/gene-mapping/case.json', import.meta.url);

export const golden = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly parameters: { readonly sizes: { readonly symbols: number } };
  readonly names: readonly GoldenName[];
  readonly lists: readonly GoldenList[];
};
