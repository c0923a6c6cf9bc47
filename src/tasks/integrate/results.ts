/** @file What integration adds to the data: embeddings, clusters, map, graph of neighbours, and the record of the run. */

import type { WeightedGraph } from '../../analysis/neighbour-graph.ts';
import type { LoadedModel } from '../../model/folder.ts';
import type { Additions } from '../../single-cell/additions.ts';
import type { AnnData, Annotation, Unstructured } from '../../single-cell/anndata.ts';
import { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import type { CategoricalColumn } from '../../single-cell/data-frame.ts';
import { version } from '../../support/version.ts';
import { modelRecord } from '../model.ts';
import { correctedLayers, correctedRecord } from './corrected-layer.ts';
import type { IntegrateResult } from './integrate.ts';
import { keptEpochOf } from './kept-epoch.ts';

/** Names of what is added. */
export const integrationNames = {
  integrated: 'X_scGPT_integrated',
  cell: 'X_scGPT_cell',
  asItWas: 'X_scGPT_zero_shot',
  components: 'X_scGPT_components',
  layout: 'X_umap_scgpt',
  cluster: 'scgpt_cluster',
  connectivities: 'scgpt_connectivities',
  distances: 'scgpt_distances',
  neighbours: 'scgpt_neighbors',
  record: 'scgpt_integrate',
} as const;

/** The elements that integration adds. */
export function integrationAdditions(data: AnnData, result: IntegrateResult, model: LoadedModel): Additions {
  const { integrated, cellEmbedding, asItWas, components, layout, clusters, graph, placed } = result;
  const names = integrationNames;
  const obsm: [string, Annotation][] = [
    [names.integrated, integrated],
    [names.cell, cellEmbedding],
    ...(asItWas === null ? [] : [[names.asItWas, asItWas] as [string, Annotation]]),
    ...(components === null ? [] : [[names.components, components] as [string, Annotation]]),
    [names.layout, layout],
  ];
  const column: CategoricalColumn = {
    kind: 'categorical',
    codes: clusters.codes,
    categories: [...clusters.groups],
    ordered: false,
  };
  return {
    obs: [[names.cluster, column]],
    obsm,
    layers: correctedLayers(data, result),
    obsp: [
      [names.connectivities, amongAll(graph, graph.weights, placed, clusters.codes.length)],
      [names.distances, amongAll(graph, distancesAlong(result), placed, clusters.codes.length)],
    ],
    uns: [
      [
        names.neighbours,
        new Map<string, Unstructured>([
          ['connectivities_key', names.connectivities],
          ['distances_key', names.distances],
          [
            'params',
            new Map<string, Unstructured>([
              ['n_neighbors', 15],
              ['method', 'umap'],
              ['metric', 'euclidean'],
              ['use_rep', names.integrated],
            ]),
          ],
        ]),
      ],
      [names.record, recordOf(result, model)],
    ],
  };
}

/** A graph of some cells as a matrix of all; rows of the others are empty. */
function amongAll(
  { indptr, indices }: WeightedGraph,
  values: Float64Array,
  rows: Int32Array,
  cells: number,
): CsrMatrix {
  const pointers = new Float64Array(cells + 1);
  rows.forEach((row, place) => {
    pointers[row + 1] = indptr[place + 1] - indptr[place];
  });
  for (let row = 0; row < cells; row++) pointers[row + 1] += pointers[row];
  return new CsrMatrix([cells, cells], {
    indptr: pointers,
    indices: indices.map((place) => rows[place]),
    values: Float32Array.from(values),
  });
}

/** Distances of the cells that the graph links. */
function distancesAlong({ graph, integrated, placed }: IntegrateResult): Float64Array {
  const { indptr, indices } = graph;
  const [, width] = integrated.shape;
  const distances = new Float64Array(indices.length);
  for (let place = 0; place < graph.count; place++) {
    const first = placed[place] * width;
    for (let i = indptr[place]; i < indptr[place + 1]; i++) {
      const second = placed[indices[i]] * width;
      let square = 0;
      for (let d = 0; d < width; d++) {
        const difference = Number(integrated.values[first + d]) - Number(integrated.values[second + d]);
        square += difference * difference;
      }
      distances[i] = Math.sqrt(square);
    }
  }
  return distances;
}

/** Every choice that shaped the numbers. */
function recordOf(result: IntegrateResult, model: LoadedModel): Map<string, Unstructured> {
  const { settings, outcome, method, device, cells, clusters, corrected } = result;
  const record = new Map<string, Unstructured>([
    ['version', version],
    ['model', modelRecord(model)],
    ['method', method],
    ['batch_key', cells.batch.name],
    ['batches', { kind: 'strings', shape: [cells.batch.groups.length], values: [...cells.batch.groups] }],
    ['matrix', cells.prepared.matrixName],
    ['genes', cells.expression.method],
    ['clusters', clusters.groups.length],
    ['device', device],
  ]);
  if (corrected !== null) record.set('corrected', correctedRecord(corrected, cells));
  if (settings !== null) {
    record.set('settings', new Map(Object.entries(settings).map(([name, value]) => [name, value ?? 'none'])));
  }
  if (outcome !== null) {
    const looks = outcome.history.filter(({ validation }) => validation.criterion !== undefined);
    record.set(
      'training',
      new Map<string, Unstructured>([
        ['steps', outcome.steps],
        ['kept_step', outcome.bestStep],
        ['label_free_score', keptEpochOf(outcome).labelFreeScore ?? 'none: batches too small'],
        [
          'label_free_scores',
          {
            kind: 'dense',
            dtype: 'float64',
            shape: [looks.length],
            values: Float64Array.from(looks, ({ validation }) => 1 - validation.criterion),
          },
        ],
      ]),
    );
  }
  return record;
}
