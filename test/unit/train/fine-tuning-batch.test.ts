/** @file Batches of fine-tuning: what is hidden, what targets are, and what draws depend on. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelConfig } from '../../../src/model/config.ts';
import { binnedValues } from '../../../src/model/value-table.ts';
import { ValueBinner } from '../../../src/single-cell/binning.ts';
import { cellKey } from '../../../src/single-cell/tokens/cell-key.ts';
import { Vocabulary } from '../../../src/single-cell/vocabulary.ts';
import type { TrainingCell } from '../../../src/train/cells/training-cells.ts';
import { type FineTuningBatches, fineTuningBatch } from '../../../src/train/fine-tuning-batch.ts';

const geneCount = 40;
const vocabulary = Vocabulary.fromTokens([
  ...Array.from({ length: geneCount }, (_, gene) => `G${gene}`),
  '<pad>',
  '<cls>',
  '<eoc>',
]);
const config = modelConfig({
  vocabularySize: vocabulary.tokens.length,
  embeddingSize: 8,
  heads: 2,
  layers: 1,
  bins: 6,
});
const values = binnedValues(config);
const maskRow = values.values.indexOf(config.maskValue);
const padRow = values.values.indexOf(config.padValue);

const batches = (more: Partial<FineTuningBatches> = {}): FineTuningBatches => ({
  config,
  vocabulary,
  binner: new ValueBinner(config.bins, 'random'),
  values,
  seed: 3,
  maxLength: 16,
  clsValue: 0,
  maskRatio: 0.4,
  ...more,
});

/** Cells with some of the genes, zeros among their values; names and rows say nothing of the content. */
const someCell = fc
  .uniqueArray(fc.nat(geneCount - 1), { minLength: 1, maxLength: geneCount })
  .chain((genes) => {
    const counts = fc.array(fc.nat(9), { minLength: genes.length, maxLength: genes.length });
    return counts.map((found) =>
      cellOf(
        genes.toSorted((a, b) => a - b),
        found,
      ),
    );
  });
const someCells = fc.array(someCell, { minLength: 1, maxLength: 6 });

function cellOf(genes: readonly number[], counts: readonly number[], row = 0): TrainingCell {
  const [ids, expression] = [Int32Array.from(genes), Float32Array.from(counts)];
  return {
    genes: ids,
    values: expression,
    name: `cell ${row}`,
    source: 0,
    row,
    key: cellKey(ids, expression),
  };
}

/** The tokens of one cell of a batch that are no padding. */
function rowsOf({ feeds }: ReturnType<typeof fineTuningBatch>, cell: number) {
  const [, length] = feeds.genes.shape;
  const part = (name: string) =>
    Array.from(feeds[name].data.slice(cell * length, (cell + 1) * length) as Float32Array, Number);
  const real = part('keep').lastIndexOf(1) + 1;
  return Object.fromEntries(
    ['genes', 'values', 'target', 'masked'].map((name) => [name, part(name).slice(0, real)]),
  );
}

