/** @file Corrected expression as it is written: a layer, and in the record which genes it has. */

import type { AnnData, Unstructured } from '../../single-cell/anndata.ts';
import { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import type { IntegrationCells } from './cells.ts';
import type { CorrectedCells } from './corrected.ts';
import type { IntegrateResult } from './integrate.ts';

/** The layer's name. */
export const correctedLayerName = 'scgpt_corrected';

/**
 * Only corrected genes have entries: what reads as zero elsewhere is no value, and {@link correctedRecord} names the
 * genes that have some. Cells without a place have NaN in them.
 */
export function correctedLayers(
  data: AnnData,
  { corrected, cells }: IntegrateResult,
): readonly (readonly [string, CsrMatrix])[] {
  if (corrected === null) return [];
  const width = cells.expression.genes.length;
  const columns = columnsOf(data, cells, corrected.genes);
  const indptr = Float64Array.from({ length: data.nObs + 1 }, (_, row) => row * columns.length);
  const indices = new Int32Array(data.nObs * columns.length);
  const values = new Float32Array(indices.length).fill(Number.NaN);
  for (let row = 0; row < data.nObs; row++) {
    columns.forEach(({ column }, i) => {
      indices[row * columns.length + i] = column;
    });
  }
  cells.rows.forEach((row, place) => {
    columns.forEach(({ gene }, i) => {
      values[row * columns.length + i] = corrected.values[place * width + gene];
    });
  });
  return [[correctedLayerName, new CsrMatrix([data.nObs, data.nVars], { indptr, indices, values })]];
}

/** What was corrected, and how. */
export function correctedRecord(
  { by, method, genes }: CorrectedCells,
  { prepared, expression }: IntegrationCells,
): Unstructured {
  const names = Array.from(genes, (gene) => prepared.genes.index[expression.genes[gene]]);
  return new Map<string, Unstructured>([
    ['layer', correctedLayerName],
    ['by', by],
    ['method', method],
    ['genes', { kind: 'strings', shape: [names.length], values: names }],
  ]);
}

/** Where corrected genes are among the data's, ascending; those of a raw matrix may not be there. */
function columnsOf(
  data: AnnData,
  { prepared, expression }: IntegrationCells,
  genes: Int32Array, // columns of the expression
): { readonly column: number; readonly gene: number }[] {
  const named =
    prepared.genes === data.var ? null : new Map(data.var.index.map((name, column) => [name, column]));
  return Array.from(genes, (gene) => {
    const column = expression.genes[gene];
    return { gene, column: named === null ? column : (named.get(prepared.genes.index[column]) ?? -1) };
  })
    .filter(({ column }) => column >= 0)
    .sort((a, b) => a.column - b.column);
}
