/** @file A labelled reference and a query as classical methods take them: one set of genes, one scale, classes by number. */

import type { LabelledExpression } from '../analysis/classifiers/classifier.ts';
import { prepareExpression } from '../analysis/expression.ts';
import { type Grouping, groupingOf } from '../analysis/groups.ts';
import type { AnnData } from '../single-cell/anndata.ts';
import type { CsrMatrix } from '../single-cell/csr-matrix.ts';
import type { InputKind } from '../single-cell/diagnosis/verdict.ts';
import { canonicalRows } from '../single-cell/encoding/canonical.ts';
import { inMemory } from '../single-cell/in-memory.ts';
import type { Matrix } from '../single-cell/matrix.ts';
import { log1p, normalizeTotal } from '../single-cell/preprocess/normalize.ts';
import { selectCells, selectGenes, withValues } from '../single-cell/preprocess/views.ts';
import { placeColumns } from '../single-cell/subset.ts';
import { InputError } from '../support/errors.ts';
import { type Logger, silent } from '../support/log.ts';
import type { RunControl } from '../support/progress.ts';
import { count, plural } from '../support/words.ts';
import type { PreparedCells } from './prepare.ts';

/** How {@link labelsOf} reads a column. */
export interface LabelOptions {
  /** Values of the column that mean a missing label, such as `unknown`. Default none. */
  readonly unlabelled?: readonly string[] | undefined;
  readonly logger?: Logger | undefined;
}

/** Words that people write where there is no label; taken for classes all the same, with a warning. */
const likelyMissing = /^(unknown|unlabell?ed|unassigned|undefined|n\/?a|nan|none|null|missing|\?|-|)$/i;

/**
 * The classes of a labelled reference. Cells without a label, or with one of `unlabelled`, have code -1.
 *
 * @throws InputError when there is no such column or it labels no cell
 */
export function labelsOf(data: AnnData, column: string, options: LabelOptions = {}): Grouping {
  const { unlabelled = [], logger = silent } = options;
  const where = data.source === undefined ? 'obs' : `${data.source}, obs`;
  const found = data.obs.columns.get(column);
  if (found === undefined) throw missingColumn(data, column, where);
  const { codes, groups } = groupingOf(column, found);
  const kept = groups.filter((group) => !unlabelled.includes(group));
  const place = Int32Array.from(groups, (group) => kept.indexOf(group));
  const labels = { name: column, groups: kept, codes: codes.map((code) => (code < 0 ? -1 : place[code])) };
  const missing = labels.codes.filter((code) => code < 0).length;
  if (kept.length === 0) {
    throw new InputError({
      what: `the column '${column}' has no label in any of ${plural(missing, 'cell')}`,
      where,
      expected: 'a column that names the class of most cells',
      advice: candidates(data, column),
      reason: 'no_labels',
    });
  }
  if (missing > 0) {
    logger.warning(
      `${count(missing)} of ${count(codes.length)} reference cells have no ${column} and are left out`,
    );
  }
  for (const group of kept.filter((name) => likelyMissing.test(name))) {
    logger.warning(
      `'${group}' is taken for a class of ${column}; if it means no label, leave its cells out with --unlabelled '${group}'`,
    );
  }
  return labels;
}

function missingColumn(data: AnnData, column: string, where: string): InputError {
  return new InputError({
    what: `there is no column '${column}'`,
    where,
    advice: candidates(data, column) ?? 'No column sorts the cells into classes',
    reason: 'column_missing',
  });
}

/** Columns that could hold labels: more than one class, and far fewer than cells. */
function candidates(data: AnnData, without: string): string | undefined {
  const names = [...data.obs.columns].flatMap(([name, column]) => {
    if (name === without || column.kind === 'number') return [];
    const classes = groupingOf(name, column).groups.length;
    return classes > 1 && classes <= Math.max(2, data.nObs / 2) ? [name] : [];
  });
  return names.length === 0 ? undefined : `Columns that sort the cells into classes: ${names.join(', ')}`;
}

