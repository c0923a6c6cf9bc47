/** @file The simple baseline that every embedding is shown beside: highly variable genes and principal components. */

import type { InputKind } from '../single-cell/diagnosis/verdict.ts';
import type { Matrix } from '../single-cell/matrix.ts';
import { log1p, normalizeTotal } from '../single-cell/preprocess/normalize.ts';
import { variableByDispersion } from '../single-cell/preprocess/variable-by-dispersion.ts';
import { selectGenes } from '../single-cell/preprocess/views.ts';
import type { RunControl } from '../support/progress.ts';
import { type Pca, pca } from './pca.ts';

/** How the baseline is computed. */
export interface BaselineOptions extends RunControl {
  /** What the matrix holds: `linear` values are normalised to 10,000 a cell and logged, `logged` ones taken as they are. */
  readonly scale: 'linear' | 'logged';
  /** Highly variable genes; all genes where there are no more. Default 2,000. */
  readonly genes?: number | undefined;
  /** Principal components. Default 50, scanpy's. */
  readonly components?: number | undefined;
}

/** The baseline's embedding and what it took. */
export interface Baseline extends Pca {
  /** Columns of the matrix that were used, ascending. */
  readonly genes: Int32Array;
  /** What was done, in words. */
  readonly method: string;
}

/**
 * The first steps of a usual analysis with scanpy's defaults: cells normalised to 10,000, log(1 + x), genes that
 * vary most among those of like mean (flavour `seurat`, which takes logged values and so suits both scales),
 * principal components. Reads the matrix four times.
 *
 * @throws InputError when values are negative or not finite, or there are fewer than two cells that differ
 */
export async function pcaBaseline(matrix: Matrix, options: BaselineOptions): Promise<Baseline> {
  const { scale, genes: wanted = 2000, components = 50, ...control } = options;
  const logged = scale === 'logged' ? matrix : log1p((await normalizeTotal(matrix, 1e4, control)).matrix);
  const genes = await variableGenes(logged, wanted, control);
  const result = await pca(selectGenes(logged, genes), components, control);
  const steps = [
    scale === 'logged' ? 'values as given' : 'counts normalised to 10,000 a cell, log(1 + x)',
    genes.length === matrix.shape[1]
      ? `all ${genes.length} genes`
      : `${genes.length} highly variable genes (flavour seurat)`,
    `${result.variances.length} principal components`,
  ];
  return { ...result, genes, method: steps.join(', ') };
}

async function variableGenes(logged: Matrix, wanted: number, control: RunControl): Promise<Int32Array> {
  const available = logged.shape[1];
  if (available <= wanted) return Int32Array.from({ length: available }, (_, gene) => gene);
  const { order } = await variableByDispersion(
    logged,
    { flavor: 'seurat', choose: wanted, batches: null },
    control,
  );
  return order.slice().sort();
}

const loggedKinds: ReadonlySet<InputKind> = new Set([
  'log1p',
  'log1p_of_counts',
  'log1p_twice',
  'log2',
  'log10',
  'log_like',
  'clr',
  'already_binned',
  'binary',
  'imputed',
] satisfies InputKind[]);

/** Whether the baseline takes values of a kind as they are or normalises and logs them first. */
export function baselineScale(kind: InputKind): 'linear' | 'logged' {
  return loggedKinds.has(kind) ? 'logged' : 'linear';
}
