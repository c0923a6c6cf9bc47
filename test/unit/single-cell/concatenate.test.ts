/** @file Joined inputs: genes by name, columns united, matrices streamed, everything dropped reported. */

import { describe, expect, it } from 'vitest';
import { AnnData, type AnnDataParts, type DenseArray } from '../../../src/single-cell/anndata.ts';
import { concatenate } from '../../../src/single-cell/concatenate.ts';
import { type Column, categorical, columnStrings, DataFrame } from '../../../src/single-cell/data-frame.ts';
import { UsageError } from '../../../src/support/errors.ts';
import { RecordingLogger } from '../../../src/support/log.ts';
import { dense } from './dense-rows.ts';
import { denseMatrix } from './preprocess/in-memory.ts';

function data(
  genes: readonly string[],
  X: readonly (readonly number[])[],
  columns: Record<string, Column> = {},
  parts: Partial<AnnDataParts> = {},
): AnnData {
  return new AnnData({
    obs: new DataFrame(
      X.map((_, i) => `cell ${i}`),
      Object.entries(columns),
    ),
    var: new DataFrame(genes),
    X: denseMatrix(X),
    ...parts,
  });
}

const numbers = (dtype: 'int32' | 'float32', ...values: number[]): Column => ({
  kind: 'number',
  dtype,
  values: dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values),
});

