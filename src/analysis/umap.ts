/** @file UMAP: a layout in two dimensions that keeps neighbours together. */

import type { DenseArray } from '../single-cell/anndata.ts';
import { CancelledError } from '../support/errors.ts';
import type { RunControl } from '../support/progress.ts';
import type { Neighbourhood } from './neighbourhood.ts';
import type { Neighbours } from './neighbours.ts';
import { withScran } from './scran.ts';

/** How {@link umap} lays cells out. */
export interface UmapOptions extends RunControl {
  /** How tightly cells may be packed: default 0.5, scanpy's. */
  readonly minDist?: number | undefined;
  /** Rounds of optimisation: default 500 up to 10,000 cells and 200 beyond, as in umap-learn. */
  readonly epochs?: number | undefined;
}

/** Fewer cells have no shape that a layout could show. */
const fewestCells = 4;
/** Milliseconds between two reports of progress. */
const slice = 200;

/**
 * Lays cells out by their neighbours (McInnes, Healy & Melville 2018), by the umappp library. It starts from the
 * graph's eigenvectors or from fixed numbers, so that there is no seed: the layout is a function of the
 * neighbours and the options.
 *
 * @param cellCount rows of the layout; cells without a place have NaN
 * @returns `[cells, 2]` float32. Fewer than four cells are put on a line
 * @throws CancelledError when the signal is aborted
 */
export async function umap(
  { cells, neighbours }: Neighbourhood,
  cellCount: number,
  options: UmapOptions = {},
): Promise<DenseArray> {
  const values = new Float32Array(2 * cellCount).fill(Number.NaN);
  const few = cells.length < fewestCells || neighbours === null;
  const { x, y } = few ? onLine(cells.length) : await optimise(neighbours, options);
  cells.forEach((cell, i) => {
    values[2 * cell] = x[i];
    values[2 * cell + 1] = y[i];
  });
  return { kind: 'dense', dtype: 'float32', shape: [cellCount, 2], values };
}

function onLine(count: number): { x: Float64Array; y: Float64Array } {
  return { x: Float64Array.from({ length: count }, (_, i) => i), y: new Float64Array(count) };
}

function optimise(
  { count, k, indices, distances }: Neighbours,
  { minDist = 0.5, epochs = count > 10_000 ? 200 : 500, onProgress, signal }: UmapOptions,
): Promise<{ x: Float64Array; y: Float64Array }> {
  return withScran(async (scran) => {
    const runs = new Int32Array(count).fill(k);
    const found = scran.FindNearestNeighborsResults.unserialize(runs, indices, distances);
    const status = scran.initializeUmap(found, { neighbors: k, epochs, minDist, numberOfThreads: 1 });
    try {
      while (status.currentEpoch() < epochs) {
        if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while laying cells out' });
        status.run({ runTime: slice });
        onProgress?.({
          stage: 'laying cells out',
          done: status.currentEpoch(),
          total: epochs,
          unit: 'rounds',
        });
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      return status.extractCoordinates();
    } finally {
      status.free();
      found.free();
    }
  });
}
