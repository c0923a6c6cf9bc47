/** @file Neighbours of the joint embedding as matrices of all cells that are written. */

import type { WeightedGraph } from '../../analysis/neighbour-graph.ts';
import type { Neighbours } from '../../analysis/neighbours.ts';
import { CsrMatrix } from '../../single-cell/csr-matrix.ts';

/** As scanpy keeps them in obsp. */
export interface NeighbourMatrices {
  readonly connectivities: CsrMatrix; // [cells, cells]
  /** From each cell to its neighbours, nothing else stored. */
  readonly distances: CsrMatrix; // [cells, cells]
}

/**
 * @param rows what the graph and the neighbours number, among the paired cells
 * @param cells the paired cell of each cell that is written, -1 for one that was not paired
 */
export function neighbourMatrices(
  { graph, neighbours, rows }: { graph: WeightedGraph; neighbours: Neighbours; rows: Int32Array },
  cells: Int32Array,
): NeighbourMatrices {
  const written = new Map(Array.from(cells, (cell, i) => [cell, i]));
  const places = rows.map((cell) => written.get(cell) ?? -1);
  const { indptr, indices, weights } = graph;
  const { k } = neighbours;
  const edges = (
    links: ArrayLike<number>,
    values: ArrayLike<number>,
    range: (place: number) => [number, number],
  ) =>
    matrixOf(
      cells.length,
      Array.from(places, (row, place) => {
        const [start, end] = range(place);
        const columns = Array.from({ length: end - start }, (_, i) => start + i);
        return { row, entries: columns.map((i) => [places[links[i]], values[i]] as const) };
      }),
    );
  return {
    connectivities: edges(indices, weights, (place) => [indptr[place], indptr[place + 1]]),
    distances: edges(neighbours.indices, neighbours.distances, (place) => [place * k, (place + 1) * k]),
  };
}

interface MatrixRow {
  readonly row: number;
  readonly entries: readonly (readonly [column: number, value: number])[];
}

function matrixOf(count: number, rows: readonly MatrixRow[]): CsrMatrix {
  const own: (readonly (readonly [number, number])[])[] = Array.from({ length: count }, () => []);
  for (const { row, entries } of rows) {
    if (row >= 0) own[row] = entries.filter(([column]) => column >= 0).sort(([a], [b]) => a - b);
  }
  const indptr = new Float64Array(count + 1);
  own.forEach((entries, row) => {
    indptr[row + 1] = indptr[row] + entries.length;
  });
  return new CsrMatrix([count, count], {
    indptr,
    indices: Int32Array.from(own.flatMap((entries) => entries.map(([column]) => column))),
    values: Float32Array.from(own.flatMap((entries) => entries.map(([, value]) => value))),
  });
}
