/** @file Corrected expression of an integration: by neighbours in the integrated embedding, or decoded by the model. */

import { correctedExpression } from '../../analysis/integration/corrected-expression.ts';
import type { Points } from '../../analysis/points.ts';
import type { Device } from '../../runtime/device.ts';
import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import type { RunControl } from '../../support/progress.ts';
import type { IntegrationCells } from './cells.ts';

/**
 * `neighbours`: observed values less the difference between a cell's batch and all batches nearby. `decoded`: what the
 * fine-tuned model's cell-prompted head (GEPC) says of the cell embedding, brought to the scale of the observed.
 */
export const corrections = ['neighbours', 'decoded'] as const;

/** A name of {@link corrections}. */
export type Correction = (typeof corrections)[number];

/** Expression on the scale of ln(1 + 10,000 value / cell total), without what sets batches apart. */
export interface CorrectedCells {
  /** NaN in genes that have none: those without a token where they are decoded. */
  readonly values: Float32Array; // [rows, genes]
  /** Genes that have corrected values, as columns of `values`. */
  readonly genes: Int32Array;
  /** Rows that are as they were, because no other cell is of their batch. */
  readonly unchanged: Int32Array;
  readonly by: Correction;
  /** What was done, in words. */
  readonly method: string;
}

/** Corrects by the cells near each cell in every batch. */
export async function correctedByNeighbours(
  device: Device,
  integrated: Points, // [rows, dimensions]
  { expression, batch }: IntegrationCells,
  control: RunControl,
): Promise<CorrectedCells> {
  const { values, unchanged } = await correctedExpression(
    device,
    integrated,
    expression.logged,
    batch,
    control,
  );
  return {
    values,
    genes: Int32Array.from(expression.genes.keys()),
    unchanged,
    by: 'neighbours',
    method:
      'log-normalised values less the difference between the 10 nearest cells of the same batch and those of all batches',
  };
}

/** Brings what the model decoded to the scale of the observed values, each gene by a line of least squares. */
export async function correctedByModel(
  decoded: Float32Array, // [rows, genes], in bins
  { expression, tokenIds }: IntegrationCells,
): Promise<CorrectedCells> {
  const observed = await denseOf(expression.logged);
  const width = tokenIds.length;
  const cells = decoded.length / width;
  const values = new Float32Array(decoded.length).fill(Number.NaN);
  const genes = Int32Array.from(tokenIds.keys()).filter((gene) => tokenIds[gene] >= 0);
  for (const gene of genes) {
    const { slope, intercept } = lineOf(decoded, observed, gene, width);
    for (let cell = 0; cell < cells; cell++) {
      values[cell * width + gene] = intercept + slope * decoded[cell * width + gene];
    }
  }
  return {
    values,
    genes,
    unchanged: new Int32Array(0),
    by: 'decoded',
    method:
      'predicted from the cell embedding by the fine-tuned model without batch labels (GEPC), each gene brought to the log-normalised scale by a line of least squares over all cells',
  };
}

/** The line that gives observed values from decoded ones; flat where they fall as the observed rise. */
function lineOf(
  decoded: Float32Array,
  observed: Float32Array,
  gene: number,
  width: number,
): { readonly slope: number; readonly intercept: number } {
  const cells = decoded.length / width;
  let [x, y, xx, xy] = [0, 0, 0, 0];
  for (let i = gene; i < decoded.length; i += width) {
    x += decoded[i] / cells;
    y += observed[i] / cells;
  }
  for (let i = gene; i < decoded.length; i += width) {
    xx += (decoded[i] - x) ** 2;
    xy += (decoded[i] - x) * (observed[i] - y);
  }
  const slope = xx > 0 ? Math.max(0, xy / xx) : 0;
  return { slope, intercept: y - slope * x };
}

/** All values of a matrix, zeros included. */
export async function denseOf(matrix: CsrMatrix): Promise<Float32Array> {
  const [cells, genes] = matrix.shape;
  const { indptr, indices, values } = await matrix.rows(0, cells);
  const dense = new Float32Array(cells * genes);
  for (let cell = 0; cell < cells; cell++) {
    for (let i = indptr[cell]; i < indptr[cell + 1]; i++) dense[cell * genes + indices[i]] = values[i];
  }
  return dense;
}
