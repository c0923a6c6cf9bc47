/**
 * @file What heads read beside token rows and cell embeddings: the cell's batch and, in multi-omic models, each
 * token's modality. The transformer sees neither.
 *
 * Cui et al. 2024, Methods, "Fine-tuning on multi-omic integration"; `MultiOmicTransformerModel` of the released code,
 * where the two embeddings are added up.
 */

import type { Value } from '../graph/graph.ts';
import { add } from '../graph/ops/elementwise.ts';
import { reshape } from '../graph/ops/shape.ts';
import { normedEmbedding } from '../nn/embedding.ts';
import { firstRow } from '../nn/pooling.ts';
import type { Scope } from '../nn/scope.ts';
import { GraphError } from '../support/errors.ts';
import type { ModelConfig } from './config.ts';

/** Embeddings of batch and modality, and what they come to for heads of tokens and of cells. */
export interface BesideHeads {
  readonly batch: Value | undefined; // [cells, d]
  readonly modality: Value | undefined; // [cells, tokens, d]
  /** Stands beside each token's row; absent where the model has neither. */
  readonly tokens: Value | undefined; // [cells, tokens or 1, d]
  /** Stands beside the cell embedding: the batch, and the modality of the first token. */
  readonly cell: Value | undefined; // [cells, d]
}

/** Embeds what the configuration says heads see. */
export function besideHeads(
  scope: Scope,
  config: ModelConfig,
  inputs: { readonly batch?: Value | undefined; readonly modalities?: Value | undefined },
): BesideHeads {
  const { embeddingSize: width, batchCount, modalityCount } = config;
  const batch = config.useBatchLabels
    ? normedEmbedding(scope.at('batch_encoder'), given(inputs.batch, 'batch'), batchCount, width) // [cells, d]
    : undefined;
  const modality =
    modalityCount > 0
      ? normedEmbedding(scope.at('mod_encoder'), given(inputs.modalities, 'modalities'), modalityCount, width) // [cells, tokens, d]
      : undefined;
  const batchOfTokens = batch && reshape(batch, [batch.shape[0], 1, width]); // [cells, 1, d]
  return {
    batch,
    modality,
    tokens: sum(batchOfTokens, modality),
    cell: sum(batch, modality && firstRow(modality)),
  };
}

function sum(a: Value | undefined, b: Value | undefined): Value | undefined {
  return a && b ? add(a, b) : (a ?? b);
}

function given(value: Value | undefined, name: string): Value {
  if (value !== undefined) return value;
  throw new GraphError({ what: `this model needs the input '${name}'`, reason: 'input' });
}
