/** @file Conditions are found in obs or var by name, and everything that is not given is told. */

import { describe, expect, it } from 'vitest';
import { AnnData } from '../../../src/single-cell/anndata.ts';
import { type Column, categorical, DataFrame } from '../../../src/single-cell/data-frame.ts';
import { Vocabulary } from '../../../src/single-cell/vocabulary.ts';
import { InputError } from '../../../src/support/errors.ts';
import { RecordingLogger } from '../../../src/support/log.ts';
import {
  type ConditionTables,
  findConditions,
  newConditions,
  tellConditions,
} from '../../../src/tasks/conditions.ts';

const vocabulary = Vocabulary.fromTokens(['<pad>', '<cls>', '<eoc>', 'A', 'B']);

/** Four cells and four genes, of which two are `B` and one is unknown. */
function tables(
  obs: Record<string, (string | null)[]>,
  genes: Record<string, (string | null)[]> = {},
): ConditionTables {
  const columns = (given: typeof obs) =>
    Object.entries(given).map(([name, values]): [string, Column] => [name, categorical(values)]);
  const data = new AnnData({
    obs: new DataFrame(['c0', 'c1', 'c2', 'c3'], columns(obs)),
    var: new DataFrame(['A', 'B', 'X', 'B.1'], columns(genes)),
  });
  return { data, genes: data.var, tokenIds: Int32Array.of(3, 4, -1, 4), vocabulary };
}

describe('newConditions', () => {
  it('takes values from all data sets, sorted by code point, and obs before var', () => {
    const logger = new RecordingLogger();
    const sources = [
      tables(
        { batch: ['b', 'a', 'a', 'b'] },
        { kind: ['r', 'p', 'lost', null], batch: ['q', 'q', 'q', 'q'] },
      ),
      tables({}, { kind: ['r', 'r', 'r', 'r'] }),
      tables({ batch: ['Z', null, 'a', 'a'] }),
    ];
    expect(newConditions(['batch', 'kind'], sources, logger)).toEqual([
      { name: 'batch', of: 'cells', values: ['Z', 'a', 'b'] },
      { name: 'kind', of: 'genes', values: ['p', 'r'] }, // `lost` belongs to no token
    ]);
    expect(logger.warnings).toEqual([]);
  });

  it('refuses a name that is nowhere, naming the columns there are, and a column without values', () => {
    const sources = [tables({ batch: ['a', 'a', 'a', 'a'], none: [null, null, null, null] })];
    const made = (name: string) => () => newConditions([name], sources, new RecordingLogger());
    expect(made('donor')).toThrow(InputError);
    expect(made('donor')).toThrow(/'donor'.*obs \(batch, none\).*var \(no columns\)/);
    expect(made('none')).toThrow(/no value at all/);
  });

  it('asks whether a column in which most cells differ is a category', () => {
    const logger = new RecordingLogger();
    newConditions(['id'], [tables({ id: ['1', '2', '3', '4'] })], logger);
    expect(logger.warnings).toEqual([expect.stringMatching(/'id' has 4 values for 4 cells/)]);
  });
});

describe('findConditions', () => {
  const conditions = [
    { name: 'batch', of: 'cells', values: ['a', 'b'] },
    { name: 'kind', of: 'genes', values: ['p', 'r'] },
  ] as const;

  it('gives each cell and each token its row', () => {
    const found = findConditions(
      conditions,
      tables({ batch: ['b', null, 'new', 'a'] }, { kind: ['r', 'p', 'new', 'p'] }),
    );
    expect(found).toMatchObject([
      { from: 'obs', rows: Int32Array.of(2, 0, 0, 1), given: 2, total: 4, unknownValues: ['new'] },
      { from: 'var', rows: Int32Array.of(0, 0, 0, 2, 1), given: 2, total: 2, unknownValues: [] },
    ]);
  });

  it('takes what is missing, in the wrong table or ambiguous as not given, and tells it', () => {
    const logger = new RecordingLogger();
    const found = findConditions(
      conditions,
      tables({ kind: ['p', 'p', 'p', 'p'] }, { kind: ['r', 'r', 'p', 'p'] }),
    );
    expect(found).toMatchObject([
      { from: null, rows: new Int32Array(4), given: 0 },
      { from: 'var', rows: Int32Array.of(0, 0, 0, 2, 0), ambiguousGenes: ['B'], given: 1 },
    ]);
    tellConditions(found, logger, { missing: 'warning', label: 'one.h5ad: ' });
    expect(logger.warnings).toEqual([
      "one.h5ad: condition 'batch' is not given: obs has no column of that name",
      "one.h5ad: condition 'kind' has several values for one gene, which counts as not given: B",
    ]);
    expect(logger.infos).toEqual(["one.h5ad: condition 'kind': var gives it for 1 of 2 genes"]);
  });

  it('lists values that the model does not know', () => {
    const logger = new RecordingLogger();
    const found = findConditions([conditions[0]], tables({ batch: ['x', 'y', 'a', 'x'] }));
    tellConditions(found, logger, { missing: 'info' });
    expect(logger.warnings).toEqual([
      "condition 'batch' has 2 values that the model does not know and takes as not given: x, y",
    ]);
  });
});
