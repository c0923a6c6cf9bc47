/** @file Expression as a fine-tuned model predicts it from cell embeddings alone, the batch left out. */

import type { Points } from '../../analysis/points.ts';
import { Graph } from '../../graph/graph.ts';
import { multiply } from '../../graph/ops/elementwise.ts';
import { concat } from '../../graph/ops/shape.ts';
import type { ModelConfig } from '../../model/config.ts';
import { embedGenes } from '../../model/scgpt.ts';
import { cellConditionedDecoder } from '../../nn/decoders.ts';
import { normedEmbedding } from '../../nn/embedding.ts';
import { Scope } from '../../nn/scope.ts';
import type { Device } from '../../runtime/device.ts';
import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import type { TrainedModel } from '../fine-tuning/grown-model.ts';

/** Cells decoded in one run: bounds the memory of the genes' queries. */
const cellsAtOnce = 32;

/**
 * The cell-prompted head (GEPC) asked for every gene of every cell. A head that reads batch labels is asked for all
 * batches and the mean is taken, so that no cell has its own.
 *
 * @param cells cell embeddings as the transformer gives them, not of unit length
 * @param genes token ids
 * @returns value bins, as real numbers
 */
export async function decodedExpression(
  device: Device,
  { config, parameters }: TrainedModel,
  cells: Points, // [cells, d]
  genes: Int32Array,
  { onProgress, signal }: RunControl = {},
): Promise<Float32Array> {
  const { count, dimensions } = cells;
  const batches = config.useBatchLabels ? config.batchCount : 1;
  const executable = await device.load(decodingGraph(config), parameters);
  const decoded = new Float32Array(count * genes.length);
  try {
    for (let start = 0; start < count; start += cellsAtOnce) {
      if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while decoding expression' });
      const size = Math.min(cellsAtOnce, count - start);
      const ids = new Int32Array(size * genes.length);
      for (let cell = 0; cell < size; cell++) ids.set(genes, cell * genes.length);
      const some = Float32Array.from(cells.values.subarray(start * dimensions, (start + size) * dimensions));
      for (let batch = 0; batch < batches; batch++) {
        const { expression } = await executable.run({
          cell: { dtype: 'float32', shape: [size, dimensions], data: some },
          genes: { dtype: 'int32', shape: [size, genes.length], data: ids },
          ...(config.useBatchLabels
            ? { batch: { dtype: 'int32', shape: [size], data: new Int32Array(size).fill(batch) } as const }
            : {}),
        });
        const first = start * genes.length;
        (expression.data as Float32Array).forEach((value, i) => {
          decoded[first + i] += value / batches;
        });
      }
      onProgress?.({ stage: 'decoding expression', done: start + size, total: count, unit: 'cells' });
      await breathe();
    }
  } finally {
    await executable.dispose();
  }
  return decoded;
}

function decodingGraph(config: ModelConfig): Graph {
  const { embeddingSize: width, batchCount, useBatchLabels } = config;
  const graph = new Graph();
  const scope = new Scope(graph);
  const cell = graph.input('cell', 'float32', ['cells', width]);
  const genes = embedGenes(scope, config, graph.input('genes', 'int32', ['cells', 'genes'])); // [cells, genes, d]
  const beside = useBatchLabels
    ? [
        normedEmbedding(
          scope.at('batch_encoder'),
          graph.input('batch', 'int32', ['cells']),
          batchCount,
          width,
        ),
      ]
    : [];
  const { value, nonZeroProbability } = cellConditionedDecoder(
    scope.at('mvc_decoder'),
    beside.length === 0 ? cell : concat([cell, ...beside], 1), // [cells, d or 2d]
    genes,
    { width, style: config.mvcDecoderStyle, zeroProbability: config.explicitZeroProbability },
  );
  graph.output('expression', nonZeroProbability === undefined ? value : multiply(value, nonZeroProbability));
  return graph;
}
