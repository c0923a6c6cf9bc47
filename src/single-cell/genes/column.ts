/** @file Chooses where the gene names are: the index of var or the column whose names the model knows best. */

import { columnStrings, type DataFrame } from '../data-frame.ts';
import { mapGenes } from './mapping.ts';
import type { GeneTables } from './tables.ts';
import type { TokenLookup } from './token-index.ts';

/** A place gene names may be in; column null is the index. */
export interface ColumnCandidate {
  readonly column: string | null;
  /** Share of a sample of its names that have a token, 0 .. 1. */
  readonly matched: number;
}

/** The gene names of a data set and where they are. */
export interface GeneColumn {
  /** The chosen column, null for the index. */
  readonly column: string | null;
  readonly names: readonly string[]; // [genes]
  readonly chosenBy: 'request' | 'overlap';
  /** Every place looked at, best first. */
  readonly candidates: readonly ColumnCandidate[];
  /** The next best place and its names, for genes whose first name has no token; undefined when nothing else has gene names. */
  readonly second?: { readonly column: string | null; readonly names: readonly string[] };
}

const sampled = 2000;
/** Another column must do this much better than the index, which is what people mean when they say nothing. */
const margin = 0.01;
/** A column that matches less than this holds something else than gene names. */
const worthAsking = 0.2;

/**
 * Chooses between the index and the text columns of var by the share of names that have a token.
 *
 * @param requested a column to use whatever the others match (`--gene-column`); the index by its name or as `index`
 * @throws InputError when the requested column does not exist, naming those that do
 */
export function chooseGeneColumn(
  genes: DataFrame,
  vocabulary: TokenLookup,
  tables: GeneTables,
  requested?: string,
): GeneColumn {
  const namesIn = (column: string | null): string[] =>
    column === null ? [...genes.index] : genes.strings(column, 'var').map((name) => name ?? '');
  const isIndex = (name: string) =>
    !genes.columns.has(name) && (name === genes.indexName || name === 'index');
  const asked = requested === undefined ? undefined : isIndex(requested) ? null : requested;
  const askedNames = asked === undefined ? undefined : namesIn(asked);

  const places = [null, ...textColumns(genes)];
  const candidates = places
    .map((column): ColumnCandidate => {
      const sample = everyFew(namesIn(column));
      const ids = mapGenes(sample, vocabulary, tables).ids;
      const matched = sample.length === 0 ? 0 : ids.filter((id) => id >= 0).length / sample.length;
      return { column, matched };
    })
    .sort((a, b) => b.matched - a.matched);
  const index = candidates.find(({ column }) => column === null)!;
  const best = candidates[0].matched > index.matched + margin ? candidates[0] : index;
  const column = asked === undefined ? best.column : asked;
  const next = candidates.find((place) => place.column !== column && place.matched >= worthAsking);
  return {
    column,
    names: askedNames ?? namesIn(column),
    chosenBy: requested === undefined ? 'overlap' : 'request',
    candidates,
    ...(next === undefined ? {} : { second: { column: next.column, names: namesIn(next.column) } }),
  };
}

/** Text columns whose values tell genes apart, unlike `feature_types` or `chromosome`. */
function textColumns(genes: DataFrame): string[] {
  const isText = ([, column]: readonly [string, ReturnType<DataFrame['column']>]) =>
    (column.kind === 'string' || column.kind === 'categorical') &&
    new Set(columnStrings(column)).size > genes.length / 2;
  return [...genes.columns].filter(isText).map(([name]) => name);
}

/** At most {@link sampled} names, evenly spread. */
function everyFew(names: readonly string[]): string[] {
  if (names.length <= sampled) return [...names];
  return Array.from({ length: sampled }, (_, i) => names[Math.floor((i * names.length) / sampled)]);
}
