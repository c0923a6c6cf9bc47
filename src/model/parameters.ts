/** @file The parameters a configuration implies: names of the official layout, shapes, and the part each belongs to. */

import { elementCount } from '../support/tensor.ts';
import type { ModelConfig } from './config.ts';

/** The parts of a model, as people speak of them. */
export type ModelPart =
  | 'gene embedding'
  | 'value encoder'
  | 'generation flag'
  | 'perturbation flag'
  | 'perturbation features'
  | 'batch embedding'
  | 'modality embedding'
  | 'condition embedding'
  | 'input batch norm'
  | 'transformer'
  | 'expression decoder'
  | 'cell type classifier'
  | 'cell-prompted decoder'
  | 'batch discriminator';

/** One parameter or buffer that a configuration implies. */
export interface ExpectedParameter {
  readonly shape: readonly number[];
  readonly part: ModelPart;
  /** Statistics that training keeps beside the parameters (`running_mean`, ...); not counted as parameters. */
  readonly buffer: boolean;
}

/** Expected parameters by their official name, in the order in which the reference saves them. */
export type ExpectedParameters = Map<string, ExpectedParameter>;

/** Width of the hidden layer of the `concat query` and `sum query` decoders, fixed in the reference. */
const queryWidth = 64;
/** Layers of the batch discriminator, fixed in the reference. */
const discriminatorLayers = 3;

/** Collects parameters under a prefix and for a part. */
class ParameterList {
  readonly expected: ExpectedParameters = new Map();
  private part: ModelPart = 'gene embedding';

  in(part: ModelPart): this {
    this.part = part;
    return this;
  }

  add(name: string, ...shape: number[]): this {
    this.expected.set(name, { shape, part: this.part, buffer: false });
    return this;
  }

  buffer(name: string, ...shape: number[]): this {
    this.expected.set(name, { shape, part: this.part, buffer: true });
    return this;
  }

  linear(name: string, outputs: number, inputs: number): this {
    return this.add(`${name}.weight`, outputs, inputs).add(`${name}.bias`, outputs);
  }

  norm(name: string, width: number): this {
    return this.add(`${name}.weight`, width).add(`${name}.bias`, width);
  }

  /** A table with a layer norm after it. */
  normedEmbedding(name: string, rows: number, width: number): this {
    return this.add(`${name}.embedding.weight`, rows, width).norm(`${name}.enc_norm`, width);
  }

  statistics(name: string, width: number): this {
    return this.buffer(`${name}.running_mean`, width)
      .buffer(`${name}.running_var`, width)
      .buffer(`${name}.num_batches_tracked`);
  }
}

/** Every parameter and buffer that a model of this configuration has. */
export function expectedParameters(config: ModelConfig): ExpectedParameters {
  const list = new ParameterList();
  addEncoders(list, config);
  addTransformer(list, config);
  addHeads(list, config);
  return list.expected;
}

function addEncoders(list: ParameterList, config: ModelConfig): void {
  const { embeddingSize: d, architecture } = config;
  list.in('gene embedding').normedEmbedding('encoder', config.vocabularySize, d);
  if (architecture === 'pretraining') list.in('generation flag').add('flag_encoder.weight', 2, d);
  list.in('value encoder');
  if (config.inputStyle === 'continuous') {
    list
      .linear('value_encoder.linear1', d, 1)
      .linear('value_encoder.linear2', d, d)
      .norm('value_encoder.norm', d);
  } else if (config.inputStyle === 'category') {
    list.normedEmbedding('value_encoder', config.inputBins, d);
  }
  if (architecture === 'perturbation') {
    list.in('perturbation flag').add('pert_encoder.weight', 3, d);
    const features = config.perturbationFeatures;
    if (features > 0) list.in('perturbation features').add('pert_features.weight', d, features);
  }
  if (config.useBatchLabels) {
    list.in('batch embedding').normedEmbedding('batch_encoder', config.batchCount, d);
  }
  if (config.modalityCount > 0) {
    list.in('modality embedding').normedEmbedding('mod_encoder', config.modalityCount, d);
  }
  list.in('condition embedding');
  for (const { name, values } of config.conditions) {
    list.normedEmbedding(`condition_encoder.${name}`, values.length + 1, d); // row 0: not given
  }
  list.in('input batch norm');
  if (config.inputBatchNorm === 'shared') list.norm('bn', d).statistics('bn', d);
  if (config.inputBatchNorm === 'per-batch') {
    for (let batch = 0; batch < config.batchCount; batch++) list.statistics(`dsbn.bns.${batch}`, d);
  }
}

