/** @file The embeddings of an AnnData that can be scored. */

import { finiteRows, type Points, pointsOf } from '../../analysis/points.ts';
import type { AnnData, Annotation, DenseArray } from '../../single-cell/anndata.ts';
import { DataFrame } from '../../single-cell/data-frame.ts';
import { InputError } from '../../support/errors.ts';

/** Cells as points, under a name. */
export interface NamedPoints {
  /** The key in obsm. */
  readonly name: string;
  readonly points: Points; // [cells, dimensions]
}

/** Entries of obsm that draw cells in the plane: their distances mean little. */
const layouts = /umap|tsne|draw_graph|diffmap|spatial|phate|mde/i;

/**
 * The entries of obsm that were asked for; without a request, all that are embeddings: tables of numbers with more
 * than two columns that are no layout such as X_umap.
 *
 * @throws InputError when one is missing, is no embedding or has no cell without NaN; naming what there is
 */
export function embeddingsOf(data: AnnData, asked: readonly string[] | undefined): NamedPoints[] {
  const names = asked ?? embeddingNames(data);
  return names.map((name) => embeddingOf(data, name, '--embedding'));
}

/** One entry of obsm. */
export function embeddingOf(data: AnnData, name: string, option: string): NamedPoints {
  const found = data.obsm.get(name);
  const where = `obsm/${name}`;
  if (found === undefined) {
    const names = [...data.obsm.keys()];
    throw new InputError({
      what: `there is no embedding '${name}'`,
      where: `obsm, ${option}`,
      expected: names.length === 0 ? undefined : `one of ${names.join(', ')}`,
      advice: names.length === 0 ? 'The file has no embeddings: make one with `scgpt embed`' : undefined,
      reason: 'embedding_missing',
    });
  }
  const table = found instanceof DataFrame ? tableOf(found) : found;
  if (!isDense(table) || table.shape.length !== 2) {
    throw new InputError({
      what: 'it is no table of numbers',
      where,
      expected: 'one row of numbers for each cell',
      reason: 'embedding_shape',
    });
  }
  const points = pointsOf(floating(table));
  if (points.dimensions === 0 || finiteRows(points).length === 0) {
    throw new InputError({
      what: points.dimensions === 0 ? 'it has no dimensions' : 'every cell has NaN or infinite values',
      where,
      expected: 'finite numbers, at least for some cells',
      reason: 'embedding_not_finite',
    });
  }
  return { name, points };
}

function embeddingNames({ obsm }: AnnData): string[] {
  return Array.from(obsm)
    .filter(([name, entry]) => {
      if (layouts.test(name)) return false;
      const columns = entry instanceof DataFrame ? entry.columns.size : (entry.shape[1] ?? 0);
      return columns > 2 && (entry instanceof DataFrame ? tableOf(entry) !== null : isDense(entry));
    })
    .map(([name]) => name);
}

function isDense(entry: Annotation | null): entry is DenseArray {
  return entry !== null && 'kind' in entry && entry.kind === 'dense';
}

/** A table whose columns are all numbers, as some tools keep embeddings; null for others. */
function tableOf(frame: DataFrame): DenseArray | null {
  const columns = [...frame.columns.values()];
  const width = columns.length;
  const values = new Float64Array(frame.length * width);
  for (let place = 0; place < width; place++) {
    const column = columns[place];
    if (column.kind !== 'number') return null;
    for (let row = 0; row < frame.length; row++) values[row * width + place] = column.values[row];
  }
  return { kind: 'dense', dtype: 'float64', shape: [frame.length, width], values };
}

/** The array with whole numbers as float64, which holds all of them. */
function floating(array: DenseArray): DenseArray {
  const { values } = array;
  if (values instanceof Float32Array || values instanceof Float64Array) return array;
  return { ...array, dtype: 'float64', values: Float64Array.from(values) };
}