/** How {@link commonExpression} prepares. */
export interface CommonExpressionOptions extends RunControl {
  /** The most genes to keep, those that vary most in the reference. Default 2,000. */
  readonly genes?: number | undefined;
  /** Rows of the reference that are used, ascending; default all. */
  readonly cells?: Int32Array | undefined;
  readonly logger?: Logger | undefined;
}

/** Reference and query over the same genes. */
export interface CommonExpression {
  /** ln(1 + 10,000 * value / total), the total being over the genes that both have. */
  readonly reference: CsrMatrix; // [reference cells, genes]
  readonly query: CsrMatrix; // [query cells, genes]
  /** The reference's names of the genes that were kept. */
  readonly genes: readonly string[];
  /** How many genes both have, before the most variable were chosen. */
  readonly shared: number;
  /** What was done, in words. */
  readonly method: string;
}

/**
 * Brings reference and query to the genes that both have and to one scale. Genes are the same when they have one
 * token of the model's vocabulary, whatever they are called (a symbol here, an Ensembl id there), or, where the model
 * knows neither, one name. Several columns of one gene are added up. Logarithms of known base are undone first, so
 * that both sides are normalised over the same genes; the genes that vary most are chosen on the reference alone.
 *
 * @throws InputError when no gene is shared, or values are negative or not finite
 */
export async function commonExpression(
  reference: PreparedCells,
  query: PreparedCells,
  options: CommonExpressionOptions = {},
): Promise<CommonExpression> {
  const { genes: wanted = 2000, cells, logger = silent, ...control } = options;
  const { keys, names } = commonGenes(reference, query);
  warnOfScales(reference.diagnosis.kind, query.diagnosis.kind, logger);
  const wide = overGenes(reference, keys);
  const source = await linearOrAsGiven(
    cells === undefined ? wide : selectCells(wide, cells),
    reference.diagnosis.kind,
    control,
  );
  const prepared = await prepareExpression(source.matrix, { scale: source.scale, genes: wanted, ...control });
  const target = await linearOrAsGiven(overGenes(query, keys), query.diagnosis.kind, control);
  const logged =
    target.scale === 'logged'
      ? target.matrix
      : log1p((await normalizeTotal(target.matrix, 1e4, control)).matrix);
  return {
    reference: prepared.logged,
    query: await inMemory(selectGenes(logged, prepared.genes), control),
    genes: Array.from(prepared.genes, (gene) => names[gene]),
    shared: names.length,
    method: `${count(names.length)} genes in both; ${prepared.method}`,
  };
}

/**
 * The cells of a reference that have a label, with classes that each have a cell.
 *
 * @param cells rows of the reference that the expression has, ascending; default all
 * @returns with `rows`, those of the expression that are labelled
 */
export async function labelledExpression(
  { reference, genes }: Pick<CommonExpression, 'reference' | 'genes'>,
  labels: Grouping,
  {
    seed,
    cells,
    ...control
  }: RunControl & { readonly seed: number; readonly cells?: Int32Array | undefined },
): Promise<LabelledExpression & { readonly rows: Int32Array }> {
  const codes = cells === undefined ? labels.codes : cells.map((cell) => labels.codes[cell]);
  const rows = Int32Array.from(codes.keys()).filter((row) => codes[row] >= 0);
  const present = [...new Set(rows.map((row) => codes[row]))].sort((a, b) => a - b);
  const place = new Map(present.map((code, i) => [code, i]));
  return {
    expression:
      rows.length === reference.shape[0] ? reference : await inMemory(selectCells(reference, rows), control),
    labels: rows.map((row) => place.get(codes[row])!),
    classes: present.map((code) => labels.groups[code]),
    genes,
    seed,
    rows,
  };
}

/** The names of the genes, from where they were found. */
export function geneNames({ genes, geneMatch }: PreparedCells): readonly string[] {
  return geneMatch.column?.names ?? genes.index;
}

