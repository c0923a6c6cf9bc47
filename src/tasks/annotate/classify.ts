/** @file Runs a fine-tuned model on cells: their embeddings, and the logits of its classes. */

import { Graph } from '../../graph/graph.ts';
import type { ModelConfig } from '../../model/config.ts';
import { createEmbedder } from '../../model/embedder.ts';
import type { Model } from '../../model/folder-content.ts';
import { classifier } from '../../nn/classifier.ts';
import { Scope } from '../../nn/scope.ts';
import type { Device } from '../../runtime/device.ts';
import { ValueBinner } from '../../single-cell/binning.ts';
import type { Matrix } from '../../single-cell/matrix.ts';
import { GenePanel } from '../../single-cell/tokens/gene-panel.ts';
import { CellTokenizer } from '../../single-cell/tokens/tokenizer.ts';
import type { RunControl } from '../../support/progress.ts';
import type { StateDict } from '../../support/tensor.ts';
import { embedCells } from '../embed/cells.ts';
import { clsValue } from './fine-tuning.ts';

/** Cells to classify. */
export interface CellsToClassify {
  readonly matrix: Matrix; // [cells, genes]
  readonly names: readonly string[]; // [cells]
  /** Token of each gene that is read, -1 for those that are not. */
  readonly tokenIds: Int32Array; // [genes]
}

/** What the model says. */
export interface Classified {
  /** Unit length; NaN for cells without a gene that is read. */
  readonly embeddings: Float32Array; // [cells, d]
  readonly width: number;
  /** Logarithms of the class probabilities; NaN for cells without a gene that is read. */
  readonly logProbabilities: Float64Array; // [cells, classes]
  /** Genes of each cell that were read. */
  readonly genesRead: Int32Array; // [cells]
}

/** Cells whose classes are computed at once. */
const cellsAtOnce = 4096;
/** Processors take cells one by one; small batches only report progress sooner. */
const tokensAtOnce = 4096;

/**
 * Embeds and classifies cells.
 *
 * @throws InputError when values cannot be used, naming cell and gene
 * @throws CancelledError when the control's signal is aborted
 */
export async function classify(
  device: Device,
  { config, vocabulary, parameters }: Pick<Model, 'config' | 'vocabulary' | 'parameters'>,
  { matrix, names, tokenIds }: CellsToClassify,
  { seed, ...control }: RunControl & { readonly seed: number },
): Promise<Classified> {
  const embedder = await createEmbedder(device, config, parameters, { unitLength: false });
  try {
    const { embeddings, genesRead } = await embedCells(
      {
        matrix,
        names,
        tokenizer: new CellTokenizer({
          panel: new GenePanel(vocabulary, tokenIds),
          clsValue,
          includeZeros: false,
          maxLength: config.maxLength,
          binner: new ValueBinner(config.bins, 'left'),
          seed,
        }),
        embedder,
        padding: { id: vocabulary.pad, value: config.padValue },
        capacity: (length) => Math.max(1, tokensAtOnce / length),
        conditions: [],
      },
      control,
    );
    const rows = embeddings.values as Float32Array;
    const logProbabilities = await classLogProbabilities(device, config, parameters, rows);
    toUnitLength(rows, embedder.width);
    return { embeddings: rows, width: embedder.width, logProbabilities, genesRead };
  } finally {
    await embedder.dispose();
  }
}

/** The class head on embeddings that are there already. */
async function classLogProbabilities(
  device: Device,
  config: ModelConfig,
  parameters: StateDict,
  embeddings: Float32Array, // [cells, d]
): Promise<Float64Array> {
  const { embeddingSize: width, classes, classifierLayers: layers } = config;
  const graph = new Graph();
  const cell = graph.input('cell', 'float32', ['cells', width]);
  graph.output('classes', classifier(new Scope(graph).at('cls_decoder'), cell, { width, layers, classes }));
  const head = await device.load(graph, parameters);
  const count = embeddings.length / width;
  const result = new Float64Array(count * classes);
  for (let start = 0; start < count; start += cellsAtOnce) {
    const end = Math.min(count, start + cellsAtOnce);
    const data = embeddings.subarray(start * width, end * width);
    const { classes: logits } = await head.run({
      cell: { dtype: 'float32', shape: [end - start, width], data },
    });
    result.set(logits.data as Float32Array, start * classes);
  }
  await head.dispose();
  for (let start = 0; start < result.length; start += classes) {
    const row = result.subarray(start, start + classes);
    const highest = row.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
    const sum = row.reduce((total, logit) => total + Math.exp(logit - highest), 0);
    for (let k = 0; k < classes; k++) row[k] -= highest + Math.log(sum);
  }
  return result;
}

function toUnitLength(rows: Float32Array, width: number): void {
  for (let start = 0; start < rows.length; start += width) {
    let square = 0;
    for (let i = start; i < start + width; i++) square += rows[i] * rows[i];
    const length = Math.sqrt(square) || 1;
    for (let i = start; i < start + width; i++) rows[i] /= length;
  }
}