function addTransformer(list: ParameterList, config: ModelConfig): void {
  const { embeddingSize: d, hiddenSize } = config;
  list.in('transformer');
  for (let layer = 0; layer < config.layers; layer++) {
    const name = `transformer_encoder.layers.${layer}`;
    list
      .linear(`${name}.self_attn.Wqkv`, 3 * d, d)
      .linear(`${name}.self_attn.out_proj`, d, d)
      .linear(`${name}.linear1`, hiddenSize, d)
      .linear(`${name}.linear2`, d, hiddenSize)
      .norm(`${name}.norm1`, d)
      .norm(`${name}.norm2`, d);
  }
}

function addHeads(list: ParameterList, config: ModelConfig): void {
  const { embeddingSize: d } = config;
  list.in('expression decoder');
  if (config.architecture === 'perturbation') {
    addExpressionDecoder(list, 'decoder.coeff_decoder', d, config);
    addExpressionDecoder(list, 'decoder.bias_decoder', d, config);
  } else {
    addExpressionDecoder(list, 'decoder', decoderInputSize(config), config);
  }
  if (config.classes > 0) {
    list.in('cell type classifier');
    addClassifier(list, 'cls_decoder', config.classes, config.classifierLayers, d);
  }
  if (config.doMvc) addCellPromptedDecoder(list.in('cell-prompted decoder'), config);
  if (config.doDab) {
    list.in('batch discriminator');
    addClassifier(list, 'grad_reverse_discriminator', config.batchCount, discriminatorLayers, d);
  }
}

/** Batch and modality embeddings are added up and stand beside the token's: two widths instead of one. */
function decoderInputSize(config: ModelConfig): number {
  const conditioned = config.useBatchLabels || config.modalityCount > 0;
  return conditioned ? 2 * config.embeddingSize : config.embeddingSize;
}

function addExpressionDecoder(list: ParameterList, name: string, inputs: number, config: ModelConfig): void {
  const d = config.embeddingSize;
  for (const head of config.explicitZeroProbability ? ['fc', 'zero_logit'] : ['fc']) {
    list
      .linear(`${name}.${head}.0`, d, inputs)
      .linear(`${name}.${head}.2`, d, d)
      .linear(`${name}.${head}.4`, 1, d);
  }
}

/** `layers - 1` blocks of linear, activation and layer norm, then the output layer. */
function addClassifier(list: ParameterList, name: string, classes: number, layers: number, d: number): void {
  for (let block = 0; block < layers - 1; block++) {
    list.linear(`${name}._decoder.${3 * block}`, d, d).norm(`${name}._decoder.${3 * block + 2}`, d);
  }
  list.linear(`${name}.out_layer`, classes, d);
}

function addCellPromptedDecoder(list: ParameterList, config: ModelConfig): void {
  // The multi-omic class widens the gene side as well; the standard one only the cell side.
  const cell = decoderInputSize(config); // [cell ; condition]
  const gene = config.architecture === 'multiomic' ? cell : config.embeddingSize;
  if (config.mvcDecoderStyle === 'inner product') {
    list.linear('mvc_decoder.gene2query', gene, gene).add('mvc_decoder.W.weight', cell, gene);
    if (config.explicitZeroProbability) list.linear('mvc_decoder.W_zero_logit', cell, gene);
    return;
  }
  const concat = config.mvcDecoderStyle === 'concat query';
  list
    .linear('mvc_decoder.gene2query', concat ? queryWidth : gene, gene)
    .linear('mvc_decoder.fc1', queryWidth, concat ? gene + queryWidth : gene)
    .add('mvc_decoder.hidden_activation.weight', 1)
    .linear('mvc_decoder.fc2', 1, queryWidth);
}

/** How many numbers each part of a model trains, buffers left out. */
export function parametersByPart(expected: ExpectedParameters): Map<ModelPart, number> {
  const counts = new Map<ModelPart, number>();
  for (const { shape, part, buffer } of expected.values()) {
    if (!buffer) counts.set(part, (counts.get(part) ?? 0) + elementCount(shape));
  }
  return counts;
}
