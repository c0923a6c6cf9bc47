/** @file The cells of several batches as integration takes them: their batches, variable genes, and tokens. */

import { baselineScale } from '../../analysis/baseline.ts';
import { type Expression, prepareExpression } from '../../analysis/expression.ts';
import { type Grouping, groupingOf, groupSizes } from '../../analysis/groups.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import type { Matrix, SparseRows } from '../../single-cell/matrix.ts';
import { eachBlock } from '../../single-cell/preprocess/pass.ts';
import { selectCells } from '../../single-cell/preprocess/views.ts';
import type { Vocabulary } from '../../single-cell/vocabulary.ts';
import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { plural } from '../../support/words.ts';
import { type CellSource, type PreparedCells, prepareCells, tellGeneMatch } from '../prepare.ts';

/** Components of expression, as many as those of the benchmark's methods. */
export const integrationDimensions = 30;

/** Cells that take part, and what is known of them. */
export interface IntegrationCells {
  readonly prepared: PreparedCells;
  /** Rows of the data that take part: those with a value above zero of a gene that is read. */
  readonly rows: Int32Array;
  readonly names: readonly string[]; // [rows]
  readonly batch: Grouping; // [rows]
  /** Variable genes, the same that the model reads, for what classical methods do. */
  readonly expression: Expression; // [rows, genes]
  /** Token of each of those genes, -1 for none. */
  readonly tokenIds: Int32Array; // [genes]
}

/** What {@link integrationCells} is told. */
export interface IntegrationCellsOptions extends CellSource, RunControl {
  readonly batchKey: string;
  /** The most genes. */
  readonly genes: number;
  readonly logger: Logger;
}

/**
 * Reads the batches, chooses genes that vary within them and finds their tokens.
 *
 * @throws InputError when there is one batch, a cell has none, or no variable gene has a token
 */
export async function integrationCells(
  data: AnnData,
  vocabulary: Vocabulary,
  options: IntegrationCellsOptions,
): Promise<IntegrationCells> {
  const { batchKey, genes, logger, ...control } = options;
  const batches = batchesOf(data, batchKey, logger);
  const prepared = await prepareCells(data, vocabulary, options, control);
  tellGeneMatch(prepared, logger);
  const scale = baselineScale(prepared.diagnosis.kind);
  const named = { codes: batches.codes, names: batches.groups };
  const whole = await prepareExpression(prepared.matrix, { scale, genes, batches: named, ...control });
  const tokenIds = whole.genes.map((gene) => prepared.tokenIds[gene]);
  requireTokens(tokenIds, data, prepared.matrixName);
  const rows = await readableRows(whole.given, tokenIds, control);
  warnOfLeftOut(data, rows, logger);
  const expression: Expression = {
    ...whole,
    logged: await inMemory(selectCells(whole.logged, rows), control),
    given: await inMemory(selectCells(whole.given, rows), control),
  };
  return {
    prepared,
    rows,
    names: Array.from(rows, (row) => data.obs.index[row]),
    batch: { ...batches, codes: rows.map((row) => batches.codes[row]) },
    expression,
    tokenIds,
  };
}

/** The batch of every cell. */
function batchesOf(data: AnnData, batchKey: string, logger: Logger): Grouping {
  const batches = groupingOf(batchKey, data.obs.column(batchKey));
  const where = data.source === undefined ? `obs/${batchKey}` : `${data.source}, obs/${batchKey}`;
  const missing = batches.codes.filter((code) => code < 0).length;
  if (missing > 0) {
    throw new InputError({
      what: `${missing} of ${data.nObs} cells have no batch`,
      where,
      expected: 'a batch for every cell',
      advice: 'Name theirs, or leave the cells out.',
      reason: 'missing_batch',
    });
  }
  if (batches.groups.length < 2) {
    throw new InputError({
      what: `all cells are of one batch, ${batches.groups[0] ?? 'and there is none'}`,
      where,
      expected: 'at least two batches to integrate',
      advice: 'Choose another column with --batch-key, or embed the cells with `scgpt embed`.',
      reason: 'one_batch',
    });
  }
  const sizes = groupSizes(batches.codes, batches.groups.length);
  const single = batches.groups.filter((_, code) => sizes[code] === 1);
  if (single.length === batches.groups.length) {
    throw new InputError({
      what: `each of the ${data.nObs} cells is a batch by itself`,
      where,
      expected: 'a column that cells of one batch share',
      reason: 'batches_of_one',
    });
  }
  if (single.length > 0) {
    const shown = single.slice(0, 5).join(', ');
    logger.warning(
      `${plural(single.length, 'batch', 'batches')} of one cell: ${shown}. What is of the batch cannot be told from what is of the cell`,
    );
  }
  return batches;
}

/** @throws InputError when the model knows none of the chosen genes */
function requireTokens(tokenIds: Int32Array, { source }: AnnData, matrixName: string): void {
  if (tokenIds.some((token) => token >= 0)) return;
  throw new InputError({
    what: `the model knows none of the ${plural(tokenIds.length, 'variable gene')}`,
    where: source === undefined ? matrixName : `${source}, ${matrixName}`,
    expected: 'genes that vary within batches and are in the vocabulary',
    advice: 'Choose more with --genes, or a model that knows these genes.',
    reason: 'no_known_variable_gene',
  });
}

/** Rows with a value above zero of a gene that has a token. */
async function readableRows(matrix: Matrix, tokenIds: Int32Array, control: RunControl): Promise<Int32Array> {
  const rows: number[] = [];
  const visit = ({ start, rowCount, indptr, indices, values }: SparseRows): void => {
    for (let row = 0; row < rowCount; row++) {
      let readable = false;
      for (let i = indptr[row]; !readable && i < indptr[row + 1]; i++) {
        readable = values[i] > 0 && tokenIds[indices[i]] >= 0;
      }
      if (readable) rows.push(start + row);
    }
  };
  await eachBlock(matrix, 'finding cells with genes', visit, control);
  return Int32Array.from(rows);
}

function warnOfLeftOut(data: AnnData, rows: Int32Array, logger: Logger): void {
  if (rows.length === data.nObs) return;
  const kept = new Set(rows);
  const names = data.obs.index.filter((_, row) => !kept.has(row));
  const more = names.length > 3 ? ', ...' : '';
  logger.warning(
    `${plural(names.length, 'cell')} without any of the genes that are read get NaN: ${names.slice(0, 3).join(', ')}${more}`,
  );
}
