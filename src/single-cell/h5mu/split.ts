/** @file One AnnData that holds several modalities, in its features or in a table of obsm, as an AnnData for each. */

import { InputError } from '../../support/errors.ts';
import { AnnData } from '../anndata.ts';
import { CsrMatrix } from '../csr-matrix.ts';
import { DataFrame } from '../data-frame.ts';
import type { Matrix } from '../matrix.ts';
import { selectGenes } from '../preprocess/views.ts';
import { columnRows } from '../subset.ts';

/** Columns of var that tell the modality of a feature: 10x Genomics' name first. */
const featureTypeColumns = ['feature_types', 'feature_type', 'modality'];

/** The column of var that tells features' modalities apart, if there is one and it tells of several. */
export function featureTypeColumn({ var: features }: AnnData): string | undefined {
  return featureTypeColumns.find(
    (name) => features.columns.has(name) && new Set(features.strings(name, 'var')).size > 1,
  );
}

/**
 * Features by their type, in the order in which types come first: `Gene Expression`, `Peaks`, `Antibody Capture` of
 * 10x Genomics, or whatever the column says. Layers are split with X; what is of the cells stays with each.
 *
 * @throws InputError when a feature has no type
 */
export function splitByFeatureType(data: AnnData, column: string): Map<string, AnnData> {
  const types = data.var.strings(column, 'var');
  const missing = types.indexOf(null);
  if (missing >= 0) {
    throw new InputError({
      what: `the feature ${data.var.index[missing]} has no type`,
      where: `${data.source ?? 'the data'}, var/${column}`,
      expected: 'a type for every feature',
      reason: 'missing_feature_type',
    });
  }
  const names = [...new Set(types as string[])];
  return new Map(
    names.map((name) => {
      const columns = Int32Array.from(types.keys()).filter((i) => types[i] === name);
      return [name, withFeatures(data, columns)];
    }),
  );
}

function withFeatures(data: AnnData, columns: Int32Array): AnnData {
  const { obs, var: features, X, layers, source } = data;
  const view = (matrix: Matrix) => selectGenes(matrix, columns);
  return new AnnData({
    obs,
    var: new DataFrame(
      Array.from(columns, (i) => features.index[i]),
      Array.from(features.columns, ([key, column]) => [key, columnRows(column, columns)]),
      features.indexName,
    ),
    X: X === null ? null : view(X),
    layers: Array.from(layers, ([key, layer]) => [key, view(layer)]),
    source,
  });
}

/**
 * A table or array of obsm as the matrix of a modality, as counts of antibodies are often kept.
 *
 * @throws InputError when there is no such entry, or it holds no numbers
 */
export function modalityOfObsm(data: AnnData, key: string): AnnData {
  const { obs, obsm, source } = data;
  const where = source === undefined ? `obsm/${key}` : `${source}, obsm/${key}`;
  const entry = obsm.get(key);
  if (entry === undefined) {
    throw new InputError({
      what: `there is no entry '${key}' in obsm`,
      where: source ?? 'the data',
      expected: obsm.size === 0 ? 'obsm is empty' : `one of ${[...obsm.keys()].join(', ')}`,
      reason: 'obsm_missing',
    });
  }
  const { names, columns } =
    entry instanceof DataFrame ? columnsOf(entry, where) : arrayColumns(entry, where);
  return new AnnData({
    obs,
    var: new DataFrame(names),
    X: matrixOfColumns(columns, obs.length),
    source: where,
  });
}

interface NamedColumns {
  readonly names: readonly string[];
  readonly columns: readonly ArrayLike<number>[];
}

function columnsOf(frame: DataFrame, where: string): NamedColumns {
  const columns = Array.from(frame.columns, ([name, column]) => {
    if (column.kind === 'number') return column.values;
    throw new InputError({
      what: `the column ${name} holds no numbers (${column.kind})`,
      where,
      expected: 'counts',
      reason: 'not_numbers',
    });
  });
  return { names: [...frame.columns.keys()], columns };
}

function arrayColumns(
  entry: Exclude<ReturnType<AnnData['obsm']['get']>, DataFrame | undefined>,
  where: string,
): NamedColumns {
  if (!('kind' in entry) || entry.shape.length !== 2) {
    throw new InputError({
      what: 'the entry is no table of numbers',
      where,
      expected: 'a data frame or a dense array, cells in rows',
      reason: 'not_numbers',
    });
  }
  const [rows, width] = entry.shape;
  const { values } = entry;
  return {
    names: Array.from({ length: width }, (_, j) => `feature_${j + 1}`),
    columns: Array.from({ length: width }, (_, j) =>
      Float64Array.from({ length: rows }, (_, row) => values[row * width + j]),
    ),
  };
}

/** Columns side by side, zeros left out. */
function matrixOfColumns(columns: readonly ArrayLike<number>[], rows: number): CsrMatrix {
  const indptr = new Float64Array(rows + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (const [j, column] of columns.entries()) {
      if (column[row] === 0) continue;
      indices.push(j);
      values.push(column[row]);
    }
    indptr[row + 1] = indices.length;
  }
  return new CsrMatrix([rows, columns.length], {
    indptr,
    indices: Int32Array.from(indices),
    values: Float32Array.from(values),
  });
}
