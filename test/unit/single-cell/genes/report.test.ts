/** @file How a match of genes is summed up, told to people, and when it stops the work. */

import { beforeAll, describe, expect, it } from 'vitest';
import { type Column, categorical, DataFrame } from '../../../../src/single-cell/data-frame.ts';
import { chooseGeneColumn } from '../../../../src/single-cell/genes/column.ts';
import { describeGeneMatch } from '../../../../src/single-cell/genes/describe.ts';
import {
  loadCensusVocabulary,
  loadGeneTables,
  loadOrthologues,
} from '../../../../src/single-cell/genes/load.ts';
import { type MapGenesOptions, mapGenes } from '../../../../src/single-cell/genes/mapping.ts';
import {
  type GeneMatchContext,
  geneMatchReport,
  requireGeneMatch,
} from '../../../../src/single-cell/genes/report.ts';
import type { GeneTables } from '../../../../src/single-cell/genes/tables.ts';
import type { TokenLookup } from '../../../../src/single-cell/genes/token-index.ts';
import { lookupOf } from './census.ts';

let tables: GeneTables;
let census: TokenLookup;
let symbols: readonly string[];

beforeAll(async () => {
  tables = await loadGeneTables();
  const genes = await loadCensusVocabulary();
  census = lookupOf(genes);
  symbols = genes.filter((gene) => tables.named('approved', gene).length === 1).slice(0, 3000);
});

function report(names: readonly string[], context: GeneMatchContext = {}, options: MapGenesOptions = {}) {
  return geneMatchReport(mapGenes(names, census, tables, options), context);
}

const strings = (values: readonly (string | null)[]): Column => ({ kind: 'string', values });

