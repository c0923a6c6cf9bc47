/** @file A table in text, cells x genes or genes x cells, as AnnData. */

import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import { AnnData } from '../anndata.ts';
import { type Compressed, CsrMatrix, transpose } from '../csr-matrix.ts';
import { DataFrame } from '../data-frame.ts';
import { repeatedNames } from '../text/names.ts';
import { feed, type TextSource } from '../text/source.ts';
import { byCorner, type KnowsGene, orientationOf } from './orientation.ts';
import { TableParser } from './parse.ts';

/**
 * Reads a table with names at its top and left. The text is streamed and its non-zero numbers are kept, exactly as
 * they are written: as float32 where that holds them all, or else as float64.
 *
 * @param logger hears which way the table lies and why, and which names repeat
 * @throws InputError naming file, line and column of what is no number, missing or ragged
 */
export async function readDelimited(source: TextSource, logger: Logger): Promise<AnnData> {
  const { path } = source;
  const parser = new TableParser(path);
  await feed(source, parser);
  const { rowNames, columnNames } = parser;
  checkHeader(columnNames, path, logger);
  checkRowNames(parser.corner, rowNames, path, logger);
  const orientation = await orientationOf(parser.corner, rowNames, columnNames, symbols);
  const lies = `${path}: rows are read as ${orientation.rows}: ${orientation.reason}`;
  if (orientation.told) logger.info(lies);
  else logger.warning(lies);
  const table: Compressed = {
    indptr: Float64Array.from(parser.rowBegins),
    indices: parser.indices.values,
    values: parser.values.values,
  };
  const turned = orientation.rows === 'genes';
  const [cells, genes] = turned ? [columnNames, rowNames] : [rowNames, columnNames];
  warnOfRepeated('cells', cells, path, logger);
  warnOfRepeated('genes', genes, path, logger);
  return new AnnData({
    obs: new DataFrame(cells),
    var: new DataFrame(genes),
    X: new CsrMatrix([cells.length, genes.length], turned ? transpose(table, cells.length) : table),
    source: path,
  });
}

async function symbols(): Promise<KnowsGene> {
  const { loadGeneTables } = await import('../genes/load.ts');
  const tables = await loadGeneTables();
  return (name) => tables.namedInAnyCase('approved', name).length > 0;
}

function warnOfRepeated(unit: string, names: readonly string[], path: string, logger: Logger): void {
  const repeated = repeatedNames(names);
  if (repeated !== undefined) logger.warning(`${path}: names of ${unit} repeat: ${repeated}`);
}

/** Values where names should be: certain when they repeat, for ids may be numbers but not the same ones. */
function checkHeader(columnNames: readonly string[], path: string, logger: Logger): void {
  if (!areNumbers(columnNames)) return;
  const what = 'the names in the first line are all numbers';
  if (repeatedNames(columnNames) === undefined) {
    logger.warning(`${path}: ${what}; if the table has no header, its first row is lost as one`);
    return;
  }
  throw new InputError({
    what: `${what}, some of them the same: the table has no header`,
    where: path,
    expected: 'a first line of names',
    advice: 'Put the names of the columns above them.',
    reason: 'no_header',
  });
}

/** A corner that says what the rows are, or is empty, stands above names; any other may head values. */
function checkRowNames(
  corner: string | null,
  rowNames: readonly string[],
  path: string,
  logger: Logger,
): void {
  const headsNames = corner === null || /^\s*(index|id|unnamed: 0)?\s*$/i.test(corner);
  if (headsNames || byCorner(corner) !== undefined || !areNumbers(rowNames)) return;
  const what = `the first column, '${corner}', holds numbers where the names of the rows are expected`;
  const advice = "Put names first; if these are names, write 'cell' or 'gene' above them.";
  if (repeatedNames(rowNames) === undefined) {
    logger.warning(`${path}: ${what}; they are read as names. ${advice}`);
    return;
  }
  throw new InputError({
    what,
    where: path,
    expected: 'a first column of names',
    advice,
    reason: 'no_names',
  });
}

function areNumbers(names: readonly string[]): boolean {
  return names.length > 0 && names.every((name) => /^[+-]?\d*\.?\d+(e[+-]?\d+)?$/i.test(name));
}
