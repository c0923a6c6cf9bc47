/** @file Finds a model's conditions in data by the names of columns, and tells what was found. */

import type { Condition } from '../model/config.ts';
import type { AnnData } from '../single-cell/anndata.ts';
import { columnStrings, type DataFrame } from '../single-cell/data-frame.ts';
import { type ConditionRows, rowsOfValues, valuesOfTokens } from '../single-cell/tokens/conditions.ts';
import type { Vocabulary } from '../single-cell/vocabulary.ts';
import { compareCodePoints } from '../support/code-points.ts';
import { InputError } from '../support/errors.ts';
import type { Logger } from '../support/log.ts';
import { count, plural } from '../support/words.ts';

/** The tables of a data set in which conditions are looked for. */
export interface ConditionTables {
  readonly data: AnnData;
  /** The genes of the matrix in use. */
  readonly genes: DataFrame;
  /** Their tokens in `vocabulary`, -1 for none. */
  readonly tokenIds: Int32Array;
  readonly vocabulary: Vocabulary;
}

/** A condition of a model as it was found in a data set. */
export interface FoundCondition extends ConditionRows {
  /** Where it was found; null when there is no such column, and it counts as not given throughout. */
  readonly from: 'obs' | 'var' | null;
  /** Cells, or genes with a token, that have a value the model knows. */
  readonly given: number;
  /** All cells, or all genes with a token. */
  readonly total: number;
  /** Values that the model does not know; they count as not given. */
  readonly unknownValues: readonly string[];
  /** Genes whose columns have one token and several values; they count as not given. */
  readonly ambiguousGenes: readonly string[];
}

/** Looks for each condition in obs or var. */
export function findConditions(
  conditions: readonly Condition[],
  tables: ConditionTables,
): readonly FoundCondition[] {
  return conditions.map(({ name, of, values: known }) => {
    const { values, total, ambiguousGenes } = valuesIn(name, of, tables);
    const { rows, unknown } = rowsOfValues(values ?? emptyValues(of, tables), known);
    const from = values === undefined ? null : of === 'cells' ? 'obs' : 'var';
    const given = rows.reduce((sum, row) => sum + (row > 0 ? 1 : 0), 0);
    return { name, of, rows, from, given, total, unknownValues: unknown, ambiguousGenes };
  });
}

/** A column's values of cells or of tokens; undefined when there is no such column. */
function valuesIn(
  name: string,
  of: Condition['of'],
  { data, genes, tokenIds, vocabulary }: ConditionTables,
): {
  readonly values: readonly (string | null)[] | undefined;
  readonly total: number;
  readonly ambiguousGenes: readonly string[];
} {
  const column = (of === 'cells' ? data.obs : genes).columns.get(name);
  const values = column && columnStrings(column);
  if (of === 'cells') return { values, total: data.nObs, ambiguousGenes: [] };
  const total = new Set(tokenIds.filter((token) => token >= 0)).size;
  if (values === undefined) return { values, total, ambiguousGenes: [] };
  const found = valuesOfTokens(values, tokenIds, vocabulary.size);
  const ambiguousGenes = found.disagreeing.map((token) => vocabulary.tokens[token]);
  return { values: found.values, total, ambiguousGenes };
}

function emptyValues(of: Condition['of'], { data, vocabulary }: ConditionTables): readonly null[] {
  return new Array<null>(of === 'cells' ? data.nObs : vocabulary.size).fill(null);
}

/**
 * Conditions out of columns of several data sets: of cells where one of them has the column in obs, else of genes. The
 * values are those of all data sets, sorted by code point.
 *
 * @throws InputError when no data set has a column of that name, or it is empty
 */
export function newConditions(
  names: readonly string[],
  sources: readonly ConditionTables[],
  logger: Logger,
): readonly Condition[] {
  return names.map((name) => {
    const of = sources.some(({ data }) => data.obs.columns.has(name)) ? 'cells' : 'genes';
    const columns = sources.map((tables) => valuesIn(name, of, tables));
    if (columns.every(({ values }) => values === undefined)) throw noColumn(name, sources);
    const known = columns.flatMap(({ values = [] }) => values.filter((value) => value !== null));
    const values = [...new Set(known)].sort(compareCodePoints);
    if (values.length === 0) {
      throw new InputError({
        what: `the column '${name}' has no value at all`,
        where: of === 'cells' ? 'obs' : 'var',
        expected: 'a value for at least some',
        reason: 'condition_empty',
      });
    }
    if (values.length > 1 && 2 * values.length > known.length) {
      logger.warning(
        `condition '${name}' has ${count(values.length)} values for ${count(known.length)} ${of}: is it a category?`,
      );
    }
    return { name, of, values };
  });
}

function noColumn(name: string, sources: readonly ConditionTables[]): InputError {
  const [{ data, genes }] = sources;
  const names = (table: DataFrame) => [...table.columns.keys()].join(', ') || 'no columns';
  return new InputError({
    what: `there is no column '${name}' for a condition`,
    expected: `a column of obs (${names(data.obs)}) or of var (${names(genes)})`,
    reason: 'column_missing',
  });
}

/** Longest list of values or genes in a message. */
const namedAtMost = 5;

/**
 * Tells what became of each condition.
 *
 * @param missing how loud to say that data have no such column
 * @param label what to call the data set, with what parts it from the message
 */
export function tellConditions(
  found: readonly FoundCondition[],
  logger: Logger,
  { missing, label = '' }: { readonly missing: 'warning' | 'info'; readonly label?: string },
): void {
  for (const { name, of, from, given, total, unknownValues, ambiguousGenes } of found) {
    const condition = `${label}condition '${name}'`;
    if (from === null) {
      const table = of === 'cells' ? 'obs' : 'var';
      logger[missing](`${condition} is not given: ${table} has no column of that name`);
      continue;
    }
    logger.info(`${condition}: ${from} gives it for ${count(given)} of ${count(total)} ${of}`);
    if (unknownValues.length > 0) {
      logger.warning(
        `${condition} has ${plural(unknownValues.length, 'value')} that the model does not know and takes as not given: ${listed(unknownValues)}`,
      );
    }
    if (ambiguousGenes.length > 0) {
      logger.warning(
        `${condition} has several values for one gene, which counts as not given: ${listed(ambiguousGenes)}`,
      );
    }
  }
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, namedAtMost).join(', ')}${names.length > namedAtMost ? ', ...' : ''}`;
}
