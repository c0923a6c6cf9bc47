/** @file A 10x Matrix Market export: a genes x cells matrix beside the names of its genes and cells. */

import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import { AnnData } from '../anndata.ts';
import { type Compressed, CsrMatrix, compress, pointers, sumRepeated, transpose } from '../csr-matrix.ts';
import { type Column, DataFrame } from '../data-frame.ts';
import type { NumericArray } from '../matrix.ts';
import { repeatedNames } from '../text/names.ts';
import { feed, type TextSource } from '../text/source.ts';
import { MatrixMarketParser } from './parse.ts';

/** The files of one export. */
export interface MatrixMarketFiles {
  readonly matrix: TextSource;
  /** `features.tsv` of Cell Ranger 3 or `genes.tsv` before: id, symbol, and since 3 the type; null when there is none. */
  readonly features: TextSource | null;
  /** `barcodes.tsv`: one cell a line; null when there is none. */
  readonly barcodes: TextSource | null;
}

/**
 * Reads a matrix of genes x cells, as single-cell pipelines write it, as cells x genes. The text is streamed; the
 * result lies in memory.
 *
 * @param path where the data come from, for messages
 * @throws InputError naming file and line when the text is broken, or names and matrix do not fit together
 */
export async function readMatrixMarket(
  path: string,
  files: MatrixMarketFiles,
  logger: Logger,
): Promise<AnnData> {
  const parser = new MatrixMarketParser(files.matrix.path);
  await feed(files.matrix, parser);
  const { rowCount: genes, columnCount: cells } = parser;
  const features = files.features && (await readLines(files.features));
  const barcodes = files.barcodes && (await readLines(files.barcodes));
  if (features !== null) requireLength(features.length, genes, 'features', 'rows', files.features!);
  if (barcodes !== null) requireLength(barcodes.length, cells, 'barcodes', 'columns', files.barcodes!);
  const missing = [features === null ? 'genes' : '', barcodes === null ? 'cells' : ''].filter(Boolean);
  if (missing.length > 0) {
    const text = `the matrix comes without names of its ${missing.join(' and ')}: numbers stand for them`;
    logger.warning(`${path}: ${text}`);
  }
  const entries = cellsByGenes(parser, path, logger);
  const cellNames = barcodes?.map((fields) => fields[0]) ?? numbers(cells);
  const repeated = repeatedNames(cellNames);
  if (repeated !== undefined) logger.warning(`${path}: names of cells repeat: ${repeated}`);
  return new AnnData({
    obs: new DataFrame(cellNames),
    var: features === null ? new DataFrame(numbers(genes)) : featureFrame(features, files.features!.path),
    X: new CsrMatrix([cells, genes], entries),
    source: path,
  });
}

function cellsByGenes(parser: MatrixMarketParser, path: string, logger: Logger): Compressed {
  const { columnCount } = parser;
  const [genes, cells, values] = [parser.rows.values, parser.columns.values, parser.values.values];
  if (isSorted(cells, genes)) return { indptr: pointers(cells, columnCount), indices: genes, values };
  const byGene = compress(genes, cells, values, parser.rowCount);
  const byCell = transpose(byGene, columnCount);
  const summed = sumRepeated({ ...byCell, values: Float64Array.from(byCell.values) }); // sums may outgrow float32
  const repeated = values.length - summed.values.length;
  if (repeated > 0) {
    logger.warning(
      `${path}: places of the matrix are given more than once; the values of ${repeated} repeated entries were added`,
    );
  }
  return { ...summed, values: narrowed(summed.values) };
}

/** As float32 where that changes no value. */
function narrowed(values: NumericArray): NumericArray {
  return values.every((value) => Math.fround(value) === value) ? Float32Array.from(values) : values;
}

/** True for entries cell by cell with ascending genes, as Cell Ranger writes them. */
function isSorted(cells: Int32Array, genes: Int32Array): boolean {
  for (let i = 1; i < cells.length; i++) {
    if (cells[i] < cells[i - 1] || (cells[i] === cells[i - 1] && genes[i] <= genes[i - 1])) return false;
  }
  return true;
}

/** Symbols name the genes where there are any; ids are kept beside them, named as scanpy names them. */
function featureFrame(features: readonly string[][], path: string): DataFrame {
  const fieldCount = Math.min(features[0]?.length ?? 1, 3); // positions of ARC features are left aside
  requireFields(features, fieldCount, path);
  const at = (field: number) => features.map((fields) => fields[field]);
  if (fieldCount === 1) return new DataFrame(at(0));
  const columns: [string, Column][] = [['gene_ids', { kind: 'string', values: at(0) }]];
  if (fieldCount > 2) columns.push(['feature_types', { kind: 'string', values: at(2) }]);
  return new DataFrame(at(1), columns);
}

function requireFields(features: readonly string[][], fieldCount: number, path: string): void {
  const line = features.findIndex((fields) => Math.min(fields.length, 3) !== fieldCount);
  if (line < 0) return;
  throw new InputError({
    what: `this line has ${features[line].length} fields, the first line ${features[0].length}`,
    where: `${path}, line ${line + 1}`,
    expected: 'id and symbol of a gene on every line, between tabs, and its type on all or none',
    reason: 'ragged_rows',
  });
}

async function readLines(source: TextSource): Promise<string[][]> {
  const lines = (await wholeText(source)).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => line.split('\t').map((field) => field.replace(/^"(.*)"$/, '$1')));
}

async function wholeText(source: TextSource): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (cause) {
      throw new InputError({
        what: 'the names are not encoded as UTF-8',
        where: source.path,
        advice: 'Save the file again as UTF-8.',
        reason: 'encoding',
        cause,
      });
    }
  };
  let text = '';
  for await (const chunk of source.bytes()) text += decode(chunk);
  return text + decode();
}

function requireLength(
  found: number,
  expected: number,
  unit: string,
  axis: string,
  { path }: TextSource,
): void {
  if (found === expected) return;
  throw new InputError({
    what: `there are ${found} ${unit}, but the matrix has ${expected} ${axis}`,
    where: path,
    expected: 'a matrix of genes x cells, with a line for every gene and every cell',
    advice: 'The files may belong to different exports.',
    reason: 'length_mismatch',
  });
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i));
}
