/** @file Numbers that describe genes before any of them is perturbed. */

import type { GeneSet } from '../../../single-cell/genes/gene-sets.ts';
import { symmetricEigen } from '../../symmetric-eigen.ts';

/** Features of genes: gene embeddings of a model, loadings of components, memberships of sets. */
export interface GeneFeatures {
  /** What they are, for reports. */
  readonly name: string;
  readonly count: number;
  readonly values: ReadonlyMap<string, Float64Array>; // [count] each
}

/**
 * Leading components of the membership of genes in sets, centred over the genes: what most tells these genes apart.
 *
 * @param genes those that are or may be perturbed; they may be in no set
 */
export function setComponents(
  sets: readonly GeneSet[],
  genes: readonly string[],
  components: number,
): GeneFeatures {
  const members = sets.map((set) => new Set(set.genes));
  const rows = genes.map((gene) => Float64Array.from(members, (set) => (set.has(gene) ? 1 : 0)));
  const mean = Float64Array.from(members, (_, k) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length);
  const size = genes.length;
  const gram = new Float64Array(size * size);
  for (let a = 0; a < size; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let k = 0; k < mean.length; k++) sum += (rows[a][k] - mean[k]) * (rows[b][k] - mean[k]);
      gram[a * size + b] = sum;
      gram[b * size + a] = sum;
    }
  }
  const { values, vectors } = symmetricEigen(gram, size);
  const kept = Math.min(components, values.filter((value) => value > values[0] * 1e-10).length);
  return {
    name: `${kept} components of gene sets`,
    count: kept,
    values: new Map(
      genes.map((gene, row) => [
        gene,
        Float64Array.from({ length: kept }, (_, k) => Math.sqrt(values[k]) * vectors[k * size + row]),
      ]),
    ),
  };
}
