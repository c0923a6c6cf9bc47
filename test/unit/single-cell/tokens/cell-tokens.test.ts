import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillRows, longest, tokenRows } from '../../../../src/single-cell/tokens/batch.ts';
import {
  type CellTokens,
  conditionsOf,
  sampleTokens,
  tokensOf,
} from '../../../../src/single-cell/tokens/cell-tokens.ts';
import { keyedDraws } from '../../../../src/single-cell/tokens/draws.ts';
import { clsId, fixture, padId, recordedDraws } from './recorded.ts';

const [cellCount, geneCount] = fixture.shape('tok/data');
const data = fixture.f32('tok/data');
const geneIds = fixture.i32('tok/gene_ids');
const rowOfData = (cell: number) => data.subarray(cell * geneCount, (cell + 1) * geneCount);
const cases = (prefix: string) =>
  Object.keys(fixture.about.subcases).filter((name) => name.startsWith(prefix));

function tokenised(appendCls: boolean, includeZeros: boolean): CellTokens[] {
  const cls = appendCls ? { id: clsId, value: 0 } : null;
  return Array.from({ length: cellCount }, (_, cell) =>
    tokensOf(geneIds, rowOfData(cell), { cls, includeZeros }),
  );
}

function sampledAndPadded(name: string, appendCls: boolean, includeZeros: boolean) {
  const { max_len } = fixture.about.subcases[name];
  const recorded = recordedDraws(name);
  const cells = tokenised(appendCls, includeZeros).map((cell, i) =>
    sampleTokens(cell, appendCls ? 1 : 0, max_len, recorded.ofCell(i)),
  );
  const rows = tokenRows(cells.length, longest(cells));
  fillRows(rows, cells, { id: padId, value: -2 });
  expect(recorded.left()).toBe(0);
  return rows;
}

describe('tokens against the reference', () => {
  it.each(cases('tokenize_batch/'))('%s', (name) => {
    const { append_cls, include_zero_gene } = fixture.about.subcases[name];
    const cells = tokenised(append_cls, include_zero_gene);
    expect(cells.map((cell) => cell.genes.length)).toEqual([...fixture.i32(`${name}/lengths`)]);
    expect(cells.flatMap((cell) => [...cell.genes])).toEqual([...fixture.i32(`${name}/genes`)]);
    expect(cells.flatMap((cell) => [...cell.values])).toEqual([...fixture.f32(`${name}/values`)]);
  });

  it.each(cases('tokenize_and_pad/zeros'))('%s', (name) => {
    const { append_cls, include_zero_gene } = fixture.about.subcases[name];
    const rows = sampledAndPadded(name, append_cls, include_zero_gene);
    expect([cellCount, rows.length]).toEqual(fixture.shape(`${name}/genes`));
    expect(rows.genes).toEqual(fixture.i32(`${name}/genes`));
    expect(rows.values).toEqual(fixture.f32(`${name}/values`));
  });

  it('tokenize_and_pad/mod_types', () => {
    const name = 'tokenize_and_pad/mod_types';
    const modality = fixture.about.subcases[name].vocab_mod;
    const modalityOfToken = new Int32Array(43);
    for (const [i, mod] of fixture.i32('tok/mod_type').entries()) modalityOfToken[geneIds[i]] = mod;
    modalityOfToken[padId] = modality['<pad>'];
    modalityOfToken[clsId] = modality['<cls>'];
    const rows = sampledAndPadded(name, true, false);
    expect(rows.genes).toEqual(fixture.i32(`${name}/genes`));
    expect(rows.values).toEqual(fixture.f32(`${name}/values`));
    expect(conditionsOf(rows.genes, modalityOfToken)).toEqual(fixture.i32(`${name}/mod_types`));
  });
});

const someCell = fc
  .uniqueArray(fc.nat(1000), { minLength: 0, maxLength: 60 })
  .chain((genes) =>
    fc.tuple(fc.constant(genes), fc.array(fc.nat(5), { minLength: genes.length, maxLength: genes.length })),
  )
  .map(([genes, values]) =>
    tokensOf(Int32Array.from(genes), Float32Array.from(values), {
      cls: { id: 1001, value: -2 },
      includeZeros: false,
    }),
  );
const pairs = (cell: CellTokens) => [...cell.genes].map((gene, i) => `${gene}:${cell.values[i]}`);

describe('properties of tokens', () => {
  it('sampling keeps <cls> and a subset of the genes, each with its own value', () => {
    fc.assert(
      fc.property(someCell, fc.integer({ min: 1, max: 70 }), fc.integer(), (cell, length, seed) => {
        const sampled = sampleTokens(cell, 1, length, keyedDraws(seed, 'cell'));
        expect(sampled.genes.length).toBe(Math.min(cell.genes.length, length));
        expect([sampled.genes[0], sampled.values[0]]).toEqual([1001, -2]);
        expect(new Set(sampled.genes).size).toBe(sampled.genes.length);
        const all = new Set(pairs(cell));
        expect(pairs(sampled).every((pair) => all.has(pair))).toBe(true);
      }),
    );
  });

  it('sampling takes every gene equally often', () => {
    const cell = tokensOf(
      Int32Array.from({ length: 20 }, (_, i) => i),
      new Float32Array(20).fill(1),
      {
        cls: null,
        includeZeros: false,
      },
    );
    const counts = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 4000; seed++) {
      for (const gene of sampleTokens(cell, 0, 5, keyedDraws(seed, 'cell')).genes) counts[gene]++;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(140); // 5 standard deviations
  });

  it('rows hold the cells, each followed by padding, whatever stood there before', () => {
    fc.assert(
      fc.property(
        fc.array(someCell, { minLength: 1, maxLength: 6 }),
        fc.nat(3),
        fc.nat(3),
        (cells, more, wider) => {
          const rows = tokenRows(cells.length + more, longest(cells) + wider);
          rows.genes.fill(77);
          rows.values.fill(77);
          fillRows(rows, cells, { id: padId, value: -2 });
          for (let row = 0; row < cells.length + more; row++) {
            const size = cells[row]?.genes.length ?? 0;
            const genes = [...rows.genes.subarray(row * rows.length, (row + 1) * rows.length)];
            const values = [...rows.values.subarray(row * rows.length, (row + 1) * rows.length)];
            expect(genes.slice(0, size)).toEqual([...(cells[row]?.genes ?? [])]);
            expect(values.slice(0, size)).toEqual([...(cells[row]?.values ?? [])]);
            expect(genes.slice(size).every((gene) => gene === padId)).toBe(true);
            expect(values.slice(size).every((value) => value === -2)).toBe(true);
          }
        },
      ),
    );
  });

  it('refuses what does not fit instead of cutting it', () => {
    const cell = tokensOf(Int32Array.of(1, 2, 3), Float32Array.of(1, 1, 1), {
      cls: null,
      includeZeros: false,
    });
    expect(() => fillRows(tokenRows(1, 2), [cell], { id: padId, value: -2 })).toThrow(/3 tokens.*room for 2/);
    expect(() => fillRows(tokenRows(1, 3), [cell, cell], { id: padId, value: -2 })).toThrow(
      /2 cells.*1 rows/,
    );
  });
});
