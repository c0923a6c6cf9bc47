import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BinningMode, ValueBinner } from '../../../../src/single-cell/binning.ts';
import { cellKey } from '../../../../src/single-cell/tokens/cell-key.ts';
import { collate } from '../../../../src/single-cell/tokens/collate.ts';
import { keyedDraws } from '../../../../src/single-cell/tokens/draws.ts';
import { GenePanel, type SparseRow } from '../../../../src/single-cell/tokens/gene-panel.ts';
import { CellTokenizer, type TokenizerOptions } from '../../../../src/single-cell/tokens/tokenizer.ts';
import { Vocabulary } from '../../../../src/single-cell/vocabulary.ts';
import { CheckpointError, InputError, UsageError } from '../../../../src/support/errors.ts';
import { randomStream } from '../../../../src/support/random.ts';

const genes = Array.from({ length: 300 }, (_, i) => `GENE${i}`);
const vocabulary = Vocabulary.fromTokens([...genes, '<pad>', '<cls>', '<eoc>']);

function tokenizer(columnTokens: ArrayLike<number>, options: Partial<TokenizerOptions> = {}): CellTokenizer {
  return new CellTokenizer({
    panel: new GenePanel(vocabulary, columnTokens),
    clsValue: -2,
    includeZeros: false,
    maxLength: 40,
    binner: new ValueBinner(51, 'random'),
    seed: 1,
    ...options,
  });
}

function sparse(dense: readonly number[]): SparseRow {
  const indices = Int32Array.from([...dense.keys()].filter((i) => dense[i] !== 0));
  return { indices, values: Float32Array.from(indices, (i) => dense[i]) };
}

const counts = fc.array(fc.oneof(fc.constant(0), fc.nat(6)), { minLength: 100, maxLength: 100 });
const mode = fc.constantFrom<BinningMode>('left', 'random', 'midpoint');
const columns = Array.from({ length: 100 }, (_, i) => (i * 7) % 300);

