/** @file A table in text, cells x genes or genes x cells, as AnnData. */

import type { Logger } from '../../support/log.ts';
import { AnnData } from '../anndata.ts';
import { type Compressed, CsrMatrix, transpose } from '../csr-matrix.ts';
import { DataFrame } from '../data-frame.ts';
import { repeatedNames } from '../text/names.ts';
import { feed, type TextSource } from '../text/source.ts';
import { type KnowsGene, orientationOf } from './orientation.ts';
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
  const orientation = await orientationOf(parser.corner, rowNames, columnNames, symbols);
  logger.info(`${path}: rows are read as ${orientation.rows}: ${orientation.reason}`);
  const table: Compressed = {
    indptr: Float64Array.from(parser.rowBegins),
    indices: parser.indices.values,
    values: parser.values.values,
  };
  const turned = orientation.rows === 'genes';
  const [cells, genes] = turned ? [columnNames, rowNames] : [rowNames, columnNames];
  warnOfRepeated('cells', cells, path, logger);
  warnOfRepeated('genes', genes, path, logger);
  warnOfNumbers(columnNames, path, logger);
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

function warnOfNumbers(columnNames: readonly string[], path: string, logger: Logger): void {
  if (columnNames.length === 0 || !columnNames.every((name) => /^-?\d*\.?\d+$/.test(name))) return;
  logger.warning(
    `${path}: the names in the first line are all numbers; if the table has no header, its first row is lost as one`,
  );
}
