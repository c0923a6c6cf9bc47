/** @file Finds the human gene a name means, and says how: by symbol, older name, id, or after undoing a decoration. */

import {
  type EnsemblForm,
  ensemblForm,
  hasMouseCase,
  isCloneName,
  isEmptyName,
  isMouseOnly,
  type NotAGene,
  notAGene,
  otherEnsemblId,
  withoutMouseGenome,
} from './patterns.ts';
import { type Spelling, type SpellingStep, spellings } from './spellings.ts';
import { namesBehindDate, spreadsheetLoss } from './spreadsheet.ts';
import { type GeneTables, type NameKind, nameKinds } from './tables.ts';

/** How a name was understood. Those that give a gene come first. */
export type NameStatus =
  | NameKind
  | `${NameKind}_other_case`
  | 'ensembl'
  | 'ensembl_version_removed'
  | 'ensembl_other_case'
  | 'ensembl_par_y'
  | 'symbol_and_ensembl'
  | 'entrez'
  | 'hgnc_id'
  | 'spreadsheet_date'
  | 'orthologue'
  | SpellingStep
  /** Several genes have the name: none is chosen. */
  | 'ambiguous'
  /** The name holds a symbol and an id of different genes: none is chosen. */
  | 'conflict'
  | 'spreadsheet_serial'
  | 'spreadsheet_number'
  | 'spreadsheet_error'
  | 'empty'
  | `not_a_gene:${NotAGene}`
  | `unmapped_${'mouse' | 'transcript' | 'protein' | 'species' | 'clone_name'}`
  | 'unmapped';

/** What a name means. */
export interface ResolvedName {
  readonly input: string;
  readonly status: NameStatus;
  /** The approved symbol, or GENCODE's name for an Ensembl id that HGNC lacks; null when no gene was found. */
  readonly symbol: string | null;
  readonly hgncId: string | null;
  /** Without version; also given for an Ensembl id that no table knows. */
  readonly ensembl: string | null;
  /** Symbols the name may stand for when none was chosen. */
  readonly candidates: readonly string[];
  /** Symbols of other genes that have the name as an older or alternative one. */
  readonly otherMeanings: readonly string[];
}

/** How names are read. */
export interface ResolveOptions {
  /** Read bare numbers as Entrez ids: right only where most names of a list are numbers. Default false. */
  readonly numbersAreEntrez?: boolean;
}

/**
 * The gene a name means. The order: exact approved symbol, ids and forms that are no symbol, exact previous symbol,
 * exact alias, the three without case, then the same after decorations are undone one at a time. A name of several
 * genes is never decided: all candidates are listed.
 */
export function resolveName(name: string, tables: GeneTables, options: ResolveOptions = {}): ResolvedName {
  const direct = understand(name, tables, options);
  if (direct !== undefined) return direct;
  for (const spelling of spellings(name)) {
    const found = understandSpelling(spelling, tables, options);
    if (found === undefined) continue;
    const status = found.symbol === null ? found.status : spelling.step;
    return { ...found, input: name, status };
  }
  return unknown(name, unmappedStatus(name));
}

function understandSpelling({ name, cut }: Spelling, tables: GeneTables, options: ResolveOptions) {
  if (!cut) return understand(name, tables, options);
  return (
    lookUpKind(name, 'approved', tables) ??
    lookUpKind(name, 'previous', tables) ??
    byEnsembl(name, name, tables)
  );
}

function understand(name: string, tables: GeneTables, options: ResolveOptions): ResolvedName | undefined {
  if (isEmptyName(name)) return unknown(name, 'empty');
  return lookUpKind(name, 'approved', tables) ?? byForm(name, tables, options) ?? lookUp(name, tables);
}

/** Everything a name can be by its form alone. */
function byForm(name: string, tables: GeneTables, options: ResolveOptions): ResolvedName | undefined {
  const id = byEnsembl(name, name, tables);
  if (id !== undefined) return id;
  const other = otherEnsemblId(name);
  if (other !== undefined) return unknown(name, `unmapped_${other}`);
  if (isMouseOnly(name) || withoutMouseGenome(name) !== undefined) return unknown(name, 'unmapped_mouse');
  const hgnc = /^HGNC:(\d+)$/i.exec(name);
  if (hgnc !== null) return chosen(name, 'hgnc_id', tables.withHgnc(hgnc[1]), tables);
  if (options.numbersAreEntrez && /^\d+$/.test(name) && tables.withEntrez(name).length > 0) {
    return chosen(name, 'entrez', tables.withEntrez(name), tables);
  }
  const kind = notAGene(name);
  if (kind !== undefined) return unknown(name, `not_a_gene:${kind}`);
  return byDate(name, tables) ?? lost(name) ?? bySymbolAndEnsembl(name, tables);
}

function lost(name: string): ResolvedName | undefined {
  const status = spreadsheetLoss(name);
  return status === undefined ? undefined : unknown(name, status);
}