describe('geneMatchReport', () => {
  const names = ['CD3D', 'NOTAGENE', 'SEPT2', 'CD3D-1', 'COX1', 'ERCC-00002', 'MS4A1'];
  const counts = [10, 5, 20, 10, 15, 30, 10];

  it('sums up genes, counts, the largest unmatched, the ambiguous and the duplicates', () => {
    const found = report(names, { counts });
    expect(found).toMatchObject({ genes: 7, matched: 4, tokens: 3, bySecondName: 0, problems: [] });
    expect(found.countShare).toBeCloseTo(0.5, 12);
    expect(found.routes).toEqual(
      new Map([
        ['exact', 2],
        ['symbol', 2],
      ]),
    );
    expect(found.largestUnmatched).toEqual([
      { name: 'ERCC-00002', status: 'not_a_gene:spike_in', countShare: 0.3 },
      { name: 'COX1', status: 'ambiguous', countShare: 0.15 },
      { name: 'NOTAGENE', status: 'unmapped', countShare: 0.05 },
    ]);
    expect(found.ambiguous).toEqual([{ name: 'COX1', candidates: ['MT-CO1', 'PTGS1'] }]);
    expect(found.duplicates).toEqual([{ token: 'CD3D', names: ['CD3D', 'CD3D-1'] }]);
  });

  it('tells people', () => {
    expect(describeGeneMatch(report(names, { counts }))).toEqual([
      'The model knows 4 of 7 genes (57.1 %) as 3 tokens; they hold 50.0 % of the counts.',
      'Found 2 by the same name, 2 by their current symbol.',
      'Counts are added where genes share a token (1): CD3D (CD3D, CD3D-1).',
      'Left out, since the name means several genes (1): COX1 (MT-CO1 or PTGS1).',
      'Largest unmatched: ERCC-00002 (30.0 % of counts, no gene: spike in), ' +
        'COX1 (15.0 % of counts, a name of several genes), ' +
        'NOTAGENE (5.0 % of counts, no gene of that name known).',
    ]);
    expect(describeGeneMatch(report(['CD3D', 'MS4A1']))).toEqual(['The model knows 2 of 2 genes (100.0 %).']);
  });

  it('tells what kind of names they are when it is not symbols', () => {
    expect(describeGeneMatch(report(['ENSG00000167286.9', 'ENSG00000168385']))).toEqual([
      'The model knows 2 of 2 genes (100.0 %).',
      'Names: human Ensembl gene ids.',
      'Found 2 by their current symbol.',
    ]);
  });

  it('needs one sum a gene, and says nothing of counts where there are none', () => {
    expect(() => report(names, { counts: [1] })).toThrow(/1 gene sums for 7 genes/);
    expect(report(names, { counts: names.map(() => 0) }).countShare).toBeNull();
    expect(report([]).problems).toEqual([]);
  });

  it.each<[string, string[]]>([
    ['mouse', ['Cd3e', 'Gapdh', 'mt-Co1', 'H2-Ab1', 'Ly6c2']],
    ['mouse', ['ENSMUSG00000032094', 'ENSMUSG00000032093.8']],
    ['human_and_mouse', ['hg19_CD3D', 'mm10_Cd3e']],
    ['barcodes', ['AAACATACAACCAC-1', 'AAACATTGAGCTAC-1', 'AAACATTGATCAGC-1']],
    ['row_numbers', ['0', '1', '2', '3', '4']],
    ['transcripts', ['ENST00000300692', 'ENST00000300693.2']],
    ['peaks', ['chr1:1000-2000', 'chr1-3000-4000']],
    ['other_species', ['ENSRNOG00000014610', 'ENSDARG00000035559']],
    ['spreadsheet_dates', ['CD3D', 'MS4A1', '2-Sep']],
    ['few_matched', ['CD3D', 'NOTAGENE', 'ALSONONE']],
  ])('says that %s is probably wrong', (kind, names) => {
    const found = report(names);
    expect(found.problems.map((problem) => problem.kind)).toEqual([kind]);
    expect(describeGeneMatch(found).at(-1)).toMatch(/^Probably wrong: .+\. .+\.$/);
  });

  it('judges a wide annotation by its counts', () => {
    const names = ['CD3D', 'NOTAGENE', 'ALSONONE'];
    expect(report(names, { counts: [98, 1, 1] }).problems).toEqual([]);
    expect(report(names, { counts: [1, 1, 98] }).problems).toMatchObject([{ kind: 'few_matched' }]);
  });

  it('does not take made-up names for mouse genes', () => {
    expect(report(['GeneA', 'GeneB', 'GeneC']).problems.map(({ kind }) => kind)).toEqual(['few_matched']);
  });

  it('says that human genes need no orthologues', async () => {
    const found = report(['CD3D', 'MS4A1', 'GNLY'], {}, { orthologues: await loadOrthologues() });
    expect(found).toMatchObject({ matched: 3, problems: [{ kind: 'human_names' }] });
  });

  it('stops when nothing matches, saying why', () => {
    const barcodes = ['AAACATACAACCAC-1', 'AAACATTGAGCTAC-1'];
    expect(() => requireGeneMatch(report(barcodes), 'pbmc.h5ad')).toThrow(
      /^pbmc\.h5ad: none of the 2 genes is in the model's vocabulary.*'AAACATACAACCAC-1'.*transposed/,
    );
    expect(() => requireGeneMatch(report(barcodes))).toThrow(
      expect.objectContaining({ reason: 'no_gene_matches', exitCode: 2 }),
    );
    expect(() => requireGeneMatch(report([]))).toThrow(/there are no genes/);
    expect(() => requireGeneMatch(report(['CD3D', 'NOTAGENE', 'ALSONONE']))).not.toThrow();
  });

  it('stops at mouse genes unless their orthologues were asked for', async () => {
    const mouse = ['Cd3e', 'Gapdh', 'Trp53'];
    expect(() => requireGeneMatch(report(mouse))).toThrow(/--organism mouse/);
    expect(() => requireGeneMatch(report(mouse))).toThrow(
      expect.objectContaining({ reason: 'mouse_genes', exitCode: 2 }),
    );
    const translated = report(mouse, {}, { orthologues: await loadOrthologues() });
    expect(translated).toMatchObject({ matched: 3, problems: [] });
    expect(() => requireGeneMatch(translated)).not.toThrow();
  });
});

