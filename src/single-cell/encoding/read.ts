/** @file Reading a store as an AnnData, of every layout that anndata has written since 0.6. */

import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { AnnDataParts, Annotation, Raw } from '../anndata.ts';
import type { DataFrame } from '../data-frame.ts';
import type { Matrix } from '../matrix.ts';
import { denseArray } from './dense.ts';
import { encodingOf, type ReadContext } from './encodings.ts';
import { readFrame } from './frames.ts';
import { isSparse, readMatrices, readMatrix } from './matrices.ts';
import { type ElementStore, join } from './store.ts';
import { readDictionary } from './unstructured.ts';

const knownGroups = new Set(['X', 'layers', 'obs', 'var', 'obsm', 'varm', 'obsp', 'varp', 'uns', 'raw']);

/** Keys in which anndata 0.6 kept `raw`. */
const olderRaw = new Set(['raw.X', 'raw.var', 'raw.varm', 'raw.cat']);

/**
 * Reads the tables and opens the matrices of a store; their values are streamed when asked for.
 *
 * @throws InputError when obs or var is missing or the parts do not fit together
 */
export async function readParts(file: ElementStore, logger: Logger): Promise<AnnDataParts> {
  const context = { file, logger };
  const obs = await readNames(context, 'obs', 'cells');
  const genes = await readNames(context, 'var', 'genes');
  const shape = [obs.length, genes.length] as const;
  const X = holdsSomething(file, 'X') ? readX(context, shape) : null;
  const layers = readMatrices(context, 'layers', shape);
  for (const [name, layer] of layers) requireShape(layer, shape, file.path, join('layers', name));
  const raw = await readRaw(context, shape[0]);
  if (X === null) explainNoX(context, layers, raw);
  reportUnknownGroups(context);
  return {
    obs,
    var: genes,
    X,
    layers,
    raw,
    obsm: await readAnnotations(context, 'obsm', shape[0]),
    varm: await readAnnotations(context, 'varm', shape[1]),
    obsp: await readAnnotations(context, 'obsp', shape[0]),
    varp: await readAnnotations(context, 'varp', shape[1]),
    uns: withoutCategories(context, await readDictionary(context, 'uns')),
    source: file.path,
    onClose: () => file.close(),
  };
}

/** The tables and annotations of a store that holds no matrix of its own, such as the whole of several modalities. */
export async function readTables(
  file: ElementStore,
  logger: Logger,
): Promise<Pick<AnnDataParts, 'obs' | 'var' | 'uns'> & Required<Pick<AnnDataParts, 'obsm' | 'obsp'>>> {
  const context = { file, logger };
  const obs = await readNames(context, 'obs', 'cells');
  return {
    obs,
    var: await readNames(context, 'var', 'genes'),
    obsm: await readAnnotations(context, 'obsm', obs.length),
    obsp: await readAnnotations(context, 'obsp', obs.length),
    uns: withoutCategories(context, await readDictionary(context, 'uns')),
  };
}

/** False where there is nothing, and where None is stored. */
function holdsSomething(file: ElementStore, path: string): boolean {
  return file.has(path) && (file.isGroup(path) || file.dataset(path).shape !== null);
}

async function readNames(context: ReadContext, path: 'obs' | 'var', unit: string): Promise<DataFrame> {
  if (!context.file.has(path)) {
    throw new InputError({
      what: `there is no ${path}, which holds the ${path === 'obs' ? 'cell' : 'gene'} names`,
      where: context.file.path,
      reason: `missing_${path}`,
    });
  }
  const frame = await readFrame(context, path, unit);
  reportRepeats(context, path, frame.index);
  return frame;
}

function reportRepeats({ file, logger }: ReadContext, path: string, names: readonly string[]): void {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const repeated = [...counts].filter(([, count]) => count > 1);
  if (repeated.length === 0) return;
  const examples = repeated.slice(0, 3).map(([name, count]) => `${name} (${count} times)`);
  logger.warning(
    `${file.where(path)}: ${repeated.length} names are not unique, such as ${examples.join(', ')}`,
  );
}

/** A matrix whose shape disagrees with obs and var is refused: whose cells they are would be a guess. */
function readX(context: ReadContext, shape: readonly [number, number]): Matrix {
  const X = readMatrix(context, 'X', shape);
  requireShape(X, shape, context.file.path, 'X');
  return X;
}

function requireShape(
  matrix: Matrix,
  [cells, genes]: readonly [number, number],
  where: string,
  path: string,
): void {
  const [rows, columns] = matrix.shape;
  if (rows === cells && columns === genes) return;
  const found =
    rows === cells
      ? `${path} has ${columns} columns, but var has ${genes} rows`
      : `${path} has ${rows} rows, but obs has ${cells} rows`;
  throw new InputError({
    what: `${path} says ${rows} x ${columns}: ${found}`,
    where,
    reason: 'length_mismatch',
  });
}

