/** @file What a checkpoint's names and shapes say about a model that its `args.json` does not: heads, batches, modalities. */

import { type ModelConfig, parseModelConfig } from './config.ts';

/** Shapes by official name. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/**
 * Corrects a configuration by the weights: every head, table and statistic that is there is in the model, and none
 * that is not. What weights cannot say (widths of the encoder, styles without parameters) stays as configured.
 *
 * @throws CheckpointError when the weights contradict each other.
 */
export function configFromWeights(config: ModelConfig, shapes: Shapes, where: string): ModelConfig {
  const rows = (name: string): number => shapes.get(name)?.[0] ?? 0;
  const batchStatistics = count(shapes, /^dsbn\.bns\.\d+\.running_mean$/);
  const batchRows = rows('batch_encoder.embedding.weight');
  const discriminated = rows('grad_reverse_discriminator.out_layer.weight');
  const classes = rows('cls_decoder.out_layer.weight');
  const mvcDecoderStyle = mvcStyle(config, shapes);
  return parseModelConfig(
    {
      ...config,
      architecture: architectureOf(config, shapes),
      inputBins: config.inputStyle === 'category' ? rows('value_encoder.embedding.weight') : 0,
      classes,
      classifierLayers: classes > 0 ? classifierLayers(shapes) : config.classifierLayers,
      explicitZeroProbability: count(shapes, /^decoder\.(coeff_decoder\.)?zero_logit\.0\.weight$/) > 0,
      batchCount: Math.max(batchStatistics, batchRows, discriminated),
      useBatchLabels: batchRows > 0,
      inputBatchNorm: batchStatistics > 0 ? 'per-batch' : shapes.has('bn.weight') ? 'shared' : 'none',
      doMvc: shapes.has('mvc_decoder.gene2query.weight'),
      mvcDecoderStyle,
      mvcDetach: config.mvcDetach && mvcDecoderStyle === 'inner product',
      doDab: discriminated > 0,
      modalityCount: rows('mod_encoder.embedding.weight'),
    },
    where,
  );
}

function count(shapes: Shapes, pattern: RegExp): number {
  return [...shapes.keys()].filter((name) => pattern.test(name)).length;
}

function architectureOf(config: ModelConfig, shapes: Shapes): ModelConfig['architecture'] {
  if (shapes.has('pert_encoder.weight')) return 'perturbation';
  if (shapes.has('flag_encoder.weight')) return 'pretraining';
  // Only the multi-omic class widens the gene queries with the batch.
  const widened = shapes.get('mvc_decoder.gene2query.weight')?.[1] === 2 * config.embeddingSize;
  return widened || shapes.has('mod_encoder.embedding.weight') ? 'multiomic' : 'standard';
}

/** Blocks of three modules (linear, activation, norm), then the output layer. */
function classifierLayers(shapes: Shapes): number {
  let blocks = 0;
  while (shapes.has(`cls_decoder._decoder.${3 * blocks}.weight`)) blocks++;
  return blocks + 1;
}

function mvcStyle(config: ModelConfig, shapes: Shapes): ModelConfig['mvcDecoderStyle'] {
  const joined = shapes.get('mvc_decoder.fc1.weight');
  const query = shapes.get('mvc_decoder.gene2query.weight');
  if (query === undefined) return config.mvcDecoderStyle;
  if (joined === undefined) return 'inner product';
  return joined[1] > query[1] ? 'concat query' : 'sum query';
}