/** The key of each column: its token, else its name. */
export function geneKeys(cells: PreparedCells): (number | string)[] {
  const names = geneNames(cells);
  return Array.from(cells.tokenIds, (token, gene) => (token >= 0 ? token : names[gene]));
}

/** Genes that both have, in the order of the reference's columns, and the reference's names of them. */
function commonGenes(
  reference: PreparedCells,
  query: PreparedCells,
): { readonly keys: readonly (number | string)[]; readonly names: readonly string[] } {
  const inQuery = new Set(geneKeys(query));
  const referenceNames = geneNames(reference);
  const names = new Map<number | string, string>();
  geneKeys(reference).forEach((key, gene) => {
    if (inQuery.has(key) && key !== '' && !names.has(key)) {
      names.set(key, referenceNames[gene]);
    }
  });
  if (names.size === 0) throw noSharedGenes(referenceNames, geneNames(query));
  return { keys: [...names.keys()], names: [...names.values()] };
}

/** What to say when reference and query have no gene in common. */
export function noSharedGenes(reference: readonly string[], query: readonly string[]): InputError {
  const some = (names: readonly string[]) => names.slice(0, 3).join(', ');
  return new InputError({
    what: 'reference and query have no gene in common',
    where: `reference genes ${some(reference)}, ...; query genes ${some(query)}, ...`,
    expected: 'the same genes, under any of their names',
    advice: 'Choose the columns of gene names with --gene-column, or --organism mouse for mouse data',
    reason: 'no_shared_genes',
  });
}

/** The matrix over common genes only; columns of one gene are added up as rows are read. */
export function overGenes(cells: PreparedCells, keys: readonly (number | string)[]): Matrix {
  const placeOf = new Map(keys.map((key, i) => [key, i]));
  const place = Int32Array.from(geneKeys(cells), (key) => placeOf.get(key) ?? -1);
  const { matrix } = cells;
  return {
    shape: [matrix.shape[0], keys.length],
    dtype: matrix.dtype,
    layout: matrix.layout,
    async rows(start, end) {
      return canonicalRows(placeColumns(await matrix.rows(start, end), place, keys.length));
    },
  };
}

/** Logarithms that can be undone, and how; their zeros stay zeros. */
const undone: ReadonlyMap<InputKind, (value: number) => number> = new Map([
  ['log1p', Math.expm1],
  ['log1p_of_counts', Math.expm1],
  ['log1p_twice', (value) => Math.expm1(Math.expm1(value))],
  ['log2', (value) => 2 ** value - 1],
  ['log10', (value) => 10 ** value - 1],
]);

/** Kinds that are neither linear nor can be brought back to it. */
const asGiven: ReadonlySet<InputKind> = new Set(['log_like', 'clr', 'already_binned', 'binary', 'imputed']);

export interface Scaled {
  readonly matrix: Matrix;
  readonly scale: 'linear' | 'logged';
}

/** Values on the linear scale; logarithms of known base are brought to the usual ones by way of it. */
export async function linearOrAsGiven(matrix: Matrix, kind: InputKind, control: RunControl): Promise<Scaled> {
  const undo = undone.get(kind);
  if (undo === undefined) return { matrix, scale: asGiven.has(kind) ? 'logged' : 'linear' };
  const linear = withValues(matrix, 'float64', ({ values }, out) => {
    for (let i = 0; i < out.length; i++) out[i] = undo(values[i]);
  });
  return { matrix: log1p((await normalizeTotal(linear, 1e4, control)).matrix), scale: 'logged' };
}

function warnOfScales(reference: InputKind, query: InputKind, logger: Logger): void {
  if (asGiven.has(reference) === asGiven.has(query)) return;
  const side = asGiven.has(reference) ? 'reference' : 'query';
  logger.warning(
    `the ${side}'s values are of a kind that cannot be normalised like the other side's (${asGiven.has(reference) ? reference : query}): the baselines compare unlike scales`,
  );
}