describe('chooseGeneColumn', () => {
  const frame = (index: readonly string[], columns: Record<string, Column> = {}) =>
    new DataFrame(index, Object.entries(columns));

  it('takes the index when it has the names', () => {
    const genes = frame(symbols, { feature_types: categorical(symbols.map(() => 'Gene Expression')) });
    const found = chooseGeneColumn(genes, census, tables);
    expect(found).toMatchObject({
      column: null,
      chosenBy: 'overlap',
      candidates: [{ column: null, matched: 1 }],
    });
    expect(found.names).toEqual(symbols);
    expect(found.second).toBeUndefined();
  });

  it('takes a column when the index has row numbers', () => {
    const rows = symbols.map((_, row) => String(row));
    const found = chooseGeneColumn(frame(rows, { feature_name: categorical(symbols) }), census, tables);
    expect(found).toMatchObject({ column: 'feature_name', chosenBy: 'overlap' });
    expect(describeGeneMatch(report(found.names, { column: found }))[1]).toBe(
      "Gene names come from column 'feature_name' of var (others match: the index of var 0.0 %).",
    );
  });

  it('keeps the index when a column is only as good, and offers the column for the rest', () => {
    const ids = symbols.map((symbol) => tables.gene(tables.named('approved', symbol)[0]).ensembl ?? '');
    const named = symbols.map((symbol, row) => (row % 10 === 0 ? `unknown ${row}` : symbol));
    const found = chooseGeneColumn(frame(symbols, { gene_ids: strings(ids) }), census, tables);
    expect(found).toMatchObject({ column: null, second: { column: 'gene_ids', names: ids } });
    const better = chooseGeneColumn(frame(ids, { symbol: strings(named) }), census, tables);
    expect(better.column).toBeNull();
    const { matched, bySecondName } = report(named, {}, { secondNames: ids });
    expect(matched).toBeGreaterThan(0.95 * symbols.length);
    expect(bySecondName).toBeGreaterThan(0);
  });

  it('does what it is asked, and says when another place is better', () => {
    const genes = frame(symbols, { notes: strings(symbols.map((_, row) => `note ${row}`)) });
    const found = chooseGeneColumn(genes, census, tables, 'notes');
    expect(found).toMatchObject({ column: 'notes', chosenBy: 'request' });
    const { problems } = report(found.names, { column: found });
    expect(problems.map(({ kind }) => kind)).toContain('another_column');
    expect(() => requireGeneMatch(report(found.names, { column: found }))).toThrow(/none of the 3000 genes/);
  });

  it('takes the index by its own name', () => {
    const rows = new DataFrame(['x', 'y'], [['symbol', strings(['CD3D', 'MS4A1'])]], 'gene_id');
    expect(chooseGeneColumn(rows, census, tables)).toMatchObject({ column: 'symbol' });
    for (const name of ['gene_id', 'index']) {
      const found = chooseGeneColumn(rows, census, tables, name);
      expect(found).toMatchObject({ column: null, names: ['x', 'y'], chosenBy: 'request' });
    }
  });

  it('names the columns there are when the one asked for is missing', () => {
    const genes = frame(symbols, { gene_ids: strings([...symbols]) });
    expect(() => chooseGeneColumn(genes, census, tables, 'symbol')).toThrow(/no column 'symbol'.*gene_ids/);
  });

  it('reads missing values as empty names, and an empty table as no names', () => {
    const holes = symbols.map((symbol, row) => (row === 7 ? null : symbol));
    expect(chooseGeneColumn(frame(symbols, { a: strings(holes) }), census, tables, 'a').names[7]).toBe('');
    expect(chooseGeneColumn(frame([]), census, tables)).toMatchObject({ column: null, names: [] });
  });
});