describe('concatenate', () => {
  const a = data(
    ['A', 'B', 'C'],
    [
      [1, 2, 3],
      [4, 0, 6],
    ],
  );
  const b = data(['C', 'D', 'A'], [[7, 8, 9]]);

  it('joins the union of genes, absent ones being zero, and says so', async () => {
    const logger = new RecordingLogger();
    const joined = concatenate([a, b], { logger });
    expect(joined.var.index).toEqual(['A', 'B', 'C', 'D']);
    expect(await dense(joined.X!)).toEqual([
      [1, 2, 3, 0],
      [4, 0, 6, 0],
      [9, 0, 7, 8],
    ]);
    const across = await joined.X!.rows(1, 3);
    expect([...across.indices]).toEqual([0, 2, 0, 2, 3]); // sorted, though C comes before A in the second
    expect(across.start).toBe(1);
    expect(logger.warnings).toEqual([
      '0 lacks 1 of the 4 genes; they are 0 in its cells',
      '1 lacks 1 of the 4 genes; they are 0 in its cells',
    ]);
  });

  it('joins the genes that all have, and says what is left out', async () => {
    const logger = new RecordingLogger();
    const joined = concatenate([a, b], { join: 'inner', keys: ['first', 'second'], logger });
    expect(joined.var.index).toEqual(['A', 'C']);
    expect(await dense(joined.X!)).toEqual([
      [1, 3],
      [4, 6],
      [9, 7],
    ]);
    expect(logger.warnings).toContain('1 of the 3 genes of first are left out');
  });

  it('matches repeated names occurrence by occurrence', async () => {
    const twice = concatenate([data(['A', 'A', 'B'], [[1, 2, 3]]), data(['A', 'B', 'A'], [[4, 5, 6]])]);
    expect(twice.var.index).toEqual(['A', 'A', 'B']);
    expect(await dense(twice.X!)).toEqual([
      [1, 2, 3],
      [4, 6, 5],
    ]);
  });

  it('appends keys to cell names that collide, and adds the batch column', () => {
    const logger = new RecordingLogger();
    const joined = concatenate([a, b], { keys: ['x', 'y'], batchKey: 'sample', logger });
    expect(joined.obs.index).toEqual(['cell 0-x', 'cell 1-x', 'cell 0-y']);
    expect(joined.obs.strings('sample')).toEqual(['x', 'x', 'y']);
    expect(logger.warnings.join()).toMatch(/1 cell names are in several inputs; -x, -y is appended/);
    expect(concatenate([a, b]).obs.index).toEqual(['cell 0', 'cell 1', 'cell 0']);
  });

  it('unites obs columns', () => {
    const first = data(['A'], [[1], [2]], {
      type: categorical(['T', 'B']),
      n: numbers('int32', 1, 2),
      score: numbers('float32', 0.5, 1),
      ok: { kind: 'boolean', values: Uint8Array.of(1, 0) },
      mixed: numbers('int32', 5, 6),
      both: numbers('int32', 1, 2),
    });
    const second = data(['A'], [[3]], {
      type: categorical(['NK']),
      mixed: { kind: 'string', values: ['seven'] },
      both: numbers('float32', 2.5),
    });
    const { columns } = concatenate([first, second]).obs;
    expect(columns.get('type')).toMatchObject({
      kind: 'categorical',
      categories: ['B', 'T', 'NK'],
      ordered: false,
    });
    expect(columnStrings(columns.get('type')!)).toEqual(['T', 'B', 'NK']);
    expect(columns.get('n')).toEqual({
      kind: 'nullable-integer',
      dtype: 'int32',
      values: Int32Array.of(1, 2, 0),
      missing: Uint8Array.of(0, 0, 1),
    });
    expect(columns.get('score')).toEqual(numbers('float32', 0.5, 1, Number.NaN));
    expect(columns.get('ok')).toMatchObject({ kind: 'nullable-boolean', missing: Uint8Array.of(0, 0, 1) });
    expect(columns.get('mixed')).toEqual({ kind: 'string', values: ['5', '6', 'seven'] });
    expect(columns.get('both')).toEqual({
      kind: 'number',
      dtype: 'float64',
      values: Float64Array.of(1, 2, 2.5),
    });
  });

  it('keeps numeric categories and an order that all share', () => {
    const column = (codes: number[]): Column => ({
      kind: 'categorical',
      codes: Int32Array.from(codes),
      categories: Float64Array.of(10, 20),
      categoryDtype: 'int64',
      ordered: true,
    });
    const joined = concatenate([
      data(['A'], [[1]], { k: column([1]) }),
      data(['A'], [[1]], { k: column([-1]) }),
    ]);
    expect(joined.obs.column('k')).toEqual(column([1, -1]));
  });

  it('keeps what all inputs share and names what it drops', async () => {
    const logger = new RecordingLogger();
    const embedding = (rows: number, value: number): [string, DenseArray] => [
      'X_pca',
      { kind: 'dense', dtype: 'float32', shape: [rows, 2], values: new Float32Array(2 * rows).fill(value) },
    ];
    const genes = (n: number) =>
      new DataFrame(
        ['A'],
        [
          ['gene_ids', { kind: 'string', values: ['ENSG1'] }],
          ['n_cells', numbers('int32', n)],
        ],
      );
    const parts = (rows: number, value: number): Partial<AnnDataParts> => ({
      var: genes(value),
      layers: [
        ['counts', denseMatrix(new Array(rows).fill([value]))],
        ...(value === 1 ? [['only', denseMatrix([[0], [0]])] as const] : []),
      ],
      obsm: [embedding(rows, value)],
      varm: [['PCs', { kind: 'dense', dtype: 'float32', shape: [1, 1], values: Float32Array.of(3) }]],
      uns: [
        ['same', new Map([['a', 1]])],
        ['other', value],
      ],
      raw: {
        X: denseMatrix(new Array(rows).fill([value, value])),
        var: new DataFrame(['A', value === 1 ? 'B' : 'C']),
        varm: new Map(),
      },
    });
    const joined = concatenate(
      [data(['A'], [[1], [1]], {}, parts(2, 1)), data(['A'], [[2]], {}, parts(1, 2))],
      { logger },
    );
    expect([...joined.var.columns.keys()]).toEqual(['gene_ids']);
    expect([...joined.layers.keys()]).toEqual(['counts']);
    expect(await dense(joined.layers.get('counts')!)).toEqual([[1], [1], [2]]);
    expect([...(joined.obsm.get('X_pca') as DenseArray).values]).toEqual([1, 1, 1, 1, 2, 2]);
    expect([...joined.varm.keys()]).toEqual(['PCs']);
    expect([...joined.uns.keys()]).toEqual(['same']);
    expect(joined.raw!.var.index).toEqual(['A', 'B', 'C']);
    expect(await dense(joined.raw!.X)).toEqual([
      [1, 1, 0],
      [1, 1, 0],
      [2, 0, 2],
    ]);
    expect(logger.warnings).toEqual([
      expect.stringMatching(/dropped what they do not share: var\/n_cells, layers\/only, uns\/other$/),
    ]);
  });

  it('closes the inputs with itself', async () => {
    const closed: string[] = [];
    const closing = (name: string) => data(['A'], [[1]], {}, { onClose: () => void closed.push(name) });
    await concatenate([closing('a'), closing('b')]).close();
    expect(closed).toEqual(['a', 'b']);
  });

  it.each([
    ['no input', [], {}],
    ['too few keys', [a, b], { keys: ['x'] }],
    ['keys that repeat', [a, b], { keys: ['x', 'x'] }],
    [
      'a batch column that is there',
      [data(['A'], [[1]], { batch: numbers('int32', 1) })],
      { batchKey: 'batch' },
    ],
  ])('refuses %s', (_, inputs, options) => {
    expect(() => concatenate(inputs, options)).toThrow(UsageError);
  });
});
