/** @file Built-in methods run on the cells of a data set, to be scored beside the embeddings it holds. */

import { baselineScale } from '../../analysis/baseline.ts';
import { type Expression, prepareExpression } from '../../analysis/expression.ts';
import type { Grouping } from '../../analysis/groups.ts';
import type { IntegrationMethod } from '../../analysis/integration/methods.ts';
import { type Points, takeRows } from '../../analysis/points.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { diagnoseMatrix, requireUsableInput } from '../../single-cell/diagnosis/diagnose.ts';
import { selectCells } from '../../single-cell/preprocess/views.ts';
import { CancelledError, isScgptError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { chooseMatrix } from '../prepare.ts';
import { groupsOfRows } from './columns.ts';

/** Of every built-in method, as in the benchmarks. */
const dimensions = 30;

/** The cells that methods see: all that have a batch, whether or not they are scored. */
export interface BaselineCells {
  readonly rows: Int32Array;
  readonly expression: Expression; // [rows, genes]
  readonly batch: Grouping; // [rows]
}

/** One run of a method. */
export interface BaselineRun {
  /** Of the cells that are scored. */
  readonly points: Points;
  /** What was done, in words. */
  readonly method: string;
  readonly seconds: number;
}

/**
 * Log-normalised expression of the genes that vary most within batches, of the cells that have one.
 *
 * @param batch null takes all cells as one batch
 * @throws InputError when there is no matrix or its values cannot be used
 */
export async function baselineCells(
  data: AnnData,
  batch: Grouping | null,
  { layer, onProgress, signal }: RunControl & { readonly layer?: string | undefined },
): Promise<BaselineCells> {
  const { matrix, matrixName, genes } = chooseMatrix(data, layer);
  const grouping = batch ?? { name: 'all', codes: new Int32Array(data.nObs), groups: ['all'] };
  const rows = Int32Array.from(grouping.codes.keys()).filter((cell) => grouping.codes[cell] >= 0);
  const cells = rows.length === data.nObs ? matrix : selectCells(matrix, rows);
  const names = { cells: Array.from(rows, (row) => data.obs.index[row]), genes: genes.index };
  const diagnosis = await diagnoseMatrix(cells, names);
  requireUsableInput(diagnosis, data.source === undefined ? matrixName : `${data.source}, ${matrixName}`);
  const ofRows = groupsOfRows(grouping, rows);
  const expression = await prepareExpression(cells, {
    onProgress,
    signal,
    scale: baselineScale(diagnosis.kind),
    batches: { codes: ofRows.codes, names: ofRows.groups },
  });
  return { rows, expression, batch: ofRows };
}

/**
 * Runs a method with each seed, once where seeds change nothing. A method that cannot work on these data is told and
 * gives no run.
 *
 * @param scored rows of the data; those that are scored, all of them among the cells that methods see
 * @throws CancelledError when the signal is aborted
 */
export async function runBaseline(
  { integrate, seeded, name }: IntegrationMethod,
  { rows, expression, batch }: BaselineCells,
  scored: Int32Array,
  { seeds, logger, ...control }: RunControl & { readonly seeds: readonly number[]; readonly logger: Logger },
): Promise<BaselineRun[]> {
  const place = new Map(Array.from(rows, (row, i) => [row, i]));
  const wanted = Array.from(scored, (row) => place.get(row) ?? -1);
  const runs: BaselineRun[] = [];
  try {
    for (const seed of seeded ? seeds : seeds.slice(0, 1)) {
      const started = performance.now();
      const { points, method } = await integrate({ expression, batch, dimensions, seed }, control);
      const seconds = (performance.now() - started) / 1000;
      runs.push({ points: takeRows(points, wanted), method, seconds });
    }
  } catch (error) {
    if (!isScgptError(error) || error instanceof CancelledError) throw error;
    logger.warning(`${name} was not run: ${error.message}`);
  }
  return runs;
}
