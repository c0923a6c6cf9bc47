/** @file What classical methods work on: log-normalised expression of the genes that vary most, in memory. */

import type { CsrMatrix } from '../single-cell/csr-matrix.ts';
import { inMemory } from '../single-cell/in-memory.ts';
import type { Matrix } from '../single-cell/matrix.ts';
import { expressedIn } from '../single-cell/preprocess/filter.ts';
import type { Batches } from '../single-cell/preprocess/gene-moments.ts';
import { log1p, normalizeTotal } from '../single-cell/preprocess/normalize.ts';
import { variableByDispersion } from '../single-cell/preprocess/variable-by-dispersion.ts';
import { variableByTrend } from '../single-cell/preprocess/variable-by-trend.ts';
import { selectGenes } from '../single-cell/preprocess/views.ts';
import { isScgptError } from '../support/errors.ts';
import type { RunControl } from '../support/progress.ts';
import { groupSizes } from './groups.ts';

/** How expression is prepared. */
export interface ExpressionOptions extends RunControl {
  /** What the matrix holds: `linear` values are normalised to 10,000 a cell and logged, `logged` ones taken as they are. */
  readonly scale: 'linear' | 'logged';
  /** The most genes to keep. Default 2,000. */
  readonly genes?: number | undefined;
  /**
   * Genes are to vary within these; not where one has fewer than 50 cells, whose variances are not steady. Default all
   * cells are one batch.
   */
  readonly batches?: Batches | null | undefined;
}

/** Cells in terms of classical methods. */
export interface Expression {
  /** ln(1 + 10,000 value / cell total), the total being over all genes of the matrix, not only those kept. */
  readonly logged: CsrMatrix; // [cells, genes]
  /** The values as given, of the same genes. */
  readonly given: Matrix; // [cells, genes]
  /** Columns of the matrix that were kept, ascending. */
  readonly genes: Int32Array;
  readonly scale: 'linear' | 'logged';
  /** What was done, in words. */
  readonly method: string;
}

/** Genes in fewer cells tell nothing of types and spoil the fit of the trend. */
const fewestCells = 3;
const fewestCellsOfBatch = 50;

/**
 * Keeps all genes where there are no more than asked for; else, of the genes in at least 3 cells, those of highest
 * variance above the trend within batches (flavour `seurat_v3`). Logged values, and counts of which so many genes share
 * one mean that no trend can be fitted, have theirs chosen by dispersion (flavour `seurat`).
 *
 * @throws InputError when values are negative or not finite, or a batch has fewer than two cells
 */
export async function prepareExpression(matrix: Matrix, options: ExpressionOptions): Promise<Expression> {
  const { scale, genes: wanted = 2000, ...control } = options;
  const batches = steadyBatches(options.batches ?? null);
  const logged = scale === 'logged' ? matrix : log1p((await normalizeTotal(matrix, 1e4, control)).matrix);
  const { genes, how } = await variableGenes(matrix, logged, { scale, wanted, batches }, control);
  const steps = [
    scale === 'logged' ? 'values as given' : 'counts normalised to 10,000 a cell, log(1 + x)',
    how,
  ];
  return {
    logged: await inMemory(selectGenes(logged, genes), control),
    given: selectGenes(matrix, genes),
    genes,
    scale,
    method: steps.join(', '),
  };
}

/** The batches, unless one is too small to choose genes within. */
function steadyBatches(batches: Batches | null): Batches | null {
  if (batches === null || batches.names.length < 2) return null;
  const sizes = groupSizes(batches.codes, batches.names.length);
  return sizes.every((size) => size >= fewestCellsOfBatch) ? batches : null;
}

interface Choice {
  readonly scale: 'linear' | 'logged';
  readonly wanted: number;
  readonly batches: Batches | null;
}

/** Genes, and in words how they were chosen. */
interface ChosenGenes {
  readonly genes: Int32Array;
  readonly how: string;
}

async function variableGenes(
  matrix: Matrix,
  logged: Matrix,
  { scale, wanted, batches }: Choice,
  control: RunControl,
): Promise<ChosenGenes> {
  const all = Int32Array.from({ length: matrix.shape[1] }, (_, gene) => gene);
  if (all.length <= wanted) return { genes: all, how: `all ${all.length} genes` };
  const seen = await expressedIn(matrix, fewestCells, control);
  if (seen.length <= wanted) {
    return { genes: seen, how: `all ${seen.length} genes in at least ${fewestCells} cells` };
  }
  const chosen = (order: Int32Array, flavor: string): ChosenGenes => ({
    genes: order.map((place) => seen[place]).sort(),
    how: `${wanted} highly variable genes (flavour ${flavor}${batches === null ? '' : ', by batch'})`,
  });
  if (scale === 'linear') {
    const found = await byTrend(selectGenes(matrix, seen), wanted, batches, control);
    if (found !== undefined) return chosen(found, 'seurat_v3');
  }
  const { order } = await variableByDispersion(
    selectGenes(logged, seen),
    { flavor: 'seurat', choose: wanted, batches },
    control,
  );
  return chosen(order.subarray(0, wanted), 'seurat');
}

/** The best genes by the trend of variance on mean; undefined where no trend can be fitted. */
async function byTrend(
  counts: Matrix,
  count: number,
  batches: Batches | null,
  control: RunControl,
): Promise<Int32Array | undefined> {
  try {
    return (await variableByTrend(counts, { flavor: 'seurat_v3', count, batches }, control)).order;
  } catch (error) {
    if (isScgptError(error) && error.reason === 'near_singular') return undefined;
    throw error;
  }
}
