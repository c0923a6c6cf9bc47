/** @file The approximate index: a graph of near cells, by the optional native package usearch. Node only. */

import { breathe } from '../../support/breathe.ts';
import { CancelledError, UsageError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { count } from '../../support/words.ts';
import { checkReferences } from '../label-transfer.ts';
import { NearestSoFar } from '../nearest-so-far.ts';
import { checkFinite } from '../neighbours.ts';
import type { Points } from '../points.ts';
import { graphPath, hasGraph, writeGraph } from './graph-file.ts';
import type { ReferenceIndex, ReferenceIndexOptions } from './reference-index.ts';

type UsearchIndex = InstanceType<typeof import('usearch')['default']['Index']>;

/** Cells that are added or searched at once, between two looks at the signal. */
const block = 1000;

/** Several would build another graph every time; and what was built by one, several cannot search. */
const threads = 1;

/** Edges of a cell, and how many candidates are looked at while building and while searching. */
const breadth = { connectivity: 16, expansion_add: 128, expansion_search: 128 } as const;

/** See `buildReferenceIndex`. */
export async function approximateIndex(
  points: Points,
  options: ReferenceIndexOptions,
): Promise<ReferenceIndex> {
  const index = await graphOf(points, options);
  return {
    method: 'approximate',
    points,
    async search(query, k, during) {
      checkReferences(points, query, k);
      checkFinite(query);
      const nearest = new NearestSoFar(query.count, k, points.count);
      await inBlocks(query.count, 'finding reference cells', during, (start, end) => {
        const { keys } = index.search(float32Rows(query, start, end), k, threads);
        for (let row = start; row < end; row++) {
          const found = rowsOf(keys.subarray((row - start) * k, (row - start + 1) * k), points.count);
          // a graph that is torn may offer too few: then all are compared
          const offered = found.size < k ? new Int32Array(points.count).keys() : found;
          for (const reference of offered) {
            nearest.offer(row, reference, squaredDistance(points, reference, query, row));
          }
        }
      });
      return { count: query.count, k, indices: nearest.indices, distances: nearest.squared.map(Math.sqrt) };
    },
    async save(reference) {
      const path = graphPath(reference, points);
      await writeGraph(path, (unfinished) => index.save(unfinished));
      return path;
    },
  };
}

/** The graph that lies beside a saved reference, else a new one. */
async function graphOf(points: Points, { saved, ...control }: ReferenceIndexOptions): Promise<UsearchIndex> {
  const { Index, MetricKind, ScalarKind } = await loadUsearch(points.count);
  const { dimensions } = points;
  const { L2sq: metric } = MetricKind;
  const index = new Index({ dimensions, metric, quantization: ScalarKind.F32, multi: false, ...breadth });
  const path = saved === undefined ? undefined : graphPath(saved, points);
  if (path !== undefined && (await hasGraph(path))) {
    index.load(path);
    return index;
  }
  await inBlocks(points.count, 'building the reference index', control, (start, end) => {
    const keys = BigUint64Array.from({ length: end - start }, (_, i) => BigInt(start + i));
    index.add(keys, float32Rows(points, start, end), threads);
  });
  return index;
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

/** Distinct rows among the keys found; the package fills what it did not find with zeros. */
function rowsOf(keys: BigUint64Array, references: number): Set<number> {
  return new Set(Array.from(keys, Number).filter((key) => key < references));
}

function float32Rows({ values, dimensions }: Points, start: number, end: number): Float32Array {
  return Float32Array.from(values.subarray(start * dimensions, end * dimensions));
}

function squaredDistance(reference: Points, row: number, query: Points, cell: number): number {
  const { dimensions } = reference;
  let sum = 0;
  for (let i = 0; i < dimensions; i++) {
    const delta = reference.values[row * dimensions + i] - query.values[cell * dimensions + i];
    sum += delta * delta;
  }
  return sum;
}

async function inBlocks(
  total: number,
  stage: string,
  { onProgress, signal }: RunControl = {},
  visit: (start: number, end: number) => void,
): Promise<void> {
  for (let start = 0; start < total; start += block) {
    await breathe();
    if (signal?.aborted === true) throw new CancelledError({ what: `stopped while ${stage}` });
    const end = Math.min(start + block, total);
    visit(start, end);
    onProgress?.({ stage, done: end, total, unit: 'cells' });
  }
}
