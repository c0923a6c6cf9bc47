/** @file The model's side of gene matching: which token of its vocabulary stands for a gene, whatever release named it. */

import { ensemblForm } from './patterns.ts';
import type { ResolvedName } from './resolve.ts';
import type { GeneTables } from './tables.ts';

/** What gene matching needs of a vocabulary. */
export interface TokenLookup {
  /** Tokens in the order of their ids. */
  readonly tokens: readonly string[];
  id(token: string): number | undefined;
}

/** How a gene's token was found once the gene was known. */
export type TokenRoute =
  /** The token is the approved symbol. */
  | 'symbol'
  /** The token holds the Ensembl id, alone or as `SYMBOL_ENSG00000167286`. */
  | 'ensembl_token'
  /** The token is the name GENCODE gives the Ensembl id. */
  | 'gencode_name'
  /** The token is a previous symbol or alias of the gene: the vocabulary is older than the table. */
  | 'older_name';

/** Finds tokens of genes. Special tokens such as `<pad>` stand for no gene and are never found. */
export class TokenIndex {
  private readonly vocabulary: TokenLookup;
  private readonly tables: GeneTables;
  private ensemblIds: ReadonlyMap<string, number> | undefined;
  private olderIds: ReadonlyMap<string, number | null> | undefined;

  constructor(vocabulary: TokenLookup, tables: GeneTables) {
    this.vocabulary = vocabulary;
    this.tables = tables;
  }

  /** The id of the gene token spelled exactly so. */
  spelled(name: string): number | undefined {
    return isSpecial(name) ? undefined : this.vocabulary.id(name);
  }

  /** The token of a gene that was found by its name. */
  ofGene({ symbol, ensembl }: ResolvedName): { readonly id: number; readonly route: TokenRoute } | undefined {
    const gencode = ensembl === null ? undefined : this.tables.gencodeName(ensembl);
    const routes: readonly (readonly [TokenRoute, number | null | undefined])[] = [
      ['symbol', symbol === null ? undefined : this.spelled(symbol)],
      ['ensembl_token', ensembl === null ? undefined : this.withEnsembl(ensembl)],
      ['gencode_name', gencode === undefined ? undefined : this.spelled(gencode)],
      ['older_name', symbol === null ? undefined : this.olderNamed(symbol)],
    ];
    for (const [route, id] of routes) if (id !== undefined && id !== null) return { id, route };
    return undefined;
  }

  private withEnsembl(id: string): number | undefined {
    if (this.ensemblIds === undefined) {
      const ids = new Map<string, number>();
      this.vocabulary.tokens.forEach((token, tokenId) => {
        const found = token.includes('ENSG')
          ? ensemblForm(token.slice(token.lastIndexOf('_') + 1))
          : undefined;
        if (found !== undefined && !ids.has(found.id)) ids.set(found.id, tokenId);
      });
      this.ensemblIds = ids;
    }
    return this.ensemblIds.get(id);
  }

  /** Null where several tokens are equally good older names of the gene. */
  private olderNamed(symbol: string): number | null | undefined {
    if (this.olderIds === undefined) {
      const previous = this.olderNames('previous');
      this.olderIds = new Map([...this.olderNames('alias'), ...previous]);
    }
    return this.olderIds.get(symbol);
  }

  private olderNames(kind: 'previous' | 'alias'): Map<string, number | null> {
    const ids = new Map<string, number | null>();
    this.vocabulary.tokens.forEach((token, tokenId) => {
      if (this.tables.named('approved', token).length > 0) return;
      const rows = this.tables.named(kind, token);
      if (rows.length !== 1) return;
      const { symbol } = this.tables.gene(rows[0]);
      ids.set(symbol, ids.has(symbol) ? null : tokenId);
    });
    return ids;
  }
}

const indexes = new WeakMap<TokenLookup, WeakMap<GeneTables, TokenIndex>>();

/** The index of a vocabulary, which is built once: vocabularies and tables do not change. */
export function tokenIndexOf(vocabulary: TokenLookup, tables: GeneTables): TokenIndex {
  const ofVocabulary = indexes.get(vocabulary) ?? new WeakMap<GeneTables, TokenIndex>();
  indexes.set(vocabulary, ofVocabulary);
  const index = ofVocabulary.get(tables) ?? new TokenIndex(vocabulary, tables);
  ofVocabulary.set(tables, index);
  return index;
}

function isSpecial(token: string): boolean {
  return /^<.*>$/.test(token);
}