describe('CellTokenizer', () => {
  it('bins over all genes of the panel, then samples', () => {
    const dense = Array.from({ length: 100 }, (_, i) => i + 1);
    const cell = tokenizer(columns, { binner: new ValueBinner(51, 'left') }).tokenize(sparse(dense), 'a');
    expect(cell.genes.length).toBe(40);
    expect([cell.genes[0], cell.values[0]]).toEqual([vocabulary.cls, -2]);
    const bins = new Float32Array(100);
    new ValueBinner(51, 'left').bin(Float32Array.from(dense), bins);
    const binOfToken = new Map(columns.map((token, i) => [token, bins[i]]));
    for (let i = 1; i < 40; i++) expect(cell.values[i]).toBe(binOfToken.get(cell.genes[i]));
    expect([...cell.genes.subarray(1)]).toEqual([...cell.genes.subarray(1)].sort((a, b) => a - b));
  });

  it('equals the release collator given the same draws', () => {
    fc.assert(
      fc.property(counts, mode, fc.integer(), (dense, binning, seed) => {
        const binner = new ValueBinner(51, binning);
        const ours = tokenizer(columns, { binner, seed }).tokenize(sparse(dense), 'a');
        const ascending = [...columns.keys()]
          .filter((i) => dense[i] !== 0)
          .sort((a, b) => columns[a] - columns[b]);
        const whole = {
          genes: Int32Array.of(vocabulary.cls, ...ascending.map((i) => columns[i])),
          values: Float32Array.of(-2, ...ascending.map((i) => dense[i])),
        };
        const key = cellKey(whole.genes.subarray(1), whole.values.subarray(1));
        const rows = collate(
          [whole],
          {
            padding: { id: vocabulary.pad, value: -2 },
            maxLength: 40,
            keepFirst: 1,
            binner,
            tooLong: 'sample',
            mask: null,
          },
          () => keyedDraws(seed, key),
        );
        expect(ours.genes).toEqual(rows.genes);
        expect(ours.values).toEqual(rows.values);
      }),
    );
  });

  it('gives a cell the same tokens whatever the order of genes, its neighbours and its name', () => {
    fc.assert(
      fc.property(counts, counts, mode, fc.integer(), (dense, other, binning, seed) => {
        const options = { binner: new ValueBinner(51, binning), seed };
        const alone = tokenizer(columns, options).tokenize(sparse(dense), 'a');
        const order = randomStream(seed, 'order').shuffle([...columns.keys()]);
        const shuffled = tokenizer(
          order.map((i) => columns[i]),
          options,
        );
        shuffled.tokenize(sparse(order.map((i) => other[i])), 'neighbour');
        expect(shuffled.tokenize(sparse(order.map((i) => dense[i])), 'b')).toEqual(alone);
      }),
    );
  });

  it('gives another seed other draws', () => {
    const row = sparse(Array.from({ length: 100 }, () => 1));
    const sampled = (seed: number) => [...tokenizer(columns, { seed }).tokenize(row, 'a').genes];
    expect(sampled(1)).toEqual(sampled(1));
    expect(sampled(1)).not.toEqual(sampled(2));
  });

  it('keeps zeros, values and <cls> as asked', () => {
    const dense = Array.from({ length: 100 }, (_, i) => (i === 3 ? 2.5 : 0));
    const all = tokenizer(columns, { includeZeros: true, clsValue: 0, maxLength: 101, binner: null });
    const cell = all.tokenize(sparse(dense), 'a');
    expect(cell.genes.length).toBe(101);
    expect([cell.genes[0], cell.values[0]]).toEqual([vocabulary.cls, 0]);
    expect(cell.values.filter((value) => value !== 0)).toEqual(Float32Array.of(2.5));
    const bare = tokenizer(columns, { clsValue: null, binner: null }).tokenize(sparse(dense), 'a');
    expect([...bare.genes, ...bare.values]).toEqual([columns[3], 2.5]);
  });

  it('makes <cls> alone of a cell without known genes', () => {
    const cell = tokenizer([-1, 5]).tokenize({ indices: Int32Array.of(0), values: Int32Array.of(9) }, 'a');
    expect([...cell.genes]).toEqual([vocabulary.cls]);
  });

  it('drops columns without a token and sums columns of the same token', () => {
    const row = { indices: Int32Array.of(0, 1, 2, 3), values: Float64Array.of(1, 2, 4, 8) };
    const cell = tokenizer([7, -1, 5, 7], { binner: null }).tokenize(row, 'a');
    expect([...cell.genes]).toEqual([vocabulary.cls, 5, 7]);
    expect([...cell.values]).toEqual([-2, 4, 9]);
  });

  it.each([
    [-1, 'negative_value'],
    [Number.NaN, 'not_finite'],
    [Number.POSITIVE_INFINITY, 'not_finite'],
  ])('refuses the value %s and names cell and gene', (value, reason) => {
    const row = { indices: Int32Array.of(1), values: Float64Array.of(value) };
    const refused = () => tokenizer([3, 5]).tokenize(row, 'AAAC-1');
    expect(refused).toThrow(InputError);
    expect(refused).toThrow(expect.objectContaining({ reason, where: 'cell AAAC-1, gene GENE5' }));
  });

  it('refuses lengths without room, panels without genes and vocabularies without <cls>', () => {
    expect(() => tokenizer(columns, { maxLength: 1 })).toThrow(UsageError);
    expect(() => tokenizer(columns, { maxLength: 2.5 })).toThrow(UsageError);
    expect(() => tokenizer([-1, -1])).toThrow(/none of the 2 genes.*GENE0/);
    const bare = Vocabulary.fromTokens(genes);
    const panel = new GenePanel(bare, [0, 1]);
    expect(() => tokenizer(columns, { panel })).toThrow(CheckpointError);
    expect(() => tokenizer(columns, { panel, clsValue: null })).not.toThrow();
  });
});

describe('cellKey', () => {
  it('depends on the pairs of token and value that are not zero, and on nothing else', () => {
    fc.assert(
      fc.property(counts, fc.integer(), (dense, seed) => {
        const tokens = [...dense.keys()];
        const key = cellKey(tokens, dense);
        expect(key).toMatch(/^[0-9a-f]{32}$/);
        const order = randomStream(seed, 'order').shuffle([...tokens]);
        const shuffled = order.map((i) => dense[i]);
        expect(cellKey(order, shuffled)).toBe(key);
        expect(cellKey(Int32Array.from(tokens), Float32Array.from(dense))).toBe(key);
        const expressed = tokens.filter((i) => dense[i] !== 0);
        const values = expressed.map((i) => dense[i]);
        expect(cellKey(expressed, values)).toBe(key);
        const changed = dense.map((value, i) => (i === 50 ? value + 1 : value));
        expect(cellKey(tokens, changed)).not.toBe(key);
      }),
    );
  });

  it('tells 5,000 cells that differ in one count apart', () => {
    const keys = new Set<string>();
    for (let cell = 0; cell < 5000; cell++) keys.add(cellKey([1, 2, 3], [1, cell, 1]));
    expect(keys.size).toBe(5000);
  });

  it('stays what it was: results of earlier versions can be reproduced', () => {
    expect(cellKey([3, 10, 7], [1, 2.5, 0])).toBe('0dda03078d3e7a52b50ffef3968b24b7');
  });
});
