/** @file Novelty shared with neighbours: noise is averaged away, types are not, and what has no neighbours stays. */

import { describe, expect, it } from 'vitest';
import { rejectionScores } from '../../../../src/analysis/metrics/rejection.ts';
import { sharedNovelty } from '../../../../src/analysis/stacking/shared-novelty.ts';
import { openDevice } from '../../../../src/runtime/device.ts';
import { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import { randomStream } from '../../../../src/support/random.ts';
import { cells } from '../../../unit/analysis/stacking/made-cells.ts';
import { needsNativeRuntime } from '../../need.ts';

needsNativeRuntime();
const device = await openDevice({ device: 'cpu', threads: 1 });

function made(count: number, seed: number) {
  const { entries, labels } = cells(count, seed);
  const { indptr, indices, values } = entries;
  const expression = new CsrMatrix([count, entries.columnCount], {
    indptr: Float64Array.from(indptr),
    indices,
    values,
  });
  const random = randomStream(seed, 'novelty');
  const noise = () => random.uniform() + random.uniform() + random.uniform() - 1.5; // deviation 0.5
  const novelty = Float32Array.from(labels, (label) => (label === 2 ? 0.5 : 0) + noise());
  return { expression, labels, novelty };
}

const auroc = (novelty: Float32Array, labels: Int32Array): number =>
  rejectionScores(
    novelty.map((value) => -value),
    new Uint8Array(labels.length),
    Uint8Array.from(labels, (label) => (label === 2 ? 1 : 0)),
  ).unseenAuroc;

describe('shared novelty', () => {
  it('tells a new type far better than the noisy novelty of single cells', async () => {
    const { expression, labels, novelty } = made(400, 1);
    const shared = await sharedNovelty(device, expression, novelty);
    expect(auroc(novelty, labels)).toBeLessThan(0.85);
    expect(auroc(shared, labels)).toBeGreaterThan(0.97);
  });

  it('keeps NaN where a cell has none, and lets it take no part', async () => {
    const { expression, novelty } = made(100, 2);
    const some = novelty.map((value, cell) => (cell % 10 === 0 ? Number.NaN : value));
    const shared = await sharedNovelty(device, expression, some);
    shared.forEach((value, cell) => {
      expect(Number.isNaN(value)).toBe(cell % 10 === 0);
    });
  });

  it.each([0, 1, 2, 3, 5])('takes %i cells', async (count) => {
    const { expression, novelty } = made(count, 3);
    const shared = await sharedNovelty(device, expression, novelty);
    expect(shared).toHaveLength(count);
    expect(shared.every(Number.isFinite)).toBe(true);
  });

  it('leaves cells that are all the same as they are', async () => {
    const expression = new CsrMatrix([4, 2], {
      indptr: Float64Array.of(0, 1, 2, 3, 4),
      indices: new Int32Array(4),
      values: new Float32Array(4).fill(1),
    });
    const same = new Float32Array(4).fill(0.25);
    expect(await sharedNovelty(device, expression, same)).toEqual(same);
  });
});
