/** @file Gene names to tokens: the fixture's ids, vocabularies of other releases, mouse data, and what must always hold. */

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  loadCensusVocabulary,
  loadGeneTables,
  loadOrthologues,
} from '../../../../src/single-cell/genes/load.ts';
import { mapGenes } from '../../../../src/single-cell/genes/mapping.ts';
import type { Orthologues } from '../../../../src/single-cell/genes/orthologues.ts';
import { resolveName } from '../../../../src/single-cell/genes/resolve.ts';
import type { GeneTables } from '../../../../src/single-cell/genes/tables.ts';
import type { TokenLookup } from '../../../../src/single-cell/genes/token-index.ts';
import { lookupOf } from './census.ts';
import { golden } from './golden-names.ts';

let tables: GeneTables;
let genes: readonly string[];
let census: TokenLookup;
let orthologues: Orthologues;

beforeAll(async () => {
  tables = await loadGeneTables();
  genes = await loadCensusVocabulary();
  census = lookupOf(genes);
  orthologues = await loadOrthologues();
});

/** What one name, standing alone, becomes. */
const alone = (name: string, vocabulary = census) => mapGenes([name], vocabulary, tables).matches[0];

describe('tokens of the published vocabulary', () => {
  it('gives every name of the fixture the id of its symbol, except where the name itself is a token', () => {
    const itself = golden.names
      .filter(({ input }) => census.id(input) !== undefined)
      .map(({ input }) => input);
    expect(itself).toContain('ZBED1_ENSG00000214717');
    expect(itself).toContain('RP11-34P13.7');
    for (const { input, symbol, census_vocab_id } of golden.names) {
      const { id } = alone(input);
      if (itself.includes(input)) expect(id, input).toBe(census.id(input));
      else expect(id, input).toBe(symbol === null ? null : census_vocab_id);
    }
  });

  it('maps each of its 60,694 tokens to itself', () => {
    const { ids, duplicates } = mapGenes(genes, census, tables);
    expect(genes).toHaveLength(60_694);
    expect(ids.every((id, position) => id === position)).toBe(true);
    expect(duplicates).toEqual([]);
  });

  it('finds tokens that hold an Ensembl id, by symbol and by id', () => {
    expect(census.id('CYB561D2')).toBeUndefined();
    const token = 'CYB561D2_ENSG00000114395';
    for (const name of ['CYB561D2', 'ENSG00000114395', 'ENSG00000114395.12', 'cyb561d2']) {
      expect(alone(name), name).toMatchObject({ token, route: 'ensembl_token' });
    }
    expect(alone('ENSG00000271858')).toMatchObject({ token: 'CYB561D2_ENSG00000271858' });
  });

  it('finds clone names under a prefix or a copy number, but keeps the number that is part of them', () => {
    expect(census.id('RP11-34P13.7')).toBeDefined();
    for (const name of ['hg19_RP11-34P13.7', 'RP11-34P13.7-1', ' RP11-34P13.7']) {
      expect(alone(name), name).toMatchObject({ token: 'RP11-34P13.7', route: 'spelling' });
    }
    expect(alone('RP11-34P13.7', lookupOf(['RP11-34P13'])).id).toBeNull();
  });

  it('never matches a special token', () => {
    for (const name of ['<pad>', '<cls>', '<eoc>', ' <cls>', '"<pad>"', '<CLS>', '<cls>.1', 'hg19_<pad>']) {
      expect(alone(name).id, name).toBeNull();
    }
  });
});

