/** @file Components of each kind of modality, by the usual steps of its field. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import type { RunControl } from '../../support/progress.ts';
import { mostDeviations, scaledGenes } from '../integration/principal-components.ts';
import { pca } from '../pca.ts';
import { type Points, pointsOf } from '../points.ts';
import { matrixOf } from './dense-matrix.ts';
import { latentSemantics } from './latent-semantics.ts';

/** What the features of a modality are. */
export type ModalityKind = 'genes' | 'proteins' | 'peaks';

/** Components of log-normalised RNA, of proteins' log-ratios and of peaks' TF-IDF. */
export const componentCounts = { genes: 30, proteins: 20, peaks: 30 } as const;

/**
 * Components of values that are ready for it: genes (log-normalised) and proteins (centred log-ratios) scaled to unit
 * variance and clipped at 10 deviations, peaks (TF-IDF) as they are, without the first, which follows depth.
 *
 * @throws InputError when there are fewer than two cells that differ
 */
export async function modalityComponents(
  kind: ModalityKind,
  values: CsrMatrix,
  control?: RunControl,
): Promise<Points> {
  const wanted = componentCounts[kind];
  switch (kind) {
    case 'genes':
      return pointsOf((await pca(await scaledGenes(values, control), wanted, control)).scores);
    case 'proteins':
      return pointsOf((await pca(await scaledFeatures(values), wanted, control)).scores);
    case 'peaks':
      return (await latentSemantics(values, await totalsOf(values), wanted)).points;
  }
}

/** Every value scaled by its feature: of what has values below zero no zero can be left out. */
async function scaledFeatures(values: CsrMatrix): Promise<CsrMatrix> {
  const [count, dimensions] = values.shape;
  const block = await values.rows(0, count);
  const dense = new Float64Array(count * dimensions);
  for (let row = 0; row < count; row++) {
    for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) {
      dense[row * dimensions + block.indices[i]] = block.values[i];
    }
  }
  for (let j = 0; j < dimensions; j++) {
    let [mean, square] = [0, 0];
    for (let row = 0; row < count; row++) mean += dense[row * dimensions + j] / count;
    for (let row = 0; row < count; row++) square += (dense[row * dimensions + j] - mean) ** 2;
    const deviation = Math.sqrt(square / Math.max(1, count - 1)) || 1;
    for (let row = 0; row < count; row++) {
      const scaled = (dense[row * dimensions + j] - mean) / deviation;
      dense[row * dimensions + j] = Math.max(-mostDeviations, Math.min(scaled, mostDeviations));
    }
  }
  return matrixOf({ values: dense, count, dimensions });
}

async function totalsOf(values: CsrMatrix): Promise<Float64Array> {
  const [count] = values.shape;
  const { indptr, values: entries } = await values.rows(0, count);
  return Float64Array.from({ length: count }, (_, row) => {
    let sum = 0;
    for (let i = indptr[row]; i < indptr[row + 1]; i++) sum += entries[i];
    return sum;
  });
}
