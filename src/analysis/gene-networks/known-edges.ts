/** @file Known regulators and targets from a table: TRRUST as it is downloaded, DoRothEA, CollecTRI, or any of two columns. */

import { fieldEnd, fieldText, lineEnd } from '../../single-cell/delimited/fields.ts';
import { InputError } from '../../support/errors.ts';
import type { KnownEdge } from './edge-scores.ts';

/** Names of columns, the ones that are preferred first: `source` of OmniPath is no symbol. */
const columnNames = {
  regulator: ['source_genesymbol', 'source', 'tf', 'regulator'],
  target: ['target_genesymbol', 'target', 'target_gene', 'gene'],
  sign: ['mor', 'sign', 'mode', 'mode_of_regulation', 'weight'],
} as const;

const activating = new Set(['activation', 'activator', 'stimulation', 'positive', '+']);
const repressing = new Set(['repression', 'repressor', 'inhibition', 'negative', '-']);
const signWords = new Set([...activating, ...repressing, 'unknown']);

/** Which column holds what. */
interface Columns {
  readonly regulator: number;
  readonly target: number;
  /** -1 for none. */
  readonly sign: number;
}

/**
 * Edges of a table, each once. The separator is a tab where the first line has one, else a comma. Without a header the
 * columns are regulator, target and, where it is one of TRRUST's words, the sign. Numbers are signs where any of them
 * is negative; a pair with both signs has none.
 *
 * @throws InputError when columns are not recognised, a row has no regulator or target, or there is no edge
 */
export function parseKnownEdges(text: string, source: string): readonly KnownEdge[] {
  const rows = rowsOf(text.replace(/^\ufeff/, ''));
  const [first] = rows;
  if (first === undefined) {
    throw new InputError({ what: 'the table of known edges is empty', where: source, reason: 'known_edges' });
  }
  const named = columnsOfHeader(first.fields);
  const columns = named ?? columnsWithoutHeader(first.fields, source);
  const lines = named === null ? rows : rows.slice(1);
  const signOf = signReader(columns.sign < 0 ? [] : lines.map(({ fields }) => fields[columns.sign] ?? ''));
  const edges = new Map<string, KnownEdge>();
  for (const { fields, line } of lines) {
    const [regulator, target] = [fields[columns.regulator], fields[columns.target]];
    if (!regulator || !target) {
      throw new InputError({
        what: `a row has no ${regulator ? 'target' : 'regulator'}: ${fields.slice(0, 6).join(', ')}`,
        where: `${source}, line ${line}`,
        reason: 'known_edges',
      });
    }
    const key = `${regulator}\t${target}`;
    const sign = columns.sign < 0 ? undefined : signOf(fields[columns.sign] ?? '');
    const before = edges.get(key);
    const agreed = before === undefined || before.sign === sign ? sign : undefined;
    edges.set(key, { regulator, target, sign: agreed });
  }
  if (edges.size > 0) return [...edges.values()];
  throw new InputError({ what: 'the table has a header and no edge', where: source, reason: 'known_edges' });
}

interface Row {
  readonly fields: readonly string[];
  /** From 1. */
  readonly line: number;
}

/** Rows that are not empty; lines that begin with # are remarks. */
function rowsOf(text: string): Row[] {
  const bytes = new TextEncoder().encode(text);
  const firstLine = text.slice(0, Math.max(0, text.indexOf('\n'))) || text;
  const separator = (firstLine.includes('\t') ? '\t' : ',').charCodeAt(0);
  const rows: Row[] = [];
  let line = 1;
  for (let from = 0; from < bytes.length; ) {
    const { end, breaks } = lineEnd(bytes, from, separator);
    const stop = end > from && bytes[end - 1] === 0x0d ? end - 1 : end;
    const fields: string[] = [];
    for (let at = from; at <= stop; ) {
      const to = fieldEnd(bytes, at, stop, separator);
      fields.push(fieldText(bytes, at, to).trim());
      at = to + 1;
    }
    if (fields.some((field) => field !== '') && !fields[0].startsWith('#')) rows.push({ fields, line });
    line += 1 + breaks;
    from = end + 1;
  }
  return rows;
}

function columnsOfHeader(fields: readonly string[]): Columns | null {
  const lower = fields.map((field) => field.toLowerCase().replaceAll(' ', '_'));
  const find = (names: readonly string[]): number =>
    lower.indexOf(names.find((name) => lower.includes(name)) ?? '\0');
  const [regulator, target] = [find(columnNames.regulator), find(columnNames.target)];
  return regulator < 0 || target < 0 ? null : { regulator, target, sign: find(columnNames.sign) };
}

function columnsWithoutHeader(fields: readonly string[], source: string): Columns {
  const signed = fields.length > 2 && signWords.has(fields[2].toLowerCase());
  if (signed || fields.length === 2) return { regulator: 0, target: 1, sign: signed ? 2 : -1 };
  throw new InputError({
    what: `the columns of known edges are not recognised: ${fields.slice(0, 8).join(', ')}`,
    where: source,
    expected: `a header with one of ${columnNames.regulator.join(', ')} and one of ${columnNames.target.join(', ')}; or two columns without one; or TRRUST's four`,
    reason: 'known_edges',
  });
}

/** How a column's values are read: words, or numbers of which some are negative. */
function signReader(values: readonly string[]): (value: string) => 1 | -1 | undefined {
  const numbersHaveSigns = values.some((value) => Number(value) < 0);
  return (value) => {
    const word = value.toLowerCase();
    if (activating.has(word)) return 1;
    if (repressing.has(word)) return -1;
    const number = value === '' ? 0 : Number(value);
    if (!numbersHaveSigns || !(Math.abs(number) > 0)) return undefined;
    return number > 0 ? 1 : -1;
  };
}