describe('vocabularies of other releases', () => {
  it('finds the token under the previous symbol or alias the vocabulary knows', () => {
    const older = lookupOf(['SEPT2', 'H3F3A', 'TNFSF2']);
    const found = mapGenes(['SEPTIN2', 'H3-3A', 'TNF', 'ENSG00000168385', 'sept2'], older, tables).matches;
    expect(found.map(({ token, route }) => [token, route])).toEqual([
      ['SEPT2', 'older_name'],
      ['H3F3A', 'older_name'],
      ['TNFSF2', 'older_name'],
      ['SEPT2', 'older_name'],
      ['SEPT2', 'older_name'],
    ]);
  });

  it('does not take a token for a gene that once had its name when it is the symbol of another', () => {
    expect(alone('AK4', lookupOf(['AK3']))).toMatchObject({ id: null });
  });

  it('does not choose between two older names', () => {
    expect(alone('TNF', lookupOf(['TNFSF2', 'TNF-alpha'])).id).toBeNull();
  });

  it('prefers a previous symbol to an alias', () => {
    expect(alone('TNF', lookupOf(['TNFSF2', 'TNFA'])).token).toBe('TNFA');
  });
});

describe('several genes with one token', () => {
  it('lists them and drops none', () => {
    const names = ['CD3D', 'CD8A', 'CD3D-1', 'ENSG00000167286.9', 'NOTAGENE', 'CD3D'];
    const { ids, duplicates } = mapGenes(names, census, tables);
    const cd3d = census.id('CD3D')!;
    expect([...ids]).toEqual([cd3d, census.id('CD8A'), cd3d, cd3d, -1, cd3d]);
    expect(duplicates).toEqual([{ token: 'CD3D', id: cd3d, genes: [0, 2, 3, 5] }]);
  });
});

describe('second names', () => {
  it('are asked only where the first name has no token, and said so', () => {
    const names = ['1-Mar', 'CD8A', 'COX1', 'NOTAGENE'];
    const secondNames = ['ENSG00000145416', 'ENSG00000167286', 'ENSG00000198804', ''];
    const { matches } = mapGenes(names, census, tables, { secondNames });
    expect(matches.map(({ name, token, secondName }) => [name, token, secondName])).toEqual([
      ['1-Mar', 'MARCHF1', 'ENSG00000145416'],
      ['CD8A', 'CD8A', undefined],
      ['COX1', 'MT-CO1', 'ENSG00000198804'],
      ['NOTAGENE', null, undefined],
    ]);
  });

  it('must be as many as the genes', () => {
    expect(() => mapGenes(['CD3D'], census, tables, { secondNames: [] })).toThrow(
      /0 second names for 1 gene/,
    );
  });
});

describe('numbers', () => {
  it('are Entrez ids when most names are, and row numbers when they count', () => {
    expect(mapGenes(['915', '7124', 'CD8A'], census, tables).matches.map(({ token }) => token)).toEqual([
      'CD3D',
      'TNF',
      'CD8A',
    ]);
    const rows = mapGenes(
      Array.from({ length: 1000 }, (_, row) => String(row)),
      census,
      tables,
    );
    expect(rows.detected.kind).toBe('row_numbers');
    expect(rows.ids.every((id) => id === -1)).toBe(true);
    expect(mapGenes(['915', 'CD8A', 'CD4'], census, tables).matches[0].id).toBeNull();
  });
});

describe('mouse data', () => {
  const mouse = ['Cd3e', 'Gapdh', 'mt-Co1', 'H2-Ab1', 'Ly6c2', 'Gm12345', 'Trp53', 'mm10_Cd3e'];

  it('is told by its names', () => {
    expect(mapGenes(mouse, census, tables)).toMatchObject({
      detected: { kind: 'mouse' },
      orthologues: false,
    });
  });

  it('is translated through orthologues on request, never by letters alone', () => {
    const { matches } = mapGenes(mouse, census, tables, { orthologues });
    const byName = Object.fromEntries(matches.map((match) => [match.name, match]));
    for (const [name, token] of [
      ['Cd3e', 'CD3E'],
      ['Trp53', 'TP53'],
      ['mt-Co1', 'MT-CO1'],
      ['mm10_Cd3e', 'CD3E'],
    ]) {
      expect(byName[name], name).toMatchObject({ token, status: 'orthologue' });
    }
    expect(byName.Ly6c2.id).toBeNull();
    expect(mapGenes(['Tnfsf2'], census, tables, { orthologues }).matches[0]).toMatchObject({
      id: null,
      status: 'unmapped_mouse',
    });
  });

  it('keeps a mouse gene with several human orthologues undecided', () => {
    const several = ['Ugt1a1', 'Klk1b1', 'Hist1h4a', 'Ccl21a', 'Amy1', 'Cyp3a11'].find(
      (name) => orthologues.human(name).length > 1,
    )!;
    expect(mapGenes([several], census, tables, { orthologues }).matches[0]).toMatchObject({
      id: null,
      status: 'ambiguous',
      candidates: orthologues.human(several),
    });
  });
});