function lookUpKind(name: string, kind: NameKind, tables: GeneTables): ResolvedName | undefined {
  const rows = tables.named(kind, name);
  if (rows.length === 0) return undefined;
  const others = [...tables.named('previous', name), ...tables.named('alias', name)];
  return chosen(name, kind, rows, tables, rows.length > 1 ? [] : others);
}

/** By symbol, previous symbol and alias, exactly, then the three without case. */
function lookUp(name: string, tables: GeneTables): ResolvedName | undefined {
  for (const kind of nameKinds) {
    const exact = lookUpKind(name, kind, tables);
    if (exact !== undefined) return exact;
  }
  for (const kind of nameKinds) {
    const rows = tables.namedInAnyCase(kind, name);
    if (rows.length > 0) return chosen(name, `${kind}_other_case`, rows, tables);
  }
  return undefined;
}

const ensemblStatus = {
  plain: 'ensembl',
  version: 'ensembl_version_removed',
  other_case: 'ensembl_other_case',
  par_y: 'ensembl_par_y',
} as const satisfies Record<EnsemblForm['form'], NameStatus>;

function byEnsembl(input: string, name: string, tables: GeneTables): ResolvedName | undefined {
  const found = ensemblForm(name);
  if (found === undefined) return undefined;
  const status = ensemblStatus[found.form];
  const rows = tables.withEnsembl(found.id);
  if (rows.length > 0) return chosen(input, status, rows, tables);
  const gencode = tables.gencodeName(found.id);
  if (gencode === undefined) return { ...unknown(input, 'unmapped'), ensembl: found.id };
  const current = lookUpKind(gencode, 'approved', tables) ?? lookUpKind(gencode, 'previous', tables);
  const symbol = current?.symbol ?? gencode;
  return { ...unknown(input, status), symbol, hgncId: current?.hgncId ?? null, ensembl: found.id };
}

/** `CD3D_ENSG00000167286` and its like, either part first. */
function bySymbolAndEnsembl(name: string, tables: GeneTables): ResolvedName | undefined {
  const match = /^(?:(ENSG\d{11}(?:\.\d+)?)[_|;,](.+)|(.+)[_|;,](ENSG\d{11}(?:\.\d+)?))$/i.exec(name);
  if (match === null) return undefined;
  const id = byEnsembl(name, match[1] ?? match[4], tables)!;
  const part = match[2] ?? match[3];
  const named = lookUp(part, tables);
  const meant = named === undefined ? [] : named.symbol === null ? named.candidates : [named.symbol];
  const identified = id.symbol === null ? id.candidates : [id.symbol];
  const shared = meant.filter((symbol) => identified.includes(symbol));
  const agreed =
    shared.length > 0 ? shared : meant.length === 0 ? identified : identified.length === 0 ? meant : [];
  if (agreed.length === 0 && meant.length > 0) {
    const candidates = [...meant, ...identified].sort();
    return { ...unknown(name, 'conflict'), candidates };
  }
  if (agreed.length !== 1) return { ...id, candidates: agreed };
  const rows = tables.named('approved', agreed[0]);
  if (rows.length === 1) return chosen(name, 'symbol_and_ensembl', rows, tables);
  return { ...id, status: 'symbol_and_ensembl' };
}

function byDate(name: string, tables: GeneTables): ResolvedName | undefined {
  const groups = namesBehindDate(name);
  if (groups === undefined) return undefined;
  for (const group of groups) {
    const found = group.map((original) => lookUp(original, tables));
    const symbols = found.flatMap((gene) => (gene === undefined ? [] : (gene.symbol ?? gene.candidates)));
    const rows = [...new Set(symbols)].flatMap((symbol) => tables.named('approved', symbol));
    const others = found.flatMap((gene) => gene?.otherMeanings ?? []);
    if (rows.length > 0) return { ...chosen(name, 'spreadsheet_date', rows, tables), otherMeanings: others };
  }
  return unknown(name, 'spreadsheet_date');
}

/** One gene is the answer; of several none is. */
function chosen(
  input: string,
  status: NameStatus,
  rows: readonly number[],
  tables: GeneTables,
  others: readonly number[] = [],
): ResolvedName {
  if (rows.length === 0) return unknown(input, 'unmapped');
  const symbolsOf = (of: readonly number[]) => [...new Set(of.map((row) => tables.gene(row).symbol))].sort();
  if (rows.length > 1) return { ...unknown(input, 'ambiguous'), candidates: symbolsOf(rows) };
  const { symbol, hgncId, ensembl } = tables.gene(rows[0]);
  const otherMeanings = others.length === 0 ? [] : symbolsOf(others).filter((other) => other !== symbol);
  return { input, status, symbol, hgncId, ensembl, candidates: [], otherMeanings };
}

function unknown(input: string, status: NameStatus): ResolvedName {
  return { input, status, symbol: null, hgncId: null, ensembl: null, candidates: [], otherMeanings: [] };
}

function unmappedStatus(name: string): NameStatus {
  if (isCloneName(name)) return 'unmapped_clone_name';
  return hasMouseCase(name) ? 'unmapped_mouse' : 'unmapped';
}
