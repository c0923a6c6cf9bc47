/** @file The approximate index: a graph of near cells, by the optional native package usearch. Node only. */

import { breathe } from '../../support/breathe.ts';
import { CancelledError, UsageError } from '../../support/errors.ts';
import { count } from '../../support/words.ts';
import type { Points } from '../points.ts';
import { searchInBlocks } from './candidates.ts';
import type { ReferenceIndex, ReferenceIndexOptions } from './reference-index.ts';

/** Cells that are added or searched at once, between two looks at the signal. */
const block = 1000;

/** Edges of a cell, and how many candidates are looked at while building and while searching. */
const breadth = { connectivity: 16, expansion_add: 128, expansion_search: 128 } as const;

/** See `buildReferenceIndex`. */
export async function approximateIndex(
  points: Points,
  { onProgress, signal, threads = 0 }: ReferenceIndexOptions,
): Promise<ReferenceIndex> {
  const { dimensions } = points;
  const { Index, MetricKind, ScalarKind } = await loadUsearch(points.count);
  const { L2sq: metric } = MetricKind;
  const index = new Index({ dimensions, metric, quantization: ScalarKind.F32, multi: false, ...breadth });
  for (let start = 0; start < points.count; start += block) {
    await breathe();
    if (signal?.aborted === true) {
      throw new CancelledError({ what: 'stopped while building the reference index' });
    }
    const end = Math.min(start + block, points.count);
    const keys = BigUint64Array.from({ length: end - start }, (_, i) => BigInt(start + i));
    const rows = points.values.subarray(start * dimensions, end * dimensions);
    index.add(keys, Float32Array.from(rows), 1); // several threads would build another graph every time
    onProgress?.({ stage: 'building the reference index', done: end, total: points.count, unit: 'cells' });
  }
  return {
    method: 'approximate',
    points,
    search: (query, k, control) =>
      searchInBlocks(
        points,
        query,
        k,
        {
          block,
          candidates: async (cells, width) => {
            const { keys } = index.search(Float32Array.from(cells.values), width, threads);
            // Where the graph has fewer to offer the rest is zero or -1: a key that repeats is no candidate.
            return distinctRows(keys, width, points.count);
          },
        },
        control,
      ),
    dispose: async () => undefined,
  };
}

/** Keys as rows; -1 for keys that are no row or were met before. */
function distinctRows(keys: BigUint64Array, width: number, references: number): Int32Array {
  const rows = Int32Array.from(keys, (key) => (key < BigInt(references) ? Number(key) : -1));
  for (let start = 0; start < rows.length; start += width) {
    const seen = new Set<number>();
    for (let i = start; i < start + width; i++) {
      if (seen.has(rows[i])) rows[i] = -1;
      seen.add(rows[i]);
    }
  }
  return rows;
}

async function loadUsearch(cells: number): Promise<typeof import('usearch').default> {
  try {
    return (await import('usearch')).default;
  } catch (cause) {
    throw new UsageError({
      what: `searching a reference of ${count(cells)} cells approximately needs the optional package usearch, which is not installed here`,
      expected: 'npm install usearch@2.25.3',
      advice: 'Exact search (--search exact) works without it, and takes time in proportion to the reference',
      reason: 'usearch_missing',
      cause,
    });
  }
}
