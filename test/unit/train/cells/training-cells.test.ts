import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cellKey } from '../../../../src/single-cell/tokens/cell-key.ts';
import { CancelledError, InputError, UsageError } from '../../../../src/support/errors.ts';
import { TrainingCells } from '../../../../src/train/cells/training-cells.ts';
import { columnTokens, geneCount, numberedRow, sourceOf } from './sample-source.ts';

const value = fc.oneof(fc.constant(0), fc.nat(9));
const row = fc.array(value, { minLength: geneCount, maxLength: geneCount });
const set = fc.array(row, { minLength: 1, maxLength: 20 });

/** [token, value] of a row's known genes by ascending token. */
function tokensOf(values: readonly number[], includeZeros: boolean): [number, number][] {
  return values
    .map((value, column): [number, number] => [columnTokens[column], value])
    .filter(([token, value]) => token >= 0 && (includeZeros || value > 0))
    .sort(([a], [b]) => a - b);
}

describe('TrainingCells', () => {
  it('reads any cells in the order asked, from any data set, as the files hold them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(set, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        fc.array(fc.nat(), { maxLength: 30 }),
        async (sets, includeZeros, picks) => {
          const cells = new TrainingCells(
            sets.map((rows, i) => sourceOf(rows, `set${i}`)),
            { includeZeros },
          );
          const all = sets.flatMap((rows, source) =>
            rows.map((values, row) => ({ source, row, values, name: `set${source}-${row}` })),
          );
          expect(cells.count).toBe(all.length);
          const asked = picks.map((pick) => pick % all.length);
          const read = await cells.read(asked);
          expect(read.length).toBe(asked.length);
          read.forEach((cell, i) => {
            const { values, ...expected } = all[asked[i]];
            const tokens = tokensOf(values, includeZeros);
            const { genes, values: found, key, ...rest } = cell;
            expect(rest).toEqual(expected);
            expect([...genes]).toEqual(tokens.map(([token]) => token));
            expect([...found]).toEqual(tokens.map(([, value]) => value));
            expect(key).toBe(cellKey(genes, found));
            expect(cells.sourceOf(asked[i])).toBe(rest.source);
            expect(cells.nameOf(asked[i])).toBe(rest.name);
          });
        },
      ),
    );
  });

  it('gives the same values of a cell with zeros however often they are looked at, and in a copy', async () => {
    const cells = new TrainingCells([sourceOf([[0, 4, 2, 0, 0, 1]], 'a')], { includeZeros: true });
    const [cell] = await cells.read([0]);
    expect(cell.values).toBe(cell.values);
    expect([...cell.genes]).toEqual([3, 4, 5, 6, 8]);
    expect([...cell.values]).toEqual([1, 0, 0, 2, 0]);
    expect({ ...cell }.values).toBe(cell.values);
  });

  it('reads runs of neighbouring rows at once, each file by itself, one reading after another', async () => {
    const [a, b] = ['a', 'b'].map((label) =>
      sourceOf(
        Array.from({ length: 50 }, (_, i) => numberedRow(i)),
        label,
      ),
    );
    const cells = new TrainingCells([a, b], { includeZeros: false });
    const [first] = await Promise.all([cells.read([52, 3, 51, 1, 2, 49]), cells.read([0, 99])]);
    expect(a.matrix.reads).toEqual([
      [1, 4],
      [49, 50],
      [0, 1],
    ]);
    expect(b.matrix.reads).toEqual([
      [1, 3],
      [49, 50],
    ]);
    expect(first.map(({ name }) => name)).toEqual(['b-2', 'a-3', 'b-1', 'a-1', 'a-2', 'a-49']);
  });

  it('knows the cells without any gene once they are read', async () => {
    const rows = [numberedRow(0), [0, 9, 0, 0, 0, 0], numberedRow(1), [0, 0, 0, 0, 0, 0]];
    for (const includeZeros of [false, true]) {
      const cells = new TrainingCells([sourceOf(rows, 'a')], { includeZeros });
      expect(cells.usableAmong([0, 1])).toBe(undefined);
      await cells.read([0, 1]);
      expect([...cells.emptyCells]).toEqual([1]);
      expect(cells.usableAmong([0, 1])).toBe(1);
      expect(cells.usableAmong([0, 2])).toBe(undefined);
      expect([...(await cells.countGenes())]).toEqual([1, 0, 3, 0]);
      expect([...cells.emptyCells]).toEqual([1, 3]);
      expect([0, 1, 2, 3].map((cell) => cells.isEmpty(cell))).toEqual([false, true, false, true]);
      expect(cells.usableAmong([0, 1, 2, 3])).toBe(2);
    }
  });

  it('names cell, file and gene of a value that cannot be used, and goes on after it', async () => {
    for (const [bad, reason] of [
      [-1, 'negative_value'],
      [Number.NaN, 'not_finite'],
      [Number.POSITIVE_INFINITY, 'not_finite'],
    ] as const) {
      const broken = sourceOf([numberedRow(0), [0, 0, bad, 0, 0, 0]], 'b');
      const cells = new TrainingCells([sourceOf([numberedRow(0)], 'a'), broken], { includeZeros: false });
      const message = `cell b-1 of b.h5ad, gene GENE3: the value is ${bad}`;
      for (const failed of [cells.read([2]), cells.countGenes()]) {
        const error = await failed.catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(InputError);
        expect(error).toMatchObject({ reason, message: expect.stringContaining(message) });
      }
      expect((await cells.read([1]))[0].name).toBe('b-0');
    }
  });

  it('refuses cells that there are not, and sources that do not fit', async () => {
    const source = sourceOf([numberedRow(0)], 'a');
    const cells = new TrainingCells([source], { includeZeros: false });
    for (const cell of [-1, 1, 0.5]) await expect(cells.read([cell])).rejects.toThrow(UsageError);
    expect(() => cells.nameOf(1)).toThrow('there is no cell 1');
    expect(() => new TrainingCells([{ ...source, names: [] }], { includeZeros: false })).toThrow(
      'a.h5ad: the matrix has 1 cells and 6 genes, but there are 0 names',
    );
  });

  it('tells how far it is in counting, and stops when asked', async () => {
    const rows = Array.from({ length: 1500 }, (_, i) => numberedRow(i));
    const cells = new TrainingCells([sourceOf(rows, 'a')], { includeZeros: false });
    const done: number[] = [];
    await cells.countGenes({ onProgress: (progress) => done.push(progress.done) });
    expect(done).toEqual([1024, 1500]);
    await expect(cells.countGenes({ signal: AbortSignal.abort() })).rejects.toThrow(CancelledError);
  });
});
