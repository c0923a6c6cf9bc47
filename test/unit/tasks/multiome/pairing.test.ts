/** @file Pairing cells of two modalities by their names. */

import { describe, expect, it } from 'vitest';
import { AnnData } from '../../../../src/single-cell/anndata.ts';
import { DataFrame } from '../../../../src/single-cell/data-frame.ts';
import { RecordingLogger, silent } from '../../../../src/support/log.ts';
import { pairCells } from '../../../../src/tasks/multiome/pairing.ts';

const named = (names: readonly string[]) =>
  new AnnData({ obs: new DataFrame(names), var: new DataFrame([]) });
const cells = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `cell${from + i}`);

describe('pairCells', () => {
  it('finds the same cells in another order', () => {
    const paired = pairCells(named(cells(0, 30)), named(cells(0, 30).reverse()), silent);
    expect(paired.both).toBe(30);
    expect([...paired.rows[1]]).toEqual([...Array(30).keys()].reverse());
  });

  it('keeps cells of one modality and tells of them', () => {
    const logger = new RecordingLogger(silent);
    const paired = pairCells(named(cells(0, 40)), named(cells(10, 50)), logger);
    expect(paired.names).toHaveLength(50);
    expect(paired.both).toBe(30);
    expect(paired.rows[0][49]).toBe(-1);
    expect(paired.rows[1][0]).toBe(-1);
    expect(logger.warnings[0]).toMatch(/30 cells have both modalities, 10 RNA alone, 10 the other alone/);
  });

  it('refuses modalities without shared cells, with names of both', () => {
    expect(() => pairCells(named(['AAAC-1', 'AAAG-1']), named(['AAAC', 'AAAG']), silent)).toThrow(
      /no cell is in both modalities.*AAAC-1.*AAAC/s,
    );
  });

  it('refuses names that come twice', () => {
    expect(() => pairCells(named(['a', 'a']), named(['a', 'b']), silent)).toThrow(/a comes more than once/);
  });
});
