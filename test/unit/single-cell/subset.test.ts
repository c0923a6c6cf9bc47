/** @file Some cells of an AnnData hold what the whole holds of them. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnnData, DenseArray } from '../../../src/single-cell/anndata.ts';
import { columnStrings } from '../../../src/single-cell/data-frame.ts';
import type { Matrix } from '../../../src/single-cell/matrix.ts';
import { subsetObs } from '../../../src/single-cell/subset.ts';
import { UsageError } from '../../../src/support/errors.ts';
import { dense } from './dense-rows.ts';
import { anyAnnData } from './h5ad/made-up.ts';

const withRows = anyAnnData.chain((data) =>
  fc
    .shuffledSubarray(Array.from({ length: data.nObs }, (_, i) => i))
    .map((rows): [AnnData, number[]] => [data, rows]),
);

describe('subsetObs', () => {
  it('takes rows, in any order, of everything that has cells', async () => {
    const property = fc.asyncProperty(withRows, async ([data, rows]) => {
      const some = subsetObs(data, rows);
      expect(some.obs.index).toEqual(rows.map((row) => data.obs.index[row]));
      expect(some.var).toBe(data.var);
      for (const [name, column] of data.obs.columns) {
        const strings = columnStrings(column);
        expect(columnStrings(some.obs.column(name))).toEqual(rows.map((row) => strings[row]));
      }
      const whole = await dense(data.X!);
      expect(await dense(some.X!)).toEqual(rows.map((row) => whole[row]));
      for (const [name, element] of data.obsm) {
        if (!('kind' in element)) continue;
        const taken = some.obsm.get(name) as DenseArray;
        const width = element.values.length / data.nObs;
        expect(taken.shape).toEqual([rows.length, ...element.shape.slice(1)]);
        expect([...taken.values]).toEqual(
          rows.flatMap((row) => [...element.values.slice(row * width, (row + 1) * width)]),
        );
      }
      for (const [name, element] of data.obsp) {
        const pairs = await dense(element as Matrix);
        expect(await dense(some.obsp.get(name) as Matrix)).toEqual(
          rows.map((a) => rows.map((b) => pairs[a][b])),
        );
      }
      if (data.raw !== null) {
        const raw = await dense(data.raw.X);
        expect(await dense(some.raw!.X)).toEqual(rows.map((row) => raw[row]));
      }
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('refuses rows that there are not, or twice', () => {
    const [data] = fc.sample(
      anyAnnData.filter(({ nObs }) => nObs > 2),
      1,
    );
    for (const rows of [[0, data.nObs], [-1], [1, 1], [0.5]]) {
      expect(() => subsetObs(data, rows)).toThrow(UsageError);
    }
  });
});
