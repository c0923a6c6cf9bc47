/** @file Genes that differ between two groups of cells, by the tests of scanpy's rank_genes_groups. */

import { type CsrMatrix, transpose } from '../single-cell/csr-matrix.ts';
import { checkExpression } from '../single-cell/preprocess/pass.ts';
import { InputError } from '../support/errors.ts';
import type { RunControl } from '../support/progress.ts';
import { falseDiscoveryRates } from './false-discovery.ts';
import { normalTail } from './normal-tail.ts';
import { type Differences, differences } from './perturbation/differences.ts';
import { profilesOf } from './perturbation/profiles.ts';
import { rankSums } from './rank-sums.ts';

/** By scanpy's names. */
export type DifferenceTest = 't-test' | 't-test_overestim_var' | 'wilcoxon';

/** What is compared, and how. */
export interface DifferenceRequest {
  /** Rows of each side; no cell on both. */
  readonly cells: Int32Array;
  readonly against: Int32Array;
  /** Default Welch's t test, scanpy's default too. */
  readonly test?: DifferenceTest;
  /** Of `wilcoxon`: let equal values lower the variance of the rank sum. Default true; scanpy's is false. */
  readonly correctTies?: boolean;
}

/** How each gene differs; `score` is t or z, above 0 where `cells` express more. */
export interface DifferentialExpression extends Omit<Differences, 't'> {
  readonly score: Float64Array; // [genes]
}

/**
 * Tests every gene. Only the cells of the two sides are looked at.
 *
 * @param expression log-normalised values, ln(1 + x)
 * @throws InputError when a side has fewer than two cells, or values are negative or not finite
 * @throws CancelledError when the control's signal is aborted
 */
export async function differentialExpression(
  expression: CsrMatrix,
  { cells, against, test = 't-test', correctTies = true }: DifferenceRequest,
  control?: RunControl,
): Promise<DifferentialExpression> {
  const codes = sidesOf(expression.shape[0], cells, against);
  const block = await expression.rows(0, expression.shape[0]);
  checkExpression(block);
  const profiles = await profilesOf(expression, codes, 2);
  const { t, ...found } = differences(profiles, 0, 1, { overestimated: test === 't-test_overestim_var' });
  if (test !== 'wilcoxon') return { ...found, score: t };
  const sums = await rankSums(
    transpose({ ...block, indptr: Float64Array.from(block.indptr) }, expression.shape[1]),
    { name: 'sides', codes, groups: ['cells', 'against'] },
    control,
  );
  const all = cells.length + against.length;
  const score = sums.ties.map((ties, gene) => {
    const excess = sums.sums[2 * gene] - (cells.length * (all + 1)) / 2;
    const untied = correctTies ? 1 - ties / (all ** 3 - all) : 1;
    const deviation = Math.sqrt((untied * cells.length * against.length * (all + 1)) / 12);
    return deviation > 0 ? excess / deviation : 0; // all cells alike
  });
  const p = score.map((z) => Math.min(1, 2 * normalTail(Math.abs(z))));
  return { score, p, adjustedP: falseDiscoveryRates(p), log2FoldChange: found.log2FoldChange };
}

function sidesOf(cellCount: number, cells: Int32Array, against: Int32Array): Int32Array {
  if (Math.min(cells.length, against.length) < 2) {
    throw new InputError({
      what: `${cells.length} cells are to be compared with ${against.length}`,
      where: 'differential expression',
      expected: 'at least two cells on each side',
      reason: 'too_few_cells',
    });
  }
  const codes = new Int32Array(cellCount).fill(-1);
  for (const cell of against) codes[cell] = 1;
  for (const cell of cells) codes[cell] = 0;
  return codes;
}
