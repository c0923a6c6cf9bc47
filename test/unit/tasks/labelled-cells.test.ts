/** @file Labels and expression of a reference and a query: genes by any name, one scale, classes by number, clear refusals. */

import { beforeAll, describe, expect, it } from 'vitest';
import { AnnData } from '../../../src/single-cell/anndata.ts';
import { type Column, categorical, DataFrame } from '../../../src/single-cell/data-frame.ts';
import type { Matrix } from '../../../src/single-cell/matrix.ts';
import { Vocabulary } from '../../../src/single-cell/vocabulary.ts';
import { InputError } from '../../../src/support/errors.ts';
import { RecordingLogger } from '../../../src/support/log.ts';
import { randomStream } from '../../../src/support/random.ts';
import { commonExpression, labelledExpression, labelsOf } from '../../../src/tasks/labelled-cells.ts';
import { type PreparedCells, prepareCells } from '../../../src/tasks/prepare.ts';
import { matrixOf } from '../analysis/rows.ts';

const symbols = ['CD3D', 'CD3E', 'MS4A1', 'CD79A', 'LYZ', 'NKG7', 'GNLY', 'PPBP', 'FCGR3A', 'CST3'];
const ensembl: Readonly<Record<string, string>> = {
  MS4A1: 'ENSG00000156738',
  LYZ: 'ENSG00000090382',
  NKG7: 'ENSG00000105374',
};
const vocabulary = Vocabulary.fromTokens(['<pad>', '<cls>', '<eoc>', ...symbols]);

