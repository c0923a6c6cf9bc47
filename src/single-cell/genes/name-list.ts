/** @file What a whole list of gene names is: symbols, ids, another species, no genes at all. */

import { hasMouseCase, isBarcode, isMouseOnly, withoutHumanGenome, withoutMouseGenome } from './patterns.ts';
import { namesBehindDate } from './spreadsheet.ts';

/** The kinds of lists, told by what most names are. */
export type NameListKind =
  | 'human_symbols'
  | 'human_ensembl'
  | 'mouse'
  | 'human_and_mouse'
  | 'r_names'
  | 'entrez'
  | 'row_numbers'
  | 'barcodes'
  | 'transcripts'
  | 'peaks'
  | 'other_species'
  | 'unknown';

/** The kind of a list of names. */
export interface DetectedNames {
  readonly kind: NameListKind;
  /** How many names a spreadsheet turned into dates. */
  readonly spreadsheetDates: number;
}

/** True when most names are bare numbers that do not just count the rows: then they are Entrez ids. */
export function areEntrezIds(names: readonly string[]): boolean {
  return areNumbers(names) && !areRowNumbers(names);
}

function areNumbers(names: readonly string[]): boolean {
  return isMost(names, (name) => /^\d+$/.test(name));
}

function areRowNumbers(names: readonly string[]): boolean {
  const steps = names.slice(1).filter((name, row) => Number(name) - Number(names[row]) === 1).length;
  return names.length > 1 && areNumbers(names) && steps >= (names.length - 1) / 2;
}

/** The kind of a list, from the forms of its names alone. */
export function detectNames(names: readonly string[]): DetectedNames {
  return { kind: kindOf(names), spreadsheetDates: names.filter(isDate).length };
}

function isDate(name: string): boolean {
  return (namesBehindDate(name)?.length ?? 0) > 0;
}

function kindOf(names: readonly string[]): NameListKind {
  const isHuman = (name: string) => withoutHumanGenome(name) !== undefined;
  const isMouse = (name: string) => withoutMouseGenome(name) !== undefined;
  if (names.some(isHuman) && names.some(isMouse)) return 'human_and_mouse';
  if (areNumbers(names)) return areRowNumbers(names) ? 'row_numbers' : 'entrez';
  if (isMost(names, isBarcode)) return 'barcodes';
  if (isMost(names, (name) => /^ENSG\d/i.test(name))) return 'human_ensembl';
  if (isMost(names, (name) => /^ENST\d/i.test(name))) return 'transcripts';
  if (isMost(names, (name) => /^(?:chr)?\w{1,2}[:\-_]\d+[-_]\d+$/i.test(name))) return 'peaks';
  const looksMouse = (name: string) =>
    isMouse(name) || isMouseOnly(name) || hasMouseCase(name) || /^ENSMUS/i.test(name);
  if (isMost(names, looksMouse)) return 'mouse';
  if (isMost(names, (name) => /^ENS[A-Z]{3,4}G\d/i.test(name))) return 'other_species';
  if (hyphensWereDots(names)) return 'r_names';
  return isMost(names, (name) => /^[A-Z][A-Za-z0-9.-]+$/.test(name) || isDate(name))
    ? 'human_symbols'
    : 'unknown';
}

/** R's make.names leaves no hyphen and puts dots where families of genes have hyphens. */
function hyphensWereDots(names: readonly string[]): boolean {
  const dotted = names.filter((name) =>
    /^(?:HLA|MT|NKX\d|KRTAP\d+|ERV\w*)\.\w|^\w+\.(?:AS|IT|OT)\d$/.test(name),
  );
  return dotted.length > 0 && names.every((name) => !name.includes('-'));
}

function isMost(names: readonly string[], is: (name: string) => boolean): boolean {
  return names.filter(is).length > names.length / 2;
}

const sentences: Readonly<Record<NameListKind, string>> = {
  human_symbols: 'human symbols',
  human_ensembl: 'human Ensembl gene ids',
  mouse:
    'mouse: capitalised names, Rik, Gm and H2- names; refuse or ask for orthologues before mapping by case',
  human_and_mouse: 'human and mouse prefixes (barnyard)',
  r_names: 'dots where hyphens were',
  entrez: 'bare numbers: Entrez ids',
  row_numbers: 'numbers that count the rows',
  barcodes: 'barcodes of cells',
  transcripts: 'Ensembl transcript ids',
  peaks: 'genomic regions (peaks)',
  other_species: 'Ensembl ids of another species',
  unknown: 'names of no known kind',
};

/** The kind of a list in words. */
export function describeNames({ kind, spreadsheetDates }: DetectedNames): string {
  const words = sentences[kind];
  if (spreadsheetDates === 0) return words;
  const dates =
    spreadsheetDates === 1
      ? '1 name looks like a spreadsheet date'
      : `${spreadsheetDates} names look like spreadsheet dates`;
  return `${words}; ${dates}`;
}