async function readRaw(context: ReadContext, cells: number): Promise<Raw | null> {
  const { file } = context;
  const older = file.has('raw.X');
  if (!older && !(file.has('raw') && file.isGroup('raw'))) return null;
  const at = (part: string) => (older ? `raw.${part}` : join('raw', part));
  if (!file.has(at('X')) || !file.has(at('var'))) {
    throw new InputError({
      what: 'raw lacks its X or its var',
      where: file.where('raw'),
      reason: 'missing_raw',
    });
  }
  const genes = await readFrame(context, at('var'), 'genes');
  const shape = [cells, genes.length] as const;
  const X = readMatrix(context, at('X'), shape);
  requireShape(X, shape, file.path, at('X'));
  return { X, var: genes, varm: new Map(await readAnnotations(context, at('varm'), genes.length)) };
}

/** Cells without expression can be told of by embeddings alone, as in a saved reference. */
function explainNoX(
  { file, logger }: ReadContext,
  layers: readonly [string, Matrix][],
  raw: Raw | null,
): void {
  if (layers.length === 0 && raw === null) {
    if (file.has('obsm') && file.keys('obsm').length > 0) {
      logger.info(`${file.path} has no X, layer or raw, but embeddings`);
      return;
    }
    throw new InputError({
      what: 'there is no X, no layer and no raw: the file holds no expression values',
      where: file.path,
      reason: 'no_matrix',
    });
  }
  const offers = [...layers.map(([name]) => `the layer ${name}`), ...(raw === null ? [] : ['raw'])];
  logger.info(`${file.path} has no X; there is ${offers.join(', ')}`);
}

function reportUnknownGroups({ file, logger }: ReadContext): void {
  for (const key of file.keys('')) {
    if (!knownGroups.has(key) && !olderRaw.has(key))
      logger.warning(`${file.path}: unknown group ${key} ignored`);
  }
}

/** The elements of obsm, varm, obsp or varp; those not understood are left out, with a warning. */
async function readAnnotations(
  context: ReadContext,
  group: string,
  length: number,
): Promise<[string, Annotation][]> {
  const { file } = context;
  if (file.has(group) && file.isDataset(group)) return recordAnnotations(context, group);
  const found: [string, Annotation][] = [];
  for (const key of file.keys(group)) {
    const path = join(group, key);
    const element = await readAnnotation(context, path);
    if (element === undefined) continue;
    requireRows(element, length, file.where(path));
    found.push([key, element]);
  }
  return found;
}

async function readAnnotation(context: ReadContext, path: string): Promise<Annotation | undefined> {
  const { file, logger } = context;
  if (isSparse(context, path)) return readMatrix(context, path);
  if (file.isDataset(path)) {
    const dataset = file.dataset(path);
    const pairwise = path.startsWith('obsp/') || path.startsWith('varp/');
    if (dataset.type.kind === 'number') return pairwise ? readMatrix(context, path) : denseArray(dataset);
  } else if (encodingOf(context, path) === 'dataframe') {
    return readFrame(context, path, 'rows');
  }
  const encoding = encodingOf(context, path) ?? 'an unknown encoding';
  logger.warning(`${file.where(path)}: ${encoding} is not understood and left out`);
  return undefined;
}

/** anndata 0.6 kept obsm as one compound dataset with a field for each array. */
async function recordAnnotations({ file }: ReadContext, group: string): Promise<[string, Annotation][]> {
  const dataset = file.dataset(group);
  return [...(await dataset.records())].flatMap(([name, { type, shape, values }]) => {
    if (type.kind !== 'number') return [];
    const whole = [dataset.size, ...(shape.length === 0 ? [1] : shape)];
    return [[name, { kind: 'dense', dtype: type.dtype, shape: whole, values: values as never }]];
  });
}

function requireRows(element: Annotation, length: number, where: string): void {
  const rows = 'shape' in element ? element.shape[0] : element.length;
  if (rows === length) return;
  throw new InputError({
    what: `it has ${rows} rows`,
    where,
    expected: `${length} rows`,
    reason: 'length_mismatch',
  });
}

/** anndata 0.6 kept the categories of obs and var columns in uns, where they are no data of their own. */
function withoutCategories<V>({ file }: ReadContext, uns: Map<string, V>): Map<string, V> {
  if (!file.has('obs') || !file.isDataset('obs')) return uns;
  return new Map([...uns].filter(([key]) => !key.endsWith('_categories')));
}
