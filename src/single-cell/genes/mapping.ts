/** @file Gives every gene of a data set its token of the model's vocabulary, or none, and says how. */

import { UsageError } from '../../support/errors.ts';
import { areEntrezIds, type DetectedNames, detectNames } from './name-list.ts';
import type { Orthologues } from './orthologues.ts';
import { withoutMouseGenome } from './patterns.ts';
import { type NameStatus, type ResolvedName, resolveName } from './resolve.ts';
import { spellings } from './spellings.ts';
import type { GeneTables } from './tables.ts';
import { type TokenIndex, type TokenLookup, type TokenRoute, tokenIndexOf } from './token-index.ts';

/** How a gene came to its token. */
export type MatchRoute =
  /** The name is a token. */
  | 'exact'
  /** The name is a token once its decoration is undone. */
  | 'spelling'
  | TokenRoute;

/** What became of one gene. */
export interface GeneMatch {
  /** The name in the data. */
  readonly name: string;
  /** The token's id in the vocabulary; null when the model does not know the gene. */
  readonly id: number | null;
  readonly token: string | null;
  /** Null when there is no token. */
  readonly route: MatchRoute | null;
  /** How the name was understood; `approved` for a name that is itself a token. */
  readonly status: NameStatus;
  /** The gene's symbol, or the name itself where that is a token. */
  readonly symbol: string | null;
  /** Symbols the name may stand for when none was chosen. */
  readonly candidates: readonly string[];
  /** The second name, where the first gave no token and this one did. */
  readonly secondName?: string;
}

/** Several genes of the data with one token: their counts are added. */
export interface DuplicateGenes {
  readonly token: string;
  readonly id: number;
  /** Positions in the data, ascending; the names need not be equal. */
  readonly genes: readonly number[];
}

/** The genes of a data set in terms of a model's vocabulary. */
export interface GeneMapping {
  readonly matches: readonly GeneMatch[]; // [genes]
  /** Token ids, -1 for genes without one. */
  readonly ids: Int32Array; // [genes]
  readonly duplicates: readonly DuplicateGenes[];
  readonly detected: DetectedNames;
  /** Whether mouse names were translated through orthologues. */
  readonly orthologues: boolean;
}

/** How genes are matched. */
export interface MapGenesOptions {
  /** Translate mouse symbols to their human orthologues: opt-in, since it is an assumption about biology. */
  readonly orthologues?: Orthologues | undefined;
  /** Another name of each gene, such as its Ensembl id, asked where the first gives no token. */
  readonly secondNames?: readonly string[] | undefined;
  /** Take only names that are tokens as they stand, as the reference does. Default false. */
  readonly exactOnly?: boolean | undefined;
}

/**
 * Matches gene names to tokens. A name that is a token wins; then the gene it means is looked up
 * ({@link resolveName}) and its token found by symbol, Ensembl id, GENCODE name or older name. Names of several
 * genes are never decided, special tokens never matched, and genes that share a token are listed, not dropped.
 *
 * @param names one a gene, in the order of the data; need not be unique
 * @throws UsageError when `secondNames` has another length
 */
export function mapGenes(
  names: readonly string[],
  vocabulary: TokenLookup,
  tables: GeneTables,
  options: MapGenesOptions = {},
): GeneMapping {
  const { orthologues, secondNames, exactOnly = false } = options;
  if (secondNames !== undefined && secondNames.length !== names.length) {
    throw new UsageError({ what: `there are ${secondNames.length} second names for ${names.length} genes` });
  }
  const index = tokenIndexOf(vocabulary, tables);
  const match = (list: readonly string[]) => {
    const numbersAreEntrez = areEntrezIds(list);
    return (name: string): GeneMatch => {
      const spelled = index.spelled(name);
      if (spelled !== undefined) return exactMatch(name, spelled, vocabulary);
      const gene = understand(name, tables, orthologues, numbersAreEntrez);
      return exactOnly ? withoutToken(gene) : matchOf(gene, index, vocabulary);
    };
  };
  const first = match(names);
  const second = match(secondNames ?? []);
  const matches = names.map((name, position): GeneMatch => {
    const found = first(name);
    if (found.id !== null || secondNames === undefined) return found;
    const other = second(secondNames[position]);
    return other.id === null ? found : { ...other, name, secondName: secondNames[position] };
  });
  return {
    matches,
    ids: Int32Array.from(matches, ({ id }) => id ?? -1),
    duplicates: duplicatesOf(matches),
    detected: detectNames(names),
    orthologues: orthologues !== undefined,
  };
}

function exactMatch(name: string, id: number, vocabulary: TokenLookup): GeneMatch {
  return {
    name,
    id,
    token: vocabulary.tokens[id],
    route: 'exact',
    status: 'approved',
    symbol: name,
    candidates: [],
  };
}

/** With orthologues, a name in mouse case is never taken for the human gene of the same letters. */
function understand(
  name: string,
  tables: GeneTables,
  orthologues: Orthologues | undefined,
  numbersAreEntrez: boolean,
): ResolvedName {
  const resolved = resolveName(name, tables, { numbersAreEntrez });
  if (orthologues === undefined) return resolved;
  const human = orthologues.human(withoutMouseGenome(name) ?? name);
  if (human.length === 1) return { ...resolveName(human[0], tables), input: name, status: 'orthologue' };
  const none = { ...resolved, symbol: null, hgncId: null, ensembl: null, candidates: [] };
  if (human.length > 1) return { ...none, status: 'ambiguous', candidates: human };
  return resolved.status.endsWith('_other_case') ? { ...none, status: 'unmapped_mouse' } : resolved;
}

function matchOf(gene: ResolvedName, index: TokenIndex, vocabulary: TokenLookup): GeneMatch {
  const found = index.ofGene(gene) ?? respelled(gene, index);
  if (found === undefined) return withoutToken(gene);
  const { id, route } = found;
  return { ...withoutToken(gene), id, token: vocabulary.tokens[id], route };
}

function withoutToken({ input: name, status, symbol, candidates }: ResolvedName): GeneMatch {
  return { name, id: null, token: null, route: null, status, symbol, candidates };
}

/** Tokens that no table knows, mostly clone names, under a decoration: `hg19_RP11-34P13.7`, `RP11-34P13.7-1`. */
function respelled(gene: ResolvedName, index: TokenIndex): { id: number; route: 'spelling' } | undefined {
  if (!gene.status.startsWith('unmapped')) return undefined;
  for (const { name } of spellings(gene.input)) {
    const id = index.spelled(name);
    if (id !== undefined) return { id, route: 'spelling' };
  }
  return undefined;
}

function duplicatesOf(matches: readonly GeneMatch[]): DuplicateGenes[] {
  const positions = new Map<number, number[]>();
  matches.forEach(({ id }, position) => {
    if (id === null) return;
    const sharing = positions.get(id);
    if (sharing === undefined) positions.set(id, [position]);
    else sharing.push(position);
  });
  return [...positions]
    .filter(([, genes]) => genes.length > 1)
    .map(([id, genes]) => ({ token: matches[genes[0]].token!, id, genes }));
}
