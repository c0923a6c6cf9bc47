/** @file How well a data set's genes match a model, what was left out, and what probably is wrong, as data. */

import { InputError, UsageError } from '../../support/errors.ts';
import { capitalised } from '../../support/words.ts';
import type { GeneColumn } from './column.ts';
import type { GeneMapping, MatchRoute } from './mapping.ts';
import type { DetectedNames, NameListKind } from './name-list.ts';
import type { NameStatus } from './resolve.ts';

/** A gene the model does not know. */
export interface UnmatchedGene {
  readonly name: string;
  readonly status: NameStatus;
  /** Share of all counts, 0 .. 1; null when counts are not known. */
  readonly countShare: number | null;
}

/** Something that probably is wrong with the names, and what to do. */
export interface GeneNameProblem {
  readonly kind: NameListKind | 'another_column' | 'spreadsheet_dates' | 'few_matched' | 'human_names';
  readonly message: string;
  readonly advice: string;
}

/** The match of a data set's genes with a model's vocabulary. */
export interface GeneMatchReport {
  readonly genes: number;
  readonly matched: number;
  /** Distinct tokens; fewer than `matched` where genes share one. */
  readonly tokens: number;
  /** Share of all counts that matched genes hold, 0 .. 1; null when counts are not known. */
  readonly countShare: number | null;
  readonly routes: ReadonlyMap<MatchRoute, number>;
  /** How many matched only by their second name. */
  readonly bySecondName: number;
  /** The unmatched genes with most counts, at most ten; in the order of the data when counts are not known. */
  readonly largestUnmatched: readonly UnmatchedGene[];
  /** Names of several genes, none of which was chosen. */
  readonly ambiguous: readonly { readonly name: string; readonly candidates: readonly string[] }[];
  /** Tokens of several genes, whose counts are added. */
  readonly duplicates: readonly { readonly token: string; readonly names: readonly string[] }[];
  /** The kind of the names, from their forms. */
  readonly detected: DetectedNames;
  readonly problems: readonly GeneNameProblem[];
  /** Where the names were, null when that was not chosen from a table. */
  readonly column: GeneColumn | null;
}

/** What is known beside the mapping. */
export interface GeneMatchContext {
  /** The sum of every gene over all cells. */
  readonly counts?: ArrayLike<number> | undefined; // [genes]
  readonly column?: GeneColumn | undefined;
}

/**
 * Sums up a mapping.
 *
 * @throws UsageError when counts have another length than the mapping
 */
export function geneMatchReport(
  mapping: GeneMapping,
  { counts, column }: GeneMatchContext = {},
): GeneMatchReport {
  const { matches, duplicates } = mapping;
  if (counts !== undefined && counts.length !== matches.length) {
    throw new UsageError({ what: `there are ${counts.length} gene sums for ${matches.length} genes` });
  }
  const positions = matches.map((_, position) => position);
  const share = shareOf(counts);
  const matched = positions.filter((position) => matches[position].id !== null);
  const unmatched = positions.filter((position) => matches[position].id === null);
  if (share !== undefined) unmatched.sort((a, b) => share(b) - share(a) || a - b);
  const routes = new Map<MatchRoute, number>();
  for (const { route } of matches) if (route !== null) routes.set(route, (routes.get(route) ?? 0) + 1);
  const summary = {
    genes: matches.length,
    matched: matched.length,
    tokens: new Set(matched.map((position) => matches[position].id)).size,
    countShare: share === undefined ? null : matched.reduce((sum, position) => sum + share(position), 0),
    routes,
    bySecondName: matches.filter(({ secondName }) => secondName !== undefined).length,
    largestUnmatched: unmatched.slice(0, 10).map((position) => ({
      name: matches[position].name,
      status: matches[position].status,
      countShare: share?.(position) ?? null,
    })),
    ambiguous: matches
      .filter(({ id, candidates }) => id === null && candidates.length > 0)
      .map(({ name, candidates }) => ({ name, candidates })),
    duplicates: duplicates.map(({ token, genes }) => ({
      token,
      names: genes.map((position) => matches[position].name),
    })),
    detected: mapping.detected,
    column: column ?? null,
  };
  return { ...summary, problems: problemsOf(mapping, summary) };
}

/** A gene's share of all counts; undefined when there are no counts to share. */
function shareOf(counts: ArrayLike<number> | undefined): ((position: number) => number) | undefined {
  if (counts === undefined) return undefined;
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i];
  return total > 0 ? (position) => counts[position] / total : undefined;
}

