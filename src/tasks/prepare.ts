/** @file What is settled about a data set before its cells are embedded: which matrix, what values, which genes. */

import type { AnnData } from '../single-cell/anndata.ts';
import type { DataFrame } from '../single-cell/data-frame.ts';
import { diagnose, type InputDiagnosis, requireUsableInput } from '../single-cell/diagnosis/diagnose.ts';
import { StatisticsCollector } from '../single-cell/diagnosis/statistics.ts';
import { chooseGeneColumn } from '../single-cell/genes/column.ts';
import { loadGeneTables, loadOrthologues } from '../single-cell/genes/load.ts';
import { mapGenes } from '../single-cell/genes/mapping.ts';
import { type GeneMatchReport, geneMatchReport, requireGeneMatch } from '../single-cell/genes/report.ts';
import type { Matrix, SparseRows } from '../single-cell/matrix.ts';
import { GenePanel } from '../single-cell/tokens/gene-panel.ts';
import type { Vocabulary } from '../single-cell/vocabulary.ts';
import { CancelledError, InputError } from '../support/errors.ts';
import type { Logger } from '../support/log.ts';
import type { RunControl } from '../support/progress.ts';

/** Where the cells' values and gene names are. */
export interface CellSource {
  /** A layer's name, or `raw` for `adata.raw`; default X. */
  readonly layer?: string | undefined;
  /** A column of var with gene names, or `index`; default the place whose names match best. */
  readonly geneColumn?: string | undefined;
  /** `mouse` translates mouse symbols to human orthologues. */
  readonly organism?: 'human' | 'mouse' | undefined;
  /** `exact` takes only genes named as in the vocabulary, as the reference does; default `any`, by every name a gene has had. */
  readonly geneMatching?: 'any' | 'exact' | undefined;
}

/** A data set in terms of a model's vocabulary. */
export interface PreparedCells {
  /** The matrix in words: `X`, `raw.X` or `layers/counts`. */
  readonly matrixName: string;
  readonly matrix: Matrix; // [cells, genes]
  /** The genes of the matrix. */
  readonly genes: DataFrame;
  readonly panel: GenePanel;
  /** Token of each gene, -1 for none. */
  readonly tokenIds: Int32Array; // [genes]
  readonly geneMatch: GeneMatchReport;
  readonly diagnosis: InputDiagnosis;
}

/** Cells that are read to judge values and to weigh genes: every statistic is steady long before. */
const surveyedCells = 20_000;

/**
 * Chooses the matrix, judges its values and matches its genes.
 *
 * @throws InputError when the matrix is missing, its values cannot be used or no gene is known
 */
export async function prepareCells(
  data: AnnData,
  vocabulary: Vocabulary,
  source: CellSource = {},
  control: RunControl = {},
): Promise<PreparedCells> {
  const { matrixName, matrix, genes } = chooseMatrix(data, source.layer);
  const where = data.source === undefined ? matrixName : `${data.source}, ${matrixName}`;
  if (matrix.shape[0] === 0 || matrix.shape[1] === 0) {
    throw new InputError({
      what: `there are ${matrix.shape[0]} cells and ${matrix.shape[1]} genes`,
      where,
      expected: 'at least one of each',
      reason: 'no_data',
    });
  }
  const { diagnosis, geneSums } = await survey(matrix, data.obs.index, genes.index, control);
  requireUsableInput(diagnosis, where);

  const tables = await loadGeneTables();
  const column = chooseGeneColumn(genes, vocabulary, tables, source.geneColumn);
  const exactOnly = source.geneMatching === 'exact';
  const mapping = mapGenes(column.names, vocabulary, tables, {
    exactOnly,
    secondNames: source.geneColumn === undefined && !exactOnly ? column.second?.names : undefined,
    orthologues: source.organism === 'mouse' ? await loadOrthologues() : undefined,
  });
  const geneMatch = geneMatchReport(mapping, { counts: geneSums, column });
  requireGeneMatch(geneMatch, where);
  return {
    matrixName,
    matrix,
    genes,
    panel: new GenePanel(vocabulary, mapping.ids),
    tokenIds: mapping.ids,
    geneMatch,
    diagnosis,
  };
}

/** Warns of what is probably wrong with the names of genes. */
export function tellGeneMatch({ geneMatch }: PreparedCells, logger: Logger, label?: string): void {
  const before = label === undefined ? '' : `${label}: `;
  for (const { message, advice } of geneMatch.problems) {
    logger.warning(`${before}probably wrong: ${message}. ${advice}`);
  }
}

/** @throws InputError naming the matrices there are */
export function chooseMatrix(
  data: AnnData,
  layer: string | undefined,
): { readonly matrixName: string; readonly matrix: Matrix; readonly genes: DataFrame } {
  const choices = [...[...data.layers.keys()], ...(data.raw === null ? [] : ['raw'])];
  const missing = (what: string): InputError =>
    new InputError({
      what,
      where: data.source,
      expected: choices.length === 0 ? undefined : `--layer with one of ${choices.join(', ')}`,
      advice: choices.length === 0 ? 'The file has no other matrix either' : undefined,
      reason: 'matrix_missing',
    });
  if (layer === undefined) {
    if (data.X === null) throw missing('there is no X');
    return { matrixName: 'X', matrix: data.X, genes: data.var };
  }
  const found = data.layers.get(layer);
  if (found !== undefined) return { matrixName: `layers/${layer}`, matrix: found, genes: data.var };
  if (layer === 'raw' && data.raw !== null) {
    return { matrixName: 'raw.X', matrix: data.raw.X, genes: data.raw.var };
  }
  throw missing(`there is no layer '${layer}'`);
}

/** Looks at cells from the whole file: what their values are, and how much each gene holds. */
async function survey(
  matrix: Matrix,
  cells: readonly string[],
  genes: readonly string[],
  { onProgress, signal }: RunControl,
): Promise<{ diagnosis: InputDiagnosis; geneSums: Float64Array }> {
  const [cellCount, geneCount] = matrix.shape;
  const collector = new StatisticsCollector(geneCount);
  const geneSums = new Float64Array(geneCount);
  const blocks = Math.ceil(Math.min(cellCount, surveyedCells) / 256);
  for (let block = 0; block < blocks; block++) {
    if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while reading the data' });
    const start = Math.floor((block * cellCount) / blocks);
    const end = Math.min(start + 256, Math.floor(((block + 1) * cellCount) / blocks));
    const rows = await matrix.rows(start, end);
    collector.add(rows);
    addColumns(rows, geneSums);
    onProgress?.({ stage: 'reading', done: block + 1, total: blocks, unit: 'blocks' });
  }
  return { diagnosis: diagnose(collector.statistics(), cellCount, { cells, genes }), geneSums };
}

function addColumns({ indices, values }: SparseRows, sums: Float64Array): void {
  for (let i = 0; i < indices.length; i++) sums[indices[i]] += values[i];
}
