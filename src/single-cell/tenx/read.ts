/** @file 10x Genomics HDF5 matrices, as Cell Ranger 2 and 3 write them and other tools after them. */

import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import { AnnData } from '../anndata.ts';
import { type Column, DataFrame } from '../data-frame.ts';
import { StoredCsrMatrix } from '../encoding/sparse.ts';
import { type ElementStore, join } from '../encoding/store.ts';
import { repeatedNames } from '../text/names.ts';
import { Float32Rows } from './float32-rows.ts';

/** True for a file that holds a 10x matrix, even a broken one, and no AnnData. */
export function isTenx(file: ElementStore): boolean {
  const keys = file.keys('');
  return !keys.includes('obs') && !keys.includes('var') && matrixGroups(file, keys).length > 0;
}

function matrixGroups(file: ElementStore, keys: readonly string[]): string[] {
  return keys.filter((key) => {
    if (!file.isGroup(key)) return false;
    const inside = new Set(file.keys(key));
    const named = inside.has('features') || inside.has('genes') || inside.has('barcodes');
    return named && inside.has('indptr') && inside.has('shape');
  });
}

/**
 * Reads the one matrix of a file. Rows are streamed: the file holds genes x cells by columns, so a cell is a row.
 *
 * Cell Ranger 2 keeps a matrix for each genome; then the human genome is taken, or else the first, and the logger
 * hears of it. Features that are no genes, such as antibodies, stay in, told apart by `var.feature_types`.
 *
 * @throws InputError naming the part that is missing or does not fit
 */
export async function readTenx(file: ElementStore, logger: Logger): Promise<AnnData> {
  const group = chooseGroup(file, logger);
  const shape = await file.dataset(join(group, 'shape')).numbers();
  const [genes, cells] = [Number(shape[0]), Number(shape[1])];
  const barcodes = await file.dataset(join(group, 'barcodes')).text();
  const features = file.isGroup(join(group, 'features'))
    ? await newFeatures(file, join(group, 'features'))
    : await oldFeatures(file, group);
  requireLength(file, join(group, 'barcodes'), barcodes.length, cells, 'columns (cells)');
  requireLength(file, group, features.length, genes, 'rows (genes)');
  const repeated = repeatedNames(barcodes);
  if (repeated !== undefined) logger.warning(`${file.path}: barcodes repeat: ${repeated}`);
  return new AnnData({
    obs: new DataFrame(barcodes),
    var: features,
    X: new Float32Rows(new StoredCsrMatrix(file, group, [cells, genes]), file.where(group)),
    source: file.path,
    onClose: () => file.close(),
  });
}

function chooseGroup(file: ElementStore, logger: Logger): string {
  const groups = matrixGroups(file, file.keys(''));
  const human = groups.find((group) => /^(hg|grch|human)/i.test(group));
  const chosen = human ?? groups[0];
  if (groups.length > 1) {
    logger.warning(
      `${file.path}: it holds matrices of ${groups.length} genomes, ${groups.join(', ')}; ${chosen} is read, the others are left out`,
    );
  }
  return chosen;
}

/** Cell Ranger 2: ids and symbols beside the matrix. */
async function oldFeatures(file: ElementStore, group: string): Promise<DataFrame> {
  const ids = await file.dataset(join(group, 'genes')).text();
  const names = await file.dataset(join(group, 'gene_names')).text();
  requireLength(file, join(group, 'gene_names'), names.length, ids.length, 'gene ids');
  return new DataFrame(names, [['gene_ids', { kind: 'string', values: ids }]]);
}

/** The columns' names in scanpy, which users know. */
const columnNames = new Map([
  ['id', 'gene_ids'],
  ['feature_type', 'feature_types'],
]);

/** Since Cell Ranger 3: a table of features, with further columns for antibodies and guides. */
async function newFeatures(file: ElementStore, group: string): Promise<DataFrame> {
  const names = await file.dataset(join(group, 'name')).text();
  const first = ['id', 'feature_type', 'genome'].filter((key) => file.has(join(group, key)));
  const others = file.keys(group).filter((key) => key !== 'name' && !first.includes(key));
  const columns: [string, Column][] = [];
  for (const key of [...first, ...others]) {
    const path = join(group, key);
    if (!file.isDataset(path) || file.dataset(path).type.kind !== 'text') continue;
    const values = await file.dataset(path).text();
    if (first.includes(key)) requireLength(file, path, values.length, names.length, 'feature names');
    else if (key.startsWith('_') || values.length !== names.length) continue; // a list of tags, a panel's genes
    columns.push([columnNames.get(key) ?? key, { kind: 'string', values }]);
  }
  return new DataFrame(names, columns);
}

function requireLength(
  file: ElementStore,
  path: string,
  found: number,
  expected: number,
  unit: string,
): void {
  if (found === expected) return;
  throw new InputError({
    what: `there are ${found} names, but ${expected} ${unit}`,
    where: file.where(path),
    reason: 'length_mismatch',
  });
}
