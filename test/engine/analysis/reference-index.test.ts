/** @file Reference indices: the exact one equals comparing all pairs, the approximate one nearly, and always alike. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nearestReferences } from '../../../src/analysis/label-transfer.ts';
import type { Neighbours } from '../../../src/analysis/neighbours.ts';
import { type Points, takeRows } from '../../../src/analysis/points.ts';
import {
  buildReferenceIndex,
  type ReferenceIndexOptions,
  withoutSelf,
} from '../../../src/analysis/reference-index/reference-index.ts';
import { CancelledError, InputError, UsageError } from '../../../src/support/errors.ts';
import type { Progress } from '../../../src/support/progress.ts';
import { randomStream } from '../../../src/support/random.ts';
import { needsNativeRuntime } from '../need.ts';

needsNativeRuntime();
const folder = mkdtempSync(join(tmpdir(), 'scgpt-index-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  vi.doUnmock('usearch');
});

const usearch = await import('usearch').catch(() => undefined);

/** Cells of eight types in 16 dimensions. */
function clustered(name: string, count: number): Points {
  const dimensions = 16;
  const types = randomStream(3, 'types');
  const centres = Float64Array.from({ length: 8 * dimensions }, () => 2 * types.normal());
  const random = randomStream(3, name);
  const values = Float32Array.from(
    { length: count * dimensions },
    (_, i) => centres[(Math.floor(i / dimensions) % 8) * dimensions + (i % dimensions)] + random.normal(),
  );
  return { values, count, dimensions };
}

const reference = clustered('reference', 3000);
const query = clustered('query', 1500);
const exact = await nearestReferences(reference, query, 15);

const search = async (options: ReferenceIndexOptions): Promise<Neighbours> =>
  (await buildReferenceIndex(reference, { threads: 1, ...options })).search(query, 15);

function recall(found: Neighbours): number {
  let shared = 0;
  for (let cell = 0; cell < found.count; cell++) {
    const truth = new Set(exact.indices.subarray(cell * found.k, (cell + 1) * found.k));
    for (const index of found.indices.subarray(cell * found.k, (cell + 1) * found.k))
      if (truth.has(index)) shared++;
  }
  return shared / found.indices.length;
}

describe('the exact index', () => {
  it('equals comparing all pairs, and is what small references get', async () => {
    expect(await search({ method: 'exact' })).toEqual(exact);
    expect((await buildReferenceIndex(reference)).method).toBe('exact');
  });

  it('refuses references without cells or with NaN, and more neighbours than there are', async () => {
    const none = { values: new Float32Array(0), count: 0, dimensions: 16 };
    await expect(buildReferenceIndex(none)).rejects.toThrow(InputError);
    const broken = {
      ...reference,
      values: reference.values.map((value, i) => (i === 20 ? Number.NaN : value)),
    };
    await expect(buildReferenceIndex(broken)).rejects.toThrow(/row 1, dimension 4/);
    const index = await buildReferenceIndex(reference);
    await expect(index.search(query, 3001)).rejects.toThrow(UsageError);
    await expect(index.search({ ...query, dimensions: 8, count: 3000 }, 3)).rejects.toThrow(/dimensions/);
  });
});

describe('the approximate index', () => {
  beforeEach((context) => {
    if (usearch === undefined) context.skip('needs the optional package usearch');
  });

  it('finds nearly all neighbours at their true distances', async () => {
    const found = await search({ method: 'approximate' });
    expect(recall(found)).toBeGreaterThan(0.99);
    for (let i = 0; i < found.indices.length; i++) {
      if (found.indices[i] === exact.indices[i]) expect(found.distances[i]).toBe(exact.distances[i]);
      else expect(found.distances[i]).toBeGreaterThanOrEqual(exact.distances[i]);
    }
  });

  it('is the same every time and with any number of threads', async () => {
    const first = await search({ method: 'approximate' });
    expect(await search({ method: 'approximate', threads: 2 })).toEqual(first);
  });

  it('searches for a single cell, for all cells, and from beyond the limit on', async () => {
    const index = await buildReferenceIndex(reference, { exactUpTo: 2999, threads: 1 });
    expect(index.method).toBe('approximate');
    const one = await index.search(takeRows(query, [7]), 1);
    expect([...one.indices]).toEqual([exact.indices[7 * 15]]);
    const few = await buildReferenceIndex(takeRows(reference, [0, 1, 2]), { method: 'approximate' });
    expect([...(await few.search(takeRows(reference, [1]), 3)).indices].sort()).toEqual([0, 1, 2]);
  });

  it('is read from beside a saved reference in the place of being built, if it is of the same points', async () => {
    const saved = join(folder, 'atlas.h5ad');
    const built = await buildReferenceIndex(reference, { method: 'approximate' });
    const path = await built.save(saved);
    expect(readdirSync(folder)).toEqual([basename(path ?? '')]);
    const stages = new Set<string>();
    const options = {
      method: 'approximate',
      saved,
      onProgress: ({ stage }: Progress) => stages.add(stage),
    } as const;
    const read = await buildReferenceIndex(reference, options);
    expect([...stages]).toEqual([]);
    expect(await read.search(query, 15)).toEqual(await built.search(query, 15));
    await buildReferenceIndex(query, options);
    expect([...stages]).toEqual(['building the reference index']);
    const bytes = readFileSync(path ?? '');
    bytes[bytes.length >> 1] ^= 1;
    for (const broken of [bytes, bytes.subarray(0, 1000), new Uint8Array(0)]) {
      writeFileSync(path ?? '', broken);
      await expect(buildReferenceIndex(reference, options)).rejects.toThrow(/atlas.*usearch.*Delete it/);
    }
    expect(await (await buildReferenceIndex(reference)).save(saved)).toBeNull();
  });

  it('stops when asked to', async () => {
    const signal = AbortSignal.abort();
    await expect(buildReferenceIndex(reference, { method: 'approximate', signal })).rejects.toThrow(
      CancelledError,
    );
  });
});

it('says what to install where the package of the approximate index is missing', async () => {
  vi.doMock('usearch', () => {
    throw new Error('Cannot find package');
  });
  const asked = buildReferenceIndex(reference, { method: 'approximate' });
  await expect(asked).rejects.toThrow(/3,000 cells.*usearch.*npm install usearch@.*--search exact/);
  await expect(asked).rejects.toThrow(UsageError);
});

describe('withoutSelf', () => {
  it('leaves each cell out of its own neighbours', async () => {
    const rows = Int32Array.of(5, 100, 2999);
    const index = await buildReferenceIndex(reference);
    const found = withoutSelf(await index.search(takeRows(reference, rows), 4), rows);
    const others = Int32Array.from({ length: reference.count }, (_, row) => row).filter(
      (row) => !rows.includes(row),
    );
    expect(found.k).toBe(3);
    rows.forEach((row, i) => {
      const list = [...found.indices.subarray(3 * i, 3 * i + 3)];
      expect(list).not.toContain(row);
      expect(found.distances[3 * i]).toBeGreaterThan(0);
    });
    const apart = await nearestReferences(takeRows(reference, others), takeRows(reference, rows), 3);
    expect([...found.indices]).toEqual(Array.from(apart.indices, (place) => others[place]));
  });

  it('drops the last where equal cells crowd a cell out of its own list', () => {
    const list = { count: 1, k: 3, indices: Int32Array.of(0, 1, 2), distances: new Float64Array(3) };
    expect([...withoutSelf(list, Int32Array.of(9)).indices]).toEqual([0, 1]);
  });
});