describe('what holds for every gene', () => {
  const anySymbol = fc.nat({ max: 43_776 });
  const symbolOf = (row: number) => tables.gene(row).symbol;

  it('a symbol means itself, in any case unless the letters in that case name something else', () => {
    const inOtherCase = fc.constantFrom<(name: string) => string>(
      (name) => name.toLowerCase(),
      (name) => name.toUpperCase(),
      (name) => name.charAt(0) + name.slice(1).toLowerCase(),
    );
    fc.assert(
      fc.property(anySymbol, inOtherCase, (row, change) => {
        const symbol = symbolOf(row);
        expect(resolveName(symbol, tables)).toMatchObject({ status: 'approved', symbol });
        const changed = change(symbol);
        const own = (['approved', 'previous', 'alias'] as const).some(
          (kind) => tables.named(kind, changed).length > 0,
        );
        const found = resolveName(changed, tables);
        if (own || found.status.startsWith('not_a_gene')) return; // `cfp` is a fluorescent protein, CFP properdin
        expect(found.symbol).toBe(symbol);
      }),
      { numRuns: 1000 },
    );
  });

  it('resolving what was resolved changes nothing', () => {
    fc.assert(
      fc.property(anySymbol, fc.constantFrom('', '.1', '-1', '..1.'), (row, suffix) => {
        const { symbol } = resolveName(symbolOf(row) + suffix, tables);
        if (symbol !== null) expect(resolveName(symbol, tables).symbol).toBe(symbol);
      }),
    );
  });

  it('quotes, spaces and a genome prefix change no token', () => {
    const decorated = fc.constantFrom<(name: string) => string>(
      (name) => ` ${name}\t`,
      (name) => `"${name}"`,
      (name) => `\ufeff${name}`,
      (name) => `GRCh38_${name}`,
      (name) => `hg19______${name}`,
    );
    fc.assert(
      fc.property(anySymbol, decorated, (row, decorate) => {
        expect(alone(decorate(symbolOf(row))).id).toBe(alone(symbolOf(row)).id);
      }),
    );
  });

  it('no text at all crashes it, and an id is always that of a gene token', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 30 }), { maxLength: 8 }), (names) => {
        const { matches, ids } = mapGenes(names, census, tables);
        expect(matches.map(({ name }) => name)).toEqual(names);
        for (const id of ids) expect(id).toBeLessThan(genes.length);
      }),
    );
  });

  it('the order of genes does not matter', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(golden.names.map(({ input }) => input).filter((name) => !/^\d+$/.test(name))),
        (names) => {
          const found = mapGenes(names, census, tables).matches;
          for (const match of found) expect(match.id).toBe(alone(match.name).id);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('exactOnly', () => {
  it('takes only names that are tokens, as the reference does', () => {
    const vocabulary = lookupOf(['SEPTIN2', 'CD3E']);
    const names = ['SEPT2', 'ENSG00000198851', 'CD3E', 'cd3e', '<pad>'];
    expect([...mapGenes(names, vocabulary, tables).ids]).toEqual([0, 1, 1, 1, -1]);
    expect([...mapGenes(names, vocabulary, tables, { exactOnly: true }).ids]).toEqual([-1, -1, 1, -1, -1]);
  });
});