describe('fineTuningBatch', () => {
  it('never hides <cls> or padding, and marks what it hides', () => {
    fc.assert(
      fc.property(someCells, fc.nat(), fc.nat(9), (cells, seed, round) => {
        const { feeds, tokens, scored } = fineTuningBatch(cells, batches({ seed, maskRatio: 0.9 }), round);
        const [count, length] = feeds.genes.shape;
        expect(count).toBe(cells.length);
        for (let place = 0; place < count * length; place++) {
          const [gene, row] = [feeds.genes.data[place], feeds.values.data[place]];
          const [keep, masked] = [feeds.keep.data[place], feeds.masked.data[place]];
          expect(keep).toBe(gene === vocabulary.pad ? 0 : 1);
          expect(row === padRow, 'padding has its value').toBe(keep === 0);
          expect(row === maskRow, 'hidden tokens have the mask value').toBe(masked === 1);
          if (place % length === 0) expect([gene, masked]).toEqual([vocabulary.cls, 0]);
        }
        const sum = (name: string) => Array.from(feeds[name].data, Number).reduce((all, one) => all + one);
        expect([tokens, scored]).toEqual([sum('keep'), sum('masked')]);
      }),
    );
  });

  it('has unmasked bins as targets, which values equal wherever nothing is hidden', () => {
    fc.assert(
      fc.property(someCells, fc.nat(), (cells, seed) => {
        const hidden = fineTuningBatch(cells, batches({ seed }), 1).feeds;
        const open = fineTuningBatch(cells, batches({ seed, maskRatio: 0 }), 1);
        expect(open.scored).toBe(0);
        expect(hidden.target.data).toEqual(open.feeds.target.data);
        expect(hidden.genes.data).toEqual(open.feeds.genes.data);
        hidden.masked.data.forEach((masked, place) => {
          if (masked === 1) return;
          expect(hidden.values.data[place]).toBe(open.feeds.values.data[place]);
        });
        const rows = open.feeds.values.data as Int32Array;
        const shown = Float32Array.from(rows, (row) => values.values[row]);
        expect(shown).toEqual(open.feeds.target.data);
      }),
    );
  });

  it('draws by seed, round and content, whatever is in the batch beside the cell and wherever it comes', () => {
    fc.assert(
      fc.property(someCells, someCells, fc.nat(), fc.nat(9), (cells, others, seed, round) => {
        const made = (all: readonly TrainingCell[]) => fineTuningBatch(all, batches({ seed }), round);
        const together = made([...others, ...cells.toReversed()]);
        cells.forEach((cell, i) => {
          const renamed = { ...cell, name: 'another', row: 99, source: 2 };
          const place = others.length + cells.length - 1 - i;
          expect(rowsOf(together, place)).toEqual(rowsOf(made([renamed]), 0));
        });
      }),
    );
  });

  const long = Array.from({ length: 8 }, (_, row) =>
    cellOf(
      Array.from({ length: geneCount }, (_, gene) => gene),
      Array.from({ length: geneCount }, (_, gene) => ((gene * 7 + row) % 9) + 1),
      row,
    ),
  );

  it.each([
    ['seed', { seed: 4 }, 1],
    ['round', {}, 2],
  ])('samples and hides anew with another %s', (_, more, round) => {
    const once = fineTuningBatch(long, batches(), 1).feeds;
    const again = fineTuningBatch(long, batches(more), round).feeds;
    expect(again.genes.data).not.toEqual(once.genes.data);
    expect(again.masked.data).not.toEqual(once.masked.data);
  });

  it('samples cells that are too long without repeats and keeps <cls> first', () => {
    const made = fineTuningBatch(long, batches(), 1);
    expect(made.feeds.genes.shape).toEqual([8, 16]);
    long.forEach((_, cell) => {
      const { genes, target } = rowsOf(made, cell);
      expect([genes[0], target[0]]).toEqual([vocabulary.cls, 0]);
      expect(new Set(genes).size).toBe(16);
    });
  });

  it('hides the share that is asked for', () => {
    const many = Array.from({ length: 40 }, () => long).flat();
    const kept = many.map((cell, row) => ({ ...cell, key: `${cell.key} ${row}` }));
    const { scored, tokens } = fineTuningBatch(kept, batches({ maskRatio: 0.4 }), 1);
    const genes = tokens - kept.length; // 4,800 draws: a standard deviation is 0.007
    expect(Math.abs(scored / genes - 0.4)).toBeLessThan(0.035);
  });

  it('gives places, and batches and labels of cells where they are known', () => {
    const { feeds } = fineTuningBatch(
      long,
      batches({ batchOf: ({ row }) => row % 3, labelOf: ({ row }) => 7 - row }),
      1,
    );
    expect(feeds.places).toEqual({ dtype: 'int32', shape: [8], data: Int32Array.from(Array(8).keys()) });
    expect(feeds.batch).toEqual({ dtype: 'int32', shape: [8], data: Int32Array.of(0, 1, 2, 0, 1, 2, 0, 1) });
    expect(feeds.labels).toEqual({ dtype: 'int32', shape: [8], data: Int32Array.of(7, 6, 5, 4, 3, 2, 1, 0) });
    const plain = fineTuningBatch(long, batches(), 1).feeds;
    expect(Object.keys(plain)).toEqual(['genes', 'values', 'target', 'masked', 'keep', 'places']);
  });

  it('puts the value at <cls> that is asked for', () => {
    const { feeds } = fineTuningBatch(long, batches({ clsValue: config.padValue }), 1);
    expect([feeds.target.data[0], feeds.values.data[0]]).toEqual([config.padValue, padRow]);
  });
});
