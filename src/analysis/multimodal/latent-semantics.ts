/**
 * @file Components of accessibility: peaks weighed by how rare they are, then a singular value decomposition (LSI).
 *
 * Cusanovich et al. 2015, Science 348; weights as Signac's default (Stuart et al. 2021, Nature Methods 18).
 */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import type { Matrix } from '../../single-cell/matrix.ts';
import { eachBlock } from '../../single-cell/preprocess/pass.ts';
import { withValues } from '../../single-cell/preprocess/views.ts';
import { InputError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { correlation } from '../correlation.ts';
import { leadingEigen } from '../leading-eigen.ts';
import type { Points } from '../points.ts';

const scale = 1e4;

/**
 * ln(1 + 10,000 tf idf): the peak's share of the cell's counts, over the share of cells that have the peak. Zeros stay
 * zero; a cell without counts stays empty.
 */
export async function tfIdf(matrix: Matrix, control?: RunControl): Promise<CsrMatrix> {
  const [cellCount, peakCount] = matrix.shape;
  const seenIn = new Float64Array(peakCount);
  await eachBlock(
    matrix,
    'counting peaks',
    ({ indices, values }) => {
      for (let i = 0; i < indices.length; i++) if (values[i] > 0) seenIn[indices[i]]++;
    },
    control,
  );
  const weighed = withValues(matrix, 'float64', ({ rowCount, indptr, indices, values }, out) => {
    for (let row = 0; row < rowCount; row++) {
      let total = 0;
      for (let i = indptr[row]; i < indptr[row + 1]; i++) total += values[i];
      for (let i = indptr[row]; i < indptr[row + 1]; i++) {
        const idf = cellCount / Math.max(1, seenIn[indices[i]]);
        out[i] = total > 0 ? Math.log1p((scale * values[i] * idf) / total) : 0;
      }
    }
  });
  return inMemory(weighed, control);
}

/** A truncated singular value decomposition. */
export interface LatentSemantics {
  /** Left singular vectors times singular values. */
  readonly points: Points; // [cells, components]
  readonly singularValues: Float64Array; // [components]
  /** Correlation of each component with the logarithm of the cells' depth: the first ones often are little else. */
  readonly depthCorrelations: Float64Array; // [components]
}

/**
 * Components of TF-IDF values, not centred, without the first, which follows depth (Signac's advice).
 *
 * @param depth total of each cell before TF-IDF
 * @param components as many as these, fewer where the matrix has fewer directions
 * @throws InputError when there are no two directions
 */
export async function latentSemantics(
  weighed: CsrMatrix,
  depth: ArrayLike<number>,
  components = 30,
): Promise<LatentSemantics> {
  const [cellCount, peakCount] = weighed.shape;
  const asked = Math.min(components + 1, cellCount, peakCount);
  const rows = await weighed.rows(0, cellCount);
  const ofPeaks = new Float64Array(peakCount);
  // A A^T, without holding it: cells are fewer than peaks.
  const { values, vectors } = leadingEigen(
    (vector, image) => {
      ofPeaks.fill(0);
      for (let cell = 0; cell < cellCount; cell++) {
        for (let i = rows.indptr[cell]; i < rows.indptr[cell + 1]; i++) {
          ofPeaks[rows.indices[i]] += rows.values[i] * vector[cell];
        }
      }
      for (let cell = 0; cell < cellCount; cell++) {
        let sum = 0;
        for (let i = rows.indptr[cell]; i < rows.indptr[cell + 1]; i++) {
          sum += rows.values[i] * ofPeaks[rows.indices[i]];
        }
        image[cell] = sum;
      }
    },
    cellCount,
    asked,
  );
  const kept = values.filter((value) => value > 1e-12 * values[0]).length - 1;
  if (!(kept >= 1)) {
    throw new InputError({
      what: 'the cells do not differ beyond their depth',
      where: 'components of accessibility',
      expected: 'at least two directions',
      reason: 'no_variance',
    });
  }
  const singularValues = values.slice(1, kept + 1).map(Math.sqrt);
  const points = new Float64Array(cellCount * kept);
  for (let c = 0; c < kept; c++) {
    for (let cell = 0; cell < cellCount; cell++) {
      points[cell * kept + c] = vectors[(c + 1) * cellCount + cell] * singularValues[c];
    }
  }
  const depths = Float64Array.from(depth, Math.log1p);
  return {
    points: { values: points, count: cellCount, dimensions: kept },
    singularValues,
    depthCorrelations: Float64Array.from(
      { length: kept },
      (_, c) =>
        correlation(
          depths,
          Float64Array.from(depths, (_, cell) => points[cell * kept + c]),
        ) || 0, // all of one depth: NaN
    ),
  };
}
