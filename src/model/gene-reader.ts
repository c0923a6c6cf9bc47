/** @file What the model makes of genes inside cells: token rows of a layer, and the products its attention is made of. */

import { Graph } from '../graph/graph.ts';
import { attentionMaps } from '../nn/attention.ts';
import { Scope } from '../nn/scope.ts';
import type { Device } from '../runtime/device.ts';
import type { NamedTensors } from '../runtime/executable.ts';
import type { CellTokens } from '../single-cell/tokens/cell-tokens.ts';
import { UsageError } from '../support/errors.ts';
import type { StateDict, Tensor } from '../support/tensor.ts';
import { conditionInput } from './conditions.ts';
import type { ModelConfig } from './config.ts';
import { cellInputs, scgpt } from './scgpt.ts';

/** What of a layer is read. */
export type GeneReading = 'states' | 'attention';

/** Options of {@link createGeneReader}. */
export interface GeneReaderOptions {
  /**
   * `states`: output rows of the layer, `[tokens, d]`. `attention`: q . k of the layer without scale, mask and softmax,
   * `[heads, tokens, tokens]`, row the token that asks, column the one asked.
   */
  readonly reading: GeneReading;
  /** Layer, from 1. Default the last. */
  readonly layer?: number | undefined;
}

/** Reads one cell at a time, so that nothing of a cell depends on others. */
export interface GeneReader {
  /** Numbers per token: the model's width, or its heads. */
  readonly width: number;
  /** The layer's numbers for all tokens of a cell, in their order; see {@link GeneReaderOptions.reading}. */
  read(cell: CellTokens): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/**
 * Makes a model ready to read genes.
 *
 * @throws UsageError when the model has no such layer, or its input is normalised per batch
 * @throws GraphError when a parameter is missing
 */
export async function createGeneReader(
  device: Device,
  config: ModelConfig,
  parameters: StateDict,
  { reading, layer = config.layers }: GeneReaderOptions,
): Promise<GeneReader> {
  if (!Number.isInteger(layer) || layer < 1 || layer > config.layers) {
    throw new UsageError({
      what: `layer ${layer} is asked for`,
      expected: `1 to ${config.layers}, the layers of this model`,
      reason: 'layer',
    });
  }
  if (
    config.inputBatchNorm === 'per-batch' ||
    config.architecture === 'perturbation' ||
    config.architecture === 'multiomic'
  ) {
    throw new UsageError({
      what: 'genes cannot be read from a model that needs batches, modalities or perturbations beside genes',
      expected: 'a pretrained model or one fine-tuned without them',
      reason: 'architecture',
    });
  }
  const executable = await device.load(readingGraph(config, reading, layer), parameters);
  return {
    width: reading === 'states' ? config.embeddingSize : config.heads,
    async read({ genes, values }) {
      const shape = [1, genes.length];
      const feeds: Record<string, Tensor> = {
        genes: { dtype: 'int32', shape, data: genes },
        values: { dtype: 'float32', shape, data: values },
      };
      for (const { name, of } of config.conditions) {
        const sizes = of === 'cells' ? [1] : shape;
        const data = new Int32Array(of === 'cells' ? 1 : genes.length); // not given
        feeds[conditionInput(name)] = { dtype: 'int32', shape: sizes, data };
      }
      const { out }: NamedTensors = await executable.run(feeds);
      return out.data as Float32Array;
    },
    dispose: () => executable.dispose(),
  };
}

function readingGraph(config: ModelConfig, reading: GeneReading, layer: number): Graph {
  const graph = new Graph();
  const plain = { ...config, useBatchLabels: false };
  const scope = new Scope(graph, '', 'float32');
  const inputs = cellInputs(graph, plain, { cells: 1, padded: false });
  // Layers above the one that is read are not part of the result and are left out of what runs.
  const { layers, input } = scgpt(scope, { ...plain, layers: layer }, inputs);
  if (reading === 'states') graph.output('out', layers[layer - 1].output);
  else {
    const rows = layer === 1 ? input : layers[layer - 2].output; // [1, tokens, d]
    const { embeddingSize: width, heads } = config;
    const attention = scope.at('transformer_encoder', 'layers', layer - 1, 'self_attn');
    graph.output('out', attentionMaps(attention, rows, { width, heads, keep: undefined }).scores);
  }
  return graph;
}
