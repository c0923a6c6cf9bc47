/** @file Mean expression of the cells of each condition. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';

/** Means of groups of cells, gene by gene. */
export interface Profiles {
  readonly means: readonly Float64Array[]; // [groups][genes]
  /** Variances with divisor n - 1; NaN of fewer than two cells. */
  readonly variances: readonly Float64Array[]; // [groups][genes]
  /** Cells of each. */
  readonly sizes: Int32Array; // [groups]
}

/**
 * Means and variances of groups of cells; cells of code -1 take no part.
 *
 * @param expression log-normalised values
 */
export async function profilesOf(
  expression: CsrMatrix, // [cells, genes]
  codes: Int32Array, // [cells]
  groupCount: number,
): Promise<Profiles> {
  const genes = expression.shape[1];
  const made = () => Array.from({ length: groupCount }, () => new Float64Array(genes));
  const [means, variances] = [made(), made()];
  const sizes = new Int32Array(groupCount);
  const { rowCount, indptr, indices, values } = await expression.rows(0, expression.shape[0]);
  const eachEntry = (visit: (code: number, gene: number, value: number) => void): void => {
    for (let row = 0; row < rowCount; row++) {
      if (codes[row] < 0) continue;
      for (let i = indptr[row]; i < indptr[row + 1]; i++) visit(codes[row], indices[i], values[i]);
    }
  };
  for (let row = 0; row < rowCount; row++) if (codes[row] >= 0) sizes[codes[row]]++;
  eachEntry((code, gene, value) => {
    means[code][gene] += value / sizes[code];
  });
  // about the mean, as sums of squares lose digits: entries add (x - m)^2 - m^2, zeros m^2 all together
  eachEntry((code, gene, value) => {
    variances[code][gene] += (value - means[code][gene]) ** 2 - means[code][gene] ** 2;
  });
  variances.forEach((variance, code) => {
    for (let gene = 0; gene < genes; gene++) {
      const sum = Math.max(0, variance[gene] + sizes[code] * means[code][gene] ** 2);
      variance[gene] = sizes[code] < 2 ? Number.NaN : sum / (sizes[code] - 1);
    }
  });
  return { means, variances, sizes };
}

/** Mean of profiles, each counting alike. */
export function meanProfile(profiles: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(profiles[0]?.length ?? 0);
  for (const profile of profiles) {
    for (let gene = 0; gene < mean.length; gene++) mean[gene] += profile[gene] / profiles.length;
  }
  return mean;
}

/** What a profile changes against another. */
export function changeOf(profile: Float64Array, control: Float64Array): Float64Array {
  return profile.map((value, gene) => value - control[gene]);
}
