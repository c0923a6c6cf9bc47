/** @file Screens with the columns that GEARS, scPerturb and Replogle et al. publish are read without options. */

import { describe, expect, it } from 'vitest';
import { AnnData } from '../../../../src/single-cell/anndata.ts';
import { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import { type Column, categorical, DataFrame } from '../../../../src/single-cell/data-frame.ts';
import { Vocabulary } from '../../../../src/single-cell/vocabulary.ts';
import { RecordingLogger, silent } from '../../../../src/support/log.ts';
import { randomStream } from '../../../../src/support/random.ts';
import { type ScreenKeys, screenData } from '../../../../src/tasks/perturb/screen-data.ts';

/** Symbols with their Ensembl ids. */
const genes = new Map([
  ['ACTB', 'ENSG00000075624'],
  ['BAK1', 'ENSG00000030110'],
  ['CEBPE', 'ENSG00000092067'],
  ['FTL', 'ENSG00000087086'],
  ['GAPDH', 'ENSG00000111640'],
  ['KLF1', 'ENSG00000105610'],
  ['RUNX1T1', 'ENSG00000079102'],
  ['STAT1', 'ENSG00000115415'],
]);
const symbols = [...genes.keys()];
const ensembl = [...genes.values()];
const vocabulary = Vocabulary.fromTokens(['<pad>', '<cls>', '<eoc>', ...symbols]);

interface Shape {
  /** Columns of obs beside the values they have for each of the groups of cells. */
  readonly obs: Readonly<Record<string, readonly string[] | Column>>;
  readonly var: DataFrame;
  readonly logged?: boolean;
}

const cellsOfGroup = 12;

/** Twelve cells of each group; text columns name a value a group. */
function published({ obs, var: table, logged = false }: Shape): AnnData {
  const groups = Object.values(obs).find((values): values is readonly string[] => Array.isArray(values))!;
  const cells = groups.length * cellsOfGroup;
  const random = randomStream(1, 'published screens');
  const counts = Float32Array.from({ length: cells * table.length }, () => Math.floor(random.uniform() * 20));
  const totalOf = (cell: number): number =>
    counts.subarray(cell * table.length, (cell + 1) * table.length).reduce((sum, value) => sum + value, 0);
  const values = logged
    ? counts.map((value, i) => Math.log1p((1e4 * value) / totalOf(Math.floor(i / table.length))))
    : counts;
  const each = (column: readonly string[] | Column): Column =>
    'kind' in column
      ? column
      : categorical(column.flatMap((value) => new Array<string>(cellsOfGroup).fill(value)));
  return new AnnData({
    obs: new DataFrame(
      Array.from({ length: cells }, (_, cell) => `cell-${cell}`),
      Object.entries(obs).map(([name, column]) => [name, each(column)]),
    ),
    var: table,
    X: new CsrMatrix([cells, table.length], {
      indptr: Float64Array.from({ length: cells + 1 }, (_, row) => row * table.length),
      indices: Int32Array.from(values, (_, i) => i % table.length),
      values,
    }),
  });
}

const numbers = (values: readonly number[]): Column => ({
  kind: 'number',
  dtype: 'int64',
  values: Float64Array.from(values.flatMap((value) => new Array<number>(cellsOfGroup).fill(value))),
});
const text = (values: readonly string[]): Column => ({ kind: 'string', values });

async function read(shape: Shape, keys: ScreenKeys = {}) {
  const logger = new RecordingLogger(silent);
  const screen = await screenData(published(shape), vocabulary, keys, 1e4, logger);
  return {
    screen,
    told: logger.infos.join('\n'),
    conditions: screen.screen.conditions.map(({ genes: perturbed }) => perturbed.join('+')),
    codes: Array.from({ length: screen.screen.codes.length / cellsOfGroup }, (_, group) =>
      Number(screen.screen.codes[group * cellsOfGroup]),
    ),
  };
}

describe('GEARS', () => {
  const byEnsembl = new DataFrame(ensembl, [['gene_name', text(symbols)]], 'gene_id');

  it("reads Norman et al.: single genes on either side of 'ctrl', pairs, log-normalised values, Ensembl index", async () => {
    const { screen, conditions, codes, told } = await read({
      obs: {
        condition: ['ctrl', 'KLF1+ctrl', 'ctrl+KLF1', 'CEBPE+RUNX1T1', 'CEBPE+ctrl', 'ctrl+BAK1'],
        cell_type: ['A549', 'A549', 'A549', 'A549', 'A549', 'A549'],
        dose_val: ['1', '1+1', '1+1', '1+1', '1+1', '1+1'],
        control: numbers([1, 0, 0, 0, 0, 0]),
        condition_name: [
          'A549_ctrl_1',
          'A549_KLF1+ctrl_1+1',
          'A549_ctrl+KLF1_1+1',
          'A549_CEBPE+RUNX1T1_1+1',
          'A549_CEBPE+ctrl_1+1',
          'A549_ctrl+BAK1_1+1',
        ],
      },
      var: byEnsembl,
      logged: true,
    });
    expect(screen.screen.column).toBe('condition');
    expect(conditions).toEqual(['', 'BAK1', 'CEBPE', 'CEBPE+RUNX1T1', 'KLF1']);
    expect(codes).toEqual([0, 4, 4, 3, 2, 1]);
    expect(screen.genes).toEqual(symbols); // by which conditions name them, not by the index
    expect(Array.from(screen.tokenIds)).toEqual(symbols.map((symbol) => vocabulary.id(symbol)));
    expect(screen.prepared.diagnosis.kind).toBe('log1p');
    expect(told).toMatch(/obs\/condition .* 4 perturbations, 1 of them combinations/);
  });

  it('reads Adamson et al.: single genes of one cell line', async () => {
    const { conditions, codes } = await read({
      obs: {
        condition: ['BAK1+ctrl', 'ctrl', 'STAT1+ctrl'],
        cell_type: ['K562(?)', 'K562(?)', 'K562(?)'],
        dose_val: ['1+1', '1', '1+1'],
        control: numbers([0, 1, 0]),
      },
      var: byEnsembl,
      logged: true,
    });
    expect(conditions).toEqual(['', 'BAK1', 'STAT1']);
    expect(codes).toEqual([1, 0, 2]);
  });
});

describe('scPerturb', () => {
  const bySymbol = new DataFrame(symbols, [
    ['ensembl_id', text(ensembl)],
    ['ncounts', { kind: 'number', dtype: 'float32', values: new Float32Array(symbols.length).fill(9) }],
  ]);

  it.each([
    ['_', 'CEBPE_RUNX1T1'],
    ['+', 'CEBPE+RUNX1T1'],
  ])("reads pairs joined by '%s'", async (_, pair) => {
    const { screen, conditions, codes, told } = await read({
      obs: {
        guide_id: ['NegCtrl0_NegCtrl0', 'KLF1_NegCtrl0', 'CEBPE_RUNX1T1', 'NegCtrl0_BAK1'],
        read_count: ['10', '11', '12', '13'],
        perturbation: ['control', 'KLF1', pair, 'BAK1'],
        nperts: numbers([0, 1, 2, 1]),
        celltype: ['lymphoblasts', 'lymphoblasts', 'lymphoblasts', 'lymphoblasts'],
      },
      var: bySymbol,
    });
    expect(screen.screen.column).toBe('perturbation');
    expect(conditions).toEqual(['', 'BAK1', 'CEBPE+RUNX1T1', 'KLF1']);
    expect(codes).toEqual([0, 3, 2, 1]);
    expect(told).toContain(`${pair} is CEBPE and RUNX1T1`);
  });

  it('reads pairs of genes that are not measured, under symbols they no longer have', async () => {
    const { conditions } = await read({
      obs: { perturbation: ['control', 'C3orf72_FOXL2', 'IGDCC3_MAPK1'], nperts: numbers([0, 2, 2]) },
      var: bySymbol,
    });
    expect(conditions).toEqual(['', 'C3orf72+FOXL2', 'IGDCC3+MAPK1']);
  });

  it('reads Replogle et al. as scPerturb has it', async () => {
    const { screen, conditions, codes } = await read(
      {
        obs: {
          batch: ['1', '1', '2'],
          gene: ['KLF1', 'non-targeting', 'STAT1'],
          gene_id: ['ENSG00000105610', 'non-targeting', 'ENSG00000115415'],
          transcript: ['P1P2', 'non-targeting', 'P1P2'],
          perturbation: ['KLF1', 'control', 'STAT1'],
          nperts: numbers([1, 0, 1]),
        },
        var: bySymbol,
      },
      { batchKey: 'batch' },
    );
    expect(screen.screen.column).toBe('perturbation');
    expect(conditions).toEqual(['', 'KLF1', 'STAT1']);
    expect(codes).toEqual([1, 0, 2]);
  });
});

describe('authors', () => {
  it("reads Replogle et al.: obs/gene with 'non-targeting', Ensembl ids as index", async () => {
    const { screen, conditions, codes } = await read(
      {
        obs: {
          gem_group: numbers([1, 1, 1]),
          gene: ['non-targeting', 'KLF1', 'STAT1'],
          gene_id: ['non-targeting', 'ENSG00000105610', 'ENSG00000115415'],
          transcript: ['non-targeting', 'P1P2', 'P1P2'],
          gene_transcript: ['non-targeting', '4402_KLF1_P1P2', '8290_STAT1_P1P2'],
          sgID_AB: ['non-targeting_00025|non-targeting_02357', 'KLF1_-_1|KLF1_-_2', 'STAT1_+_1|STAT1_+_2'],
        },
        var: new DataFrame(ensembl, [['gene_name', text(symbols)]], 'gene_id'),
      },
      { batchKey: 'gem_group' },
    );
    expect(screen.screen.column).toBe('gene');
    expect(conditions).toEqual(['', 'KLF1', 'STAT1']);
    expect(codes).toEqual([0, 1, 2]);
    expect(screen.genes).toEqual(symbols);
  });

  it('names genes by symbols where the file has Ensembl ids alone, and keeps the id of a second gene of a symbol', async () => {
    const obs = { gene: ['non-targeting', 'KLF1'] };
    const alone = await read({ obs, var: new DataFrame(ensembl) });
    expect(alone.screen.genes).toEqual(symbols);
    const twice = symbols.map((symbol) => (symbol === 'FTL' ? 'ACTB' : symbol));
    const { screen } = await read({ obs, var: new DataFrame(ensembl, [['gene_name', text(twice)]]) });
    expect(screen.genes).toEqual(symbols.map((symbol) => (symbol === 'FTL' ? genes.get('FTL') : symbol)));
  });

  it('reads Norman et al. as deposited: guides against two genes, twice in a name', async () => {
    const { screen, conditions, codes } = await read({
      obs: {
        guide_identity: [
          'NegCtrl10_NegCtrl0__NegCtrl10_NegCtrl0',
          'CEBPE_RUNX1T1__CEBPE_RUNX1T1',
          'KLF1_NegCtrl0__KLF1_NegCtrl0',
        ],
      },
      var: new DataFrame(symbols),
    });
    expect(screen.screen.column).toBe('guide_identity');
    expect(conditions).toEqual(['', 'CEBPE+RUNX1T1', 'KLF1']);
    expect(codes).toEqual([0, 1, 2]);
  });

  it('says which option helps where no word for controls is known', async () => {
    const obs = { perturbation: ['62(mod)_pBA581', 'STAT1_pDS255', 'KLF1_pDS014'] };
    const shape = { obs, var: new DataFrame(symbols) };
    await expect(read(shape)).rejects.toThrow(
      /column perturbation: no cell is a control\. .*values are 62\(mod\)_pBA581, KLF1_pDS014.*--control/,
    );
    expect((await read(shape, { control: '62(mod)_pBA581' })).codes).toEqual([0, 2, 1]);
  });
});