const orthologueAdvice =
  'Translate them to their human orthologues with --organism mouse: it is never done silently.';

/** What a kind of names means for a model of human genes. */
const kindProblems: Partial<Record<NameListKind, readonly [message: string, advice: string]>> = {
  mouse: ['these look like mouse genes, and the model knows human ones', orthologueAdvice],
  human_and_mouse: [
    'human and mouse genes are mixed (barnyard)',
    'Keep the human cells and genes, or translate the mouse genes to human orthologues.',
  ],
  barcodes: [
    'the gene names are barcodes of cells',
    'The matrix probably is transposed: cells belong in rows.',
  ],
  row_numbers: [
    'the gene names are row numbers',
    'Name the column that has the gene names, or save the file again with the names as index of var.',
  ],
  transcripts: ['these are transcripts, not genes', 'Add up the transcripts of each gene first.'],
  peaks: ['these are genomic regions, not genes', 'Use the RNA part of the data, or gene activity scores.'],
  other_species: [
    'these are Ensembl ids of another species',
    'Translate them to human orthologues first; the model knows human genes only.',
  ],
  unknown: ['most names look like no gene names', 'Check which column of var holds symbols or Ensembl ids.'],
};

const isHuman: ReadonlySet<NameListKind> = new Set(['human_symbols', 'human_ensembl']);

function problemsOf(
  { detected, orthologues }: GeneMapping,
  {
    genes,
    matched,
    countShare,
    column,
  }: Pick<GeneMatchReport, 'genes' | 'matched' | 'countShare' | 'column'>,
): GeneNameProblem[] {
  const problems: GeneNameProblem[] = [];
  const add = (kind: GeneNameProblem['kind'], message: string, advice: string) =>
    problems.push({ kind, message, advice });
  const known = kindProblems[detected.kind];
  const translated = orthologues && (detected.kind === 'mouse' || detected.kind === 'human_and_mouse');
  if (orthologues && isHuman.has(detected.kind)) {
    add(
      'human_names',
      'these look like human genes, and mouse genes were announced',
      'Human names are used as they are; leave out --organism mouse.',
    );
  }
  const harmless = detected.kind === 'unknown' && matched > genes / 2;
  if (known !== undefined && !translated && !harmless && genes > 0) add(detected.kind, ...known);
  const better = column?.candidates.find((place) => place.column !== column.column);
  if (better !== undefined && better.matched > 0.2 && better.matched > 2 * (matched / genes)) {
    const place = better.column === null ? 'the index of var' : `the column '${better.column}' of var`;
    const share = Math.round(100 * better.matched);
    add(
      'another_column',
      `${place} has names of which ${share} % match`,
      `Take the gene names from ${place}.`,
    );
  }
  if (detected.spreadsheetDates > 0) {
    add(
      'spreadsheet_dates',
      `a spreadsheet turned ${detected.spreadsheetDates} gene names into dates`,
      'Names that could be undone were; 1-Mar and 2-Mar could not. Take the names from the original file.',
    );
  }
  // Wide annotations have thousands of genes with few counts: their absence alone says nothing.
  if (problems.length === 0 && (countShare ?? matched / genes) < 0.5) {
    add(
      'few_matched',
      countShare === null
        ? 'less than half of the genes match'
        : 'less than half of the counts are of known genes',
      'Check the species and the column of names; genes without a token are invisible to the model.',
    );
  }
  return problems;
}

/**
 * Stops work that would be meaningless: no gene matches, or mouse genes would pass for human ones by their letters.
 *
 * @param where the file, for the message
 * @throws InputError saying what probably is wrong
 */
export function requireGeneMatch(report: GeneMatchReport, where?: string): void {
  const foreign = report.problems.find(({ kind }) => kind === 'mouse');
  if (report.matched > 0 && foreign === undefined) return;
  const problem = foreign ?? report.problems[0];
  const some = report.largestUnmatched.slice(0, 3).map(({ name }) => `'${name}'`);
  throw new InputError({
    what:
      foreign?.message ??
      (report.genes === 0
        ? 'there are no genes'
        : `none of the ${report.genes} genes is in the model's vocabulary`),
    where,
    expected: `human gene symbols or Ensembl ids${some.length === 0 ? '' : `, not such as ${some.join(', ')}`}`,
    advice:
      problem === undefined
        ? undefined
        : foreign !== undefined
          ? problem.advice
          : `${capitalised(problem.message)}. ${problem.advice}`,
    reason: foreign === undefined ? 'no_gene_matches' : 'mouse_genes',
  });
}