/** Counts of cells by genes, drawn by the names of both. */
function counts(cells: readonly string[], genes: readonly string[]): Float64Array {
  return Float64Array.from({ length: cells.length * genes.length }, (_, i) => {
    const random = randomStream(1, cells[Math.floor(i / genes.length)], genes[i % genes.length]);
    return Math.floor(6 * random.uniform());
  });
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

function cellsOf(
  values: Float64Array,
  cells: readonly string[],
  genes: readonly string[],
  obs: readonly (readonly [string, Column])[] = [],
): AnnData {
  return new AnnData({
    obs: new DataFrame(cells, obs),
    var: new DataFrame(genes),
    X: matrixOf(values, cells.length, genes.length),
  });
}

async function dense(matrix: Matrix): Promise<number[][]> {
  const { indptr, indices, values } = await matrix.rows(0, matrix.shape[0]);
  return Array.from({ length: matrix.shape[0] }, (_, row) => {
    const out = new Array<number>(matrix.shape[1]).fill(0);
    for (let i = indptr[row]; i < indptr[row + 1]; i++) out[indices[i]] = values[i];
    return out;
  });
}

describe('commonExpression', () => {
  const ofReference = [...symbols.slice(0, 9), 'LOCAL1', 'ONLY_HERE'];
  const ofQuery = ['LOCAL1', 'OTHER', ...symbols.slice(2).map((name) => ensembl[name] ?? name)].reverse();
  const shared = [...symbols.slice(2, 9), 'LOCAL1'];
  const referenceCells = names('r', 40);
  const queryCells = names('q', 25);
  let reference: PreparedCells;
  let query: PreparedCells;
  beforeAll(async () => {
    reference = await prepareCells(
      cellsOf(counts(referenceCells, ofReference), referenceCells, ofReference),
      vocabulary,
    );
    query = await prepareCells(cellsOf(counts(queryCells, ofQuery), queryCells, ofQuery), vocabulary);
  });

  it('matches genes by token whatever they are called, and by name where the model knows neither', async () => {
    const found = await commonExpression(reference, query);
    expect(found.genes).toEqual(shared);
    expect(found.shared).toBe(shared.length);
    expect(found.method).toContain('8 genes in both');
  });

  it('normalises each side over the shared genes alone', async () => {
    const found = await commonExpression(reference, query);
    const expected = (cells: readonly string[], genes: readonly string[]) => {
      const all = counts(cells, genes);
      return cells.map((_, row) => {
        const values = shared.map((symbol) => {
          const column = Math.max(genes.indexOf(symbol), genes.indexOf(ensembl[symbol] ?? symbol));
          return all[row * genes.length + column];
        });
        const total = values.reduce((a, b) => a + b, 0);
        return values.map((value) => (total === 0 ? 0 : Math.log1p((value * 1e4) / total)));
      });
    };
    const compare = async (matrix: Matrix, wanted: number[][]) => {
      const got = await dense(matrix);
      wanted.forEach((row, cell) => {
        row.forEach((value, gene) => {
          expect(got[cell][gene]).toBeCloseTo(value, 5);
        });
      });
    };
    await compare(found.reference, expected(referenceCells, ofReference));
    await compare(found.query, expected(queryCells, ofQuery));
  });

  it('undoes logarithms first: logged cells and their counts come out alike', async () => {
    const raw = counts(referenceCells, ofReference);
    const logged = Float64Array.from(raw, (value, i) => {
      const start = Math.floor(i / ofReference.length) * ofReference.length;
      const total = raw.subarray(start, start + ofReference.length).reduce((a, b) => a + b, 0);
      return Math.log1p((value * 1e4) / total);
    });
    const prepared = await prepareCells(cellsOf(logged, referenceCells, ofReference), vocabulary);
    expect(prepared.diagnosis.kind).toBe('log1p');
    const [a, b] = [await commonExpression(reference, query), await commonExpression(prepared, query)];
    const [fromCounts, fromLogs] = [await dense(a.reference), await dense(b.reference)];
    fromCounts.flat().forEach((value, i) => {
      expect(fromLogs.flat()[i]).toBeCloseTo(value, 3);
    });
  });

  it('adds up columns of one gene', async () => {
    const twice = ['MS4A1', 'ENSG00000156738', 'LYZ', 'NKG7', 'GNLY'];
    const values = counts(queryCells, twice);
    const prepared = await prepareCells(cellsOf(values, queryCells, twice), vocabulary);
    const found = await commonExpression(reference, prepared);
    expect(found.genes).toEqual(['MS4A1', 'LYZ', 'NKG7', 'GNLY']);
    const [first] = await dense(found.query);
    const own = values.slice(0, 5);
    const total = own.reduce((a, b) => a + b, 0);
    expect(first[0]).toBeCloseTo(Math.log1p(((own[0] + own[1]) * 1e4) / total), 5);
  });

  it('chooses genes on the chosen cells of the reference, whatever the query is', async () => {
    const genes = [...symbols, ...names('LOCAL', 60)];
    const values = counts(referenceCells, genes);
    const wide = await prepareCells(cellsOf(values, referenceCells, genes), vocabulary);
    const other = await prepareCells(cellsOf(counts(queryCells, genes), queryCells, genes), vocabulary);
    const cells = Int32Array.from({ length: 30 }, (_, i) => i + 10);
    const found = await commonExpression(wide, other, { genes: 20, cells });
    expect(found.reference.shape).toEqual([30, 20]);
    expect(found.query.shape).toEqual([25, 20]);
    expect((await commonExpression(wide, wide, { genes: 20, cells })).genes).toEqual(found.genes);
  });

  it('refuses data without a shared gene, showing names of both', async () => {
    const lonely = ['CD3D', 'CD3E'];
    const prepared = await prepareCells(cellsOf(counts(queryCells, lonely), queryCells, lonely), vocabulary);
    const others = ['MS4A1', 'LYZ', 'NKG7'];
    const second = await prepareCells(cellsOf(counts(queryCells, others), queryCells, others), vocabulary);
    const asked = commonExpression(prepared, second);
    await expect(asked).rejects.toThrow(InputError);
    await expect(asked).rejects.toThrow(/CD3D, CD3E.*MS4A1, LYZ.*--gene-column/);
  });
});

describe('labelledExpression', () => {
  it('leaves out cells without a label and numbers the classes that are left', async () => {
    const genes = symbols.slice(0, 4);
    const cells = names('r', 5);
    const prepared = await prepareCells(cellsOf(counts(cells, genes), cells, genes), vocabulary);
    const common = await commonExpression(prepared, prepared);
    const labels = { name: 'type', groups: ['x', 'y', 'z'], codes: Int32Array.of(2, -1, 0, 2, -1) };
    const found = await labelledExpression(common, labels, { seed: 4 });
    expect([...found.rows]).toEqual([0, 2, 3]);
    expect(found.classes).toEqual(['x', 'z']);
    expect([...found.labels]).toEqual([1, 0, 1]);
    const all = await dense(common.reference);
    expect(await dense(found.expression)).toEqual([all[0], all[2], all[3]]);
    expect(found.seed).toBe(4);
  });
});

describe('labelsOf', () => {
  const data = (columns: Record<string, (string | null)[]>) =>
    new AnnData({
      obs: new DataFrame(
        names('c', 6),
        Object.entries(columns).map(([name, values]) => [name, categorical(values)]),
      ),
      var: new DataFrame(['CD3D']),
    });

  it('takes missing values, and those said to mean missing, for none; and tells', () => {
    const logger = new RecordingLogger();
    const cells = data({ type: ['B', 'T', null, 'unknown', 'B', 'doublet'] });
    const found = labelsOf(cells, 'type', { unlabelled: ['doublet'], logger });
    expect(found.groups).toEqual(['B', 'T', 'unknown']);
    expect([...found.codes]).toEqual([0, 1, -1, 2, 0, -1]);
    expect(logger.warnings).toEqual([
      expect.stringContaining('2 of 6 reference cells have no type'),
      expect.stringContaining("--unlabelled 'unknown'"),
    ]);
  });

  it('names the columns that could be meant', () => {
    const cells = data({
      type: ['B', 'T', 'T', 'B', 'B', 'T'],
      one: ['x', 'x', 'x', 'x', 'x', 'x'],
      id: ['1', '2', '3', '4', '5', '6'],
    });
    expect(() => labelsOf(cells, 'label')).toThrow(/no column 'label'.*classes: type\./);
  });

  it('refuses a column without any label', () => {
    const cells = data({
      type: [null, null, 'unknown', null, null, null],
      other: ['B', 'T', 'T', 'B', 'B', 'T'],
    });
    expect(() => labelsOf(cells, 'type', { unlabelled: ['unknown'] })).toThrow(
      /no label in any of 6 cells.*other/,
    );
  });
});
