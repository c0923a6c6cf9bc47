/** @file Tells people how well their genes match a model, in a few sentences. */

import { count } from '../../support/words.ts';
import type { MatchRoute } from './mapping.ts';
import { describeNames } from './name-list.ts';
import type { GeneMatchReport, UnmatchedGene } from './report.ts';
import type { NameStatus } from './resolve.ts';

const routeWords: Readonly<Record<MatchRoute, string>> = {
  exact: 'by the same name',
  spelling: 'by the same name, spelled otherwise',
  symbol: 'by their current symbol',
  ensembl_token: 'by their Ensembl id',
  gencode_name: "by GENCODE's name",
  older_name: 'by an older name in the vocabulary',
};

const statusWords: Partial<Record<NameStatus, string>> = {
  ambiguous: 'a name of several genes',
  conflict: 'symbol and id disagree',
  empty: 'no name',
  unmapped: 'no gene of that name known',
  unmapped_clone_name: 'a clone, not a named gene',
  unmapped_mouse: 'a mouse gene',
  unmapped_transcript: 'a transcript',
  unmapped_protein: 'a protein id',
  unmapped_species: 'another species',
  spreadsheet_date: 'a date',
  spreadsheet_serial: 'a number',
  spreadsheet_number: 'a number',
  spreadsheet_error: 'a spreadsheet error',
};

/** A report in sentences, most important first. */
export function describeGeneMatch(report: GeneMatchReport): string[] {
  const lines = [overall(report)];
  if (report.column !== null) lines.push(place(report));
  const { kind } = report.detected;
  const remarkable = kind !== 'human_symbols' && report.problems.every((problem) => problem.kind !== kind);
  if (remarkable && kind !== 'unknown') lines.push(`Names: ${describeNames(report.detected)}.`);
  const routes = [...report.routes].sort((a, b) => b[1] - a[1]);
  if (routes.some(([route]) => route !== 'exact')) {
    lines.push(`Found ${routes.map(([route, genes]) => `${count(genes)} ${routeWords[route]}`).join(', ')}.`);
  }
  if (report.bySecondName > 0) lines.push(`${count(report.bySecondName)} of them by their second name.`);
  const { duplicates, ambiguous, largestUnmatched, problems } = report;
  if (duplicates.length > 0) {
    const examples = some(duplicates, ({ token, names }) => `${token} (${names.join(', ')})`);
    lines.push(`Counts are added where genes share a token (${count(duplicates.length)}): ${examples}.`);
  }
  if (ambiguous.length > 0) {
    const examples = some(ambiguous, ({ name, candidates }) => `${name} (${candidates.join(' or ')})`);
    lines.push(`Left out, since the name means several genes (${count(ambiguous.length)}): ${examples}.`);
  }
  if (largestUnmatched.length > 0) {
    lines.push(`Largest unmatched: ${some(largestUnmatched, unmatched)}.`);
  }
  for (const { message, advice } of problems) lines.push(`Probably wrong: ${message}. ${advice}`);
  return lines;
}

function overall({ genes, matched, tokens, countShare }: GeneMatchReport): string {
  const shared = tokens < matched ? ` as ${count(tokens)} tokens` : '';
  const counts = countShare === null ? '' : `; they hold ${percent(countShare)} of the counts`;
  const share = genes === 0 ? '' : ` (${percent(matched / genes)})`;
  return `The model knows ${count(matched)} of ${count(genes)} genes${share}${shared}${counts}.`;
}

function place({ column }: GeneMatchReport): string {
  const named = (name: string | null) => (name === null ? 'the index of var' : `column '${name}' of var`);
  const others = column!.candidates.filter((candidate) => candidate.column !== column!.column);
  const tried = others.map((other) => `${named(other.column)} ${percent(other.matched)}`);
  const reason = column!.chosenBy === 'request' ? ', as asked' : '';
  return `Gene names come from ${named(column!.column)}${reason}${tried.length === 0 ? '' : ` (others match: ${tried.join(', ')})`}.`;
}

function unmatched({ name, status, countShare }: UnmatchedGene): string {
  const kind = status.startsWith('not_a_gene:')
    ? `no gene: ${status.slice('not_a_gene:'.length).replaceAll('_', ' ')}`
    : (statusWords[status] ?? 'not in the vocabulary');
  return `${name === '' ? '(empty)' : name} (${countShare === null ? '' : `${percent(countShare)} of counts, `}${kind})`;
}

/** The first few of many. */
function some<T>(items: readonly T[], tell: (item: T) => string): string {
  const told = items.slice(0, 5).map(tell).join(', ');
  return items.length > 5 ? `${told} and others` : told;
}

function percent(share: number): string {
  return share > 0 && share < 0.0005 ? '< 0.1 %' : `${(100 * share).toFixed(1)} %`;
}
