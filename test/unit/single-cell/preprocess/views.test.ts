import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectCells, selectGenes } from '../../../../src/single-cell/preprocess/views.ts';
import { UsageError } from '../../../../src/support/errors.ts';
import { denseMatrix, denseRows } from './in-memory.ts';

const table = fc
  .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 8 }))
  .chain(([rows, columns]) =>
    fc.array(fc.array(fc.nat(3), { minLength: columns, maxLength: columns }), {
      minLength: rows,
      maxLength: rows,
    }),
  );

describe('views', () => {
  it('show the chosen cells and genes, read in any blocks', () => {
    return fc.assert(
      fc.asyncProperty(
        table,
        fc.infiniteStream(fc.nat()),
        fc.integer({ min: 1, max: 5 }),
        async (rows, picks, size) => {
          const genes = [...rows[0].keys()].filter(() => picks.next().value % 2 === 0);
          const cells = Array.from(
            { length: picks.next().value % 20 },
            () => picks.next().value % rows.length,
          );
          const view = selectCells(
            selectGenes(denseMatrix(rows), Int32Array.from(genes)),
            Int32Array.from(cells),
          );
          expect(view.shape).toEqual([cells.length, genes.length]);
          expect(await denseRows(view, size)).toEqual(
            cells.map((cell) => genes.map((gene) => rows[cell][gene])),
          );
          const block = await view.rows(0, cells.length);
          expect(block.indptr[cells.length]).toBe(block.indices.length);
        },
      ),
    );
  });

  it('refuse what is not there', () => {
    const matrix = denseMatrix([[1, 2, 3]]);
    expect(() => selectCells(matrix, Int32Array.of(1))).toThrow(UsageError);
    expect(() => selectCells(matrix, Int32Array.of(-1))).toThrow(UsageError);
    for (const genes of [[0, 3], [1, 0], [1, 1], [-1]]) {
      expect(() => selectGenes(matrix, Int32Array.from(genes))).toThrow(UsageError);
    }
  });
});
