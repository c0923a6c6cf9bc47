/** @file The exact index: every query cell is compared with every reference cell, by matrix products on the engine. */

import { Graph } from '../../graph/graph.ts';
import { matmul } from '../../graph/ops/matmul.ts';
import { openDevice } from '../../runtime/device.ts';
import type { Executable } from '../../runtime/executable.ts';
import { NearestSoFar } from '../nearest-so-far.ts';
import type { Points } from '../points.ts';
import { searchInBlocks } from './candidates.ts';
import type { ReferenceIndex, ReferenceIndexOptions } from './reference-index.ts';

/** Query and reference cells of one product: its result, 8 MB, stays near the processor. */
const queryBlock = 512;
const referenceBlock = 4096;

/** Points in float32 around a common centre, so that products lose few digits, and their squared lengths. */
interface Centred {
  readonly values: Float32Array; // [count, dimensions]
  readonly squares: Float64Array; // [count]
}

/** See `buildReferenceIndex`. */
export async function exactIndex(points: Points, options: ReferenceIndexOptions): Promise<ReferenceIndex> {
  const centre = meanOf(points);
  const reference = centred(points, centre);
  const products = await (await openDevice(options)).load(productGraph(points.dimensions), new Map());
  return {
    method: 'exact',
    points,
    search: (query, k, control) =>
      searchInBlocks(
        points,
        query,
        k,
        {
          block: queryBlock,
          candidates: (cells, width) => nearestTo(products, reference, centred(cells, centre), width),
        },
        control,
      ),
    dispose: () => products.dispose(),
  };
}

function productGraph(dimensions: number): Graph {
  const graph = new Graph();
  const query = graph.input('query', 'float32', ['queries', dimensions]);
  const reference = graph.input('reference', 'float32', ['references', dimensions]);
  graph.output('products', matmul(query, reference, { transposeRight: true }));
  return graph;
}

/** The `width` nearest reference cells of each query cell, to rounding. */
async function nearestTo(
  products: Executable,
  reference: Centred,
  query: Centred,
  width: number,
): Promise<Int32Array> {
  const queries = query.squares.length;
  const references = reference.squares.length;
  const dimensions = query.values.length / queries;
  const nearest = new NearestSoFar(queries, width, references);
  const space = new Float32Array(queries * Math.min(referenceBlock, references));
  for (let start = 0; start < references; start += referenceBlock) {
    const rows = Math.min(referenceBlock, references - start);
    const part = reference.values.subarray(start * dimensions, (start + rows) * dimensions);
    const data = space.subarray(0, queries * rows);
    await products.run(
      {
        query: { dtype: 'float32', shape: [queries, dimensions], data: query.values },
        reference: { dtype: 'float32', shape: [rows, dimensions], data: part },
      },
      { products: { dtype: 'float32', shape: [queries, rows], data } },
    );
    for (let cell = 0; cell < queries; cell++) {
      for (let row = 0; row < rows; row++) {
        // without the query's own length, which puts nothing in order
        nearest.offer(cell, start + row, reference.squares[start + row] - 2 * data[cell * rows + row]);
      }
    }
  }
  return nearest.indices;
}

function meanOf({ values, count, dimensions }: Points): Float64Array {
  const mean = new Float64Array(dimensions);
  for (let i = 0; i < values.length; i++) mean[i % dimensions] += values[i] / count;
  return mean;
}

function centred({ values, count, dimensions }: Points, centre: Float64Array): Centred {
  const moved = new Float32Array(values.length);
  const squares = new Float64Array(count);
  for (let row = 0, i = 0; row < count; row++) {
    for (let axis = 0; axis < dimensions; axis++, i++) {
      moved[i] = values[i] - centre[axis];
      squares[row] += moved[i] * moved[i];
    }
  }
  return { values: moved, squares };
}
