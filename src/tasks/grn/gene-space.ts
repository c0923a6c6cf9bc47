/** @file The genes a network is made of: variable, expressed, known to the model; and their expression. */

import { baselineScale } from '../../analysis/baseline.ts';
import { prepareExpression } from '../../analysis/expression.ts';
import type { Points } from '../../analysis/points.ts';
import type { LoadedModel } from '../../model/folder.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import { expressedIn } from '../../single-cell/preprocess/filter.ts';
import { log1p, normalizeTotal } from '../../single-cell/preprocess/normalize.ts';
import { selectGenes } from '../../single-cell/preprocess/views.ts';
import { InputError, UsageError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { type CellSource, type PreparedCells, prepareCells, tellGeneMatch } from '../prepare.ts';

/** Which genes are taken. */
export interface GeneChoice extends CellSource {
  /** The most variable genes. */
  readonly genes: number;
  /** Genes that are taken however little they vary. */
  readonly required?: readonly string[] | undefined;
}

/** Genes in the order of the data's columns, each once. */
export interface GeneSpace {
  readonly prepared: PreparedCells;
  /** Symbols, as the model's vocabulary has them. */
  readonly names: readonly string[];
  readonly tokens: Int32Array; // [genes]
  /** ln(1 + 10,000 value / cell total), the total being over all genes. */
  readonly logged: CsrMatrix; // [cells, genes]
}

/** Genes in fewer cells say nothing about others. */
const fewestCells = 10;
/** Fewer genes make no network. */
const fewestGenes = 30;

/**
 * Chooses genes.
 *
 * @throws UsageError when no required gene is among those the model knows
 * @throws InputError when too few genes or cells are left
 */
export async function geneSpace(
  data: AnnData,
  model: LoadedModel,
  { genes, required = [], ...source }: GeneChoice,
  logger: Logger,
  control: RunControl,
): Promise<GeneSpace> {
  const prepared = await prepareCells(data, model.vocabulary, source, control);
  tellGeneMatch(prepared, logger);
  const { matrix, tokenIds, diagnosis } = prepared;
  const scale = baselineScale(diagnosis.kind);
  const symbol = (column: number): string => model.vocabulary.tokens[tokenIds[column]];
  const known = new Map<string, number>(); // the first column of each token
  tokenIds.forEach((token, column) => {
    if (token >= 0 && !known.has(symbol(column))) known.set(symbol(column), column);
  });
  const missing = required.filter((name) => !known.has(name));
  if (required.length > 0 && missing.length === required.length) throw unknownGenes(missing, known);
  if (missing.length > 0) logger.warning(`not in the data or unknown to the model: ${missing.join(', ')}`);

  const expressed = new Set(await expressedIn(matrix, fewestCells, control));
  const { genes: variable } = await prepareExpression(matrix, { scale, genes, ...control });
  const chosen = new Set<number>(required.flatMap((name) => known.get(name) ?? []));
  for (const column of variable) {
    const first = tokenIds[column] >= 0 && known.get(symbol(column)) === column;
    if (first && expressed.has(column)) chosen.add(column);
  }
  if (chosen.size < fewestGenes) {
    throw new InputError({
      what: `${chosen.size} genes vary, are in ${fewestCells} cells or more and are known to the model`,
      where: data.source,
      expected: `at least ${fewestGenes} genes`,
      advice: matrix.shape[0] < 50 ? `There are ${matrix.shape[0]} cells only` : undefined,
      reason: 'too_few_genes',
    });
  }
  const columns = Int32Array.from(chosen).sort();
  const logged = scale === 'logged' ? matrix : log1p((await normalizeTotal(matrix, 1e4, control)).matrix);
  return {
    prepared,
    names: Array.from(columns, symbol),
    tokens: Int32Array.from(columns, (column) => tokenIds[column]),
    logged: await inMemory(selectGenes(logged, columns), control),
  };
}

function unknownGenes(missing: readonly string[], known: ReadonlyMap<string, number>): UsageError {
  return new UsageError({
    what: `none of these genes is both in the data and known to the model: ${missing.slice(0, 10).join(', ')}`,
    expected: `symbols such as ${[...known.keys()].slice(0, 3).join(', ')}`,
    reason: 'unknown_genes',
  });
}

/** Expression gene by gene in some cells, `[genes, cells]`. */
export async function geneProfiles({ logged }: GeneSpace, cells: Int32Array): Promise<Points> {
  const genes = logged.shape[1];
  const values = new Float32Array(genes * cells.length);
  for (let place = 0; place < cells.length; place++) {
    const row = await logged.rows(cells[place], cells[place] + 1);
    for (let i = 0; i < row.indices.length; i++) {
      values[row.indices[i] * cells.length + place] = row.values[i];
    }
  }
  return { values, count: genes, dimensions: cells.length };
}

/** The same without genes that are constant in these cells. */
export function varyingRows({ values, count, dimensions }: Points): Int32Array {
  return Int32Array.from({ length: count }, (_, gene) => gene).filter((gene) => {
    const row = values.subarray(gene * dimensions, (gene + 1) * dimensions);
    return row.some((value) => value !== row[0]);
  });
}
