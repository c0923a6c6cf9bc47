/** @file What joining modalities adds to the data: embeddings, weights, clusters, map, predictions, and the record. */

import type { LoadedModel } from '../../model/folder.ts';
import type { Additions } from '../../single-cell/additions.ts';
import type { AnnData, Annotation, DenseArray, Unstructured } from '../../single-cell/anndata.ts';
import type { Column } from '../../single-cell/data-frame.ts';
import { version } from '../../support/version.ts';
import { modelRecord } from '../model.ts';
import type { MultiomeResult } from './multiome.ts';
import { neighbourMatrices } from './neighbour-matrices.ts';

/** Names of what is added. */
export const multiomeNames = {
  joint: 'X_scGPT_joint',
  cell: 'X_scGPT_cell',
  components: 'X_scGPT_components',
  layout: 'X_umap_scgpt',
  cluster: 'scgpt_cluster',
  connectivities: 'scgpt_connectivities',
  distances: 'scgpt_distances',
  neighbours: 'scgpt_neighbors',
  imputed: (modality: string) => `scgpt_imputed_${modality}`,
  weight: (modality: string) => `scgpt_weight_${modality}`,
  record: 'scgpt_multiome',
} as const;

/**
 * Results of some of the paired cells, in their order.
 *
 * @param cells rows among the paired cells, -1 for a cell that has no result
 */
export function multiomeAdditions(result: MultiomeResult, model: LoadedModel, cells: Int32Array): Additions {
  const { joint, cellEmbedding, layout, clusters, components, jointCells, modalities } = result;
  const names = multiomeNames;
  const obs: [string, Column][] = [
    [
      names.cluster,
      {
        kind: 'categorical',
        codes: cells.map((cell) => clusters.codes[cell] ?? -1),
        categories: [...clusters.groups],
        ordered: false,
      },
    ],
    ...modalities.map(({ name }, side): [string, Column] => [
      names.weight(name),
      {
        kind: 'number',
        dtype: 'float64',
        values: Float64Array.from(cells, (cell) => jointCells.weights[cell * 2 + side] ?? Number.NaN),
      },
    ]),
  ];
  const obsm: [string, Annotation][] = [
    [names.joint, rowsOf(joint, cells)],
    [names.cell, rowsOf(cellEmbedding, cells)],
    [names.components, rowsOf(arrayOf(components.points), cells)],
    [names.layout, rowsOf(layout, cells)],
    ...writtenImputations(result).map(({ name, predicted }): [string, Annotation] => [
      names.imputed(name),
      rowsOf(arrayOf(predicted), cells),
    ]),
  ];
  const { neighbours, rows } = jointCells;
  const { connectivities, distances } = neighbourMatrices({ graph: result.graph, neighbours, rows }, cells);
  return {
    obs,
    obsm,
    obsp: [
      [names.connectivities, connectivities],
      [names.distances, distances],
    ],
    uns: [
      [names.neighbours, neighboursRecord(result)],
      [names.record, recordOf(result, model)],
    ],
  };
}

/** Predictions that are written: of the other modality, and of RNA where cells lack it. */
function writtenImputations({ imputation, rnaImputation, modalities, cells }: MultiomeResult) {
  const [rna, other] = modalities;
  const lacksRna = rna.members.length < cells.names.length;
  return [
    ...(imputation === null ? [] : [{ name: other.name, ...imputation }]),
    ...(rnaImputation === null || !lacksRna ? [] : [{ name: rna.name, ...rnaImputation }]),
  ];
}

/** Rows of the paired cells that RNA has, in RNA's order. */
export function cellsOfRna({ cells }: MultiomeResult, rna: AnnData): Int32Array {
  return Int32Array.from({ length: rna.nObs }, (_, row) => row).map((row) => cells.rows[0].indexOf(row));
}

function arrayOf({ values, count, dimensions }: MultiomeResult['components']['points']): DenseArray {
  return {
    kind: 'dense',
    dtype: 'float32',
    shape: [count, dimensions],
    values: Float32Array.from(values),
  };
}

function rowsOf({ dtype, shape, values }: DenseArray, cells: Int32Array): DenseArray {
  const [, width] = shape;
  const some = new Float32Array(cells.length * width).fill(Number.NaN);
  cells.forEach((cell, i) => {
    if (cell >= 0) some.set(values.subarray(cell * width, (cell + 1) * width), i * width);
  });
  return { kind: 'dense', dtype, shape: [cells.length, width], values: some };
}

/** Where scanpy finds the neighbours: `sc.tl.leiden(adata, neighbors_key='scgpt_neighbors')`. */
function neighboursRecord({
  jointCells: { neighbours, weighted },
}: MultiomeResult): Map<string, Unstructured> {
  return new Map<string, Unstructured>([
    ['connectivities_key', multiomeNames.connectivities],
    ['distances_key', multiomeNames.distances],
    [
      'params',
      new Map<string, Unstructured>([
        ['n_neighbors', neighbours.k + 1],
        ['method', 'umap'],
        ['metric', weighted ? 'weighted nearest neighbours' : 'euclidean'],
        ['use_rep', multiomeNames.joint],
      ]),
    ],
  ]);
}

/** Every choice that shaped the numbers. */
function recordOf(result: MultiomeResult, model: LoadedModel): Map<string, Unstructured> {
  const { settings, trust, jointCells, modalities, tuned, device, batch } = result;
  const record = new Map<string, Unstructured>([
    ['version', version],
    ['model', modelRecord(model)],
    ['method', jointCells.method],
    ['batch_key', batch?.name ?? 'none'],
    ['device', device],
    ['new_tokens', tuned.newTokens],
    ['settings', new Map(Object.entries(settings).map(([name, value]) => [name, value ?? 'none']))],
    [
      'modalities',
      new Map(
        modalities.map(({ name, method, members }, side): [string, Unstructured] => [
          name,
          new Map<string, Unstructured>([
            ['method', method],
            ['cells', members.length],
            ['has_a_say', trust[side].trust === 1 ? 'yes' : 'no'],
            ['reason', trust[side].reason],
            ['reproducibility', number(trust[side].reproducibility)],
            ['explains_other', number(trust[side].explainsOther)],
          ]),
        ]),
      ),
    ],
  ]);
  const imputed = writtenImputations(result).map(({ name, method, features }): [string, Unstructured] => [
    name,
    new Map<string, Unstructured>([
      ['method', method],
      ['features', { kind: 'strings', shape: [features.length], values: [...features] }],
    ]),
  ]);
  if (imputed.length > 0) record.set('imputed', new Map(imputed));
  return record;
}

function number(value: number): DenseArray {
  return { kind: 'dense', dtype: 'float64', shape: [], values: Float64Array.of(value) };
}
