/** @file Names as users have them, each with the gene it must mean; and what must hold for every symbol. */

import { beforeAll, describe, expect, it } from 'vitest';
import { loadCensusVocabulary, loadGeneTables } from '../../../../src/single-cell/genes/load.ts';
import { describeNames, detectNames } from '../../../../src/single-cell/genes/name-list.ts';
import type { GeneTables } from '../../../../src/single-cell/genes/tables.ts';
import { golden } from './golden-names.ts';
import { reportNames, resolveNames } from './whole-list.ts';

let tables: GeneTables;
let census: ReadonlySet<string>;

beforeAll(async () => {
  tables = await loadGeneTables();
  census = new Set(await loadCensusVocabulary());
});

describe('resolveName', () => {
  it.each(golden.names.map((name) => [JSON.stringify(name.input), name] as const))(
    'reads %s',
    (_, expected) => {
      const [found] = resolveNames([expected.input], tables);
      expect(found).toMatchObject({
        input: expected.input,
        status: expected.status,
        symbol: expected.symbol,
        hgncId: expected.hgnc_id ?? null,
        candidates: expected.candidates ?? [],
      });
      if (expected.symbol !== null) expect(found.ensembl).toBe(expected.ensembl);
      if (expected.other_meanings !== undefined) expect(found.otherMeanings).toEqual(expected.other_meanings);
    },
  );
});

describe('whole lists', () => {
  it.each(golden.lists.map((list) => [list.name, list] as const))('reports %s', (_, list) => {
    const resolved = resolveNames(list.names, tables);
    expect(resolved.map(({ symbol }) => symbol)).toEqual(list.symbols);
    const report = reportNames(resolved);
    const symbols = new Set(resolved.map(({ symbol }) => symbol));
    expect({
      inputs: report.inputs,
      mapped: report.mapped,
      ambiguous: report.ambiguous,
      unmapped: report.unmapped,
      repeated_inputs: report.repeatedInputs,
      merged: Object.fromEntries(report.merged),
      distinct_symbols: report.distinctSymbols,
      in_census_vocab: [...symbols].filter((symbol) => symbol !== null && census.has(symbol)).length,
    }).toEqual(list.report);
    expect(describeNames(detectNames(list.names))).toBe(list.detected);
  });
});
