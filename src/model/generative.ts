/**
 * @file scGPT in generative pre-training: known genes with their values in, predictions for unknown genes out.
 *
 * Cui et al. 2024, Methods, "generative pretraining"; as the reference's pre-training branch computes it. A cell's genes
 * are two streams that share every weight: known genes enter as gene plus value, unknown ones as gene plus a learnt flag.
 * The known stream never depends on the unknown one: it is what `scgpt.ts` computes of the same tokens.
 */

import type { Graph, Value } from '../graph/graph.ts';
import { add, stopGradient } from '../graph/ops/elementwise.ts';
import { slice } from '../graph/ops/shape.ts';
import type { Dim } from '../graph/shape.ts';
import { cellConditionedDecoder, type ExpressionPrediction, expressionDecoder } from '../nn/decoders.ts';
import { type GenerativeLayer, generativeLayer } from '../nn/generative-encoder.ts';
import { firstRow, withFirstRow } from '../nn/pooling.ts';
import type { Scope } from '../nn/scope.ts';
import type { Streams } from '../nn/streams.ts';
import { CheckpointError } from '../support/errors.ts';
import { type ConditionInputs, conditionInputs, withConditions } from './conditions.ts';
import type { Condition, ModelConfig } from './config.ts';
import { embedGenes, embedGivenValues } from './scgpt.ts';

/** Cells whose genes are known in part. */
export interface GenerativeInputs {
  /** Gene ids, int32 `[cells, known]`, `<cls>` first. */
  readonly knownGenes: Value;
  /** Their expression bins, float32 `[cells, known]`; int32 rows with `distinctValues`. */
  readonly knownValues: Value;
  /** bool `[cells, known]`: real tokens, true, and padding, false. Without it every token is real. */
  readonly knownKeep?: Value | undefined;
  /** Gene ids to predict, int32 `[cells, unknown]`. Padding needs no mask: no row attends to another's unknown gene. */
  readonly unknownGenes: Value;
  /** Conditions of the cells and of the known genes, where the model has them. */
  readonly knownConditions?: ConditionInputs | undefined;
  /** The same of the cells and of the genes to predict. */
  readonly unknownConditions?: ConditionInputs | undefined;
}

/** Options of {@link generative}. */
export interface GenerativeOptions {
  /** Put this in the place of the `<cls>` row of the input, `[cells, d]`: generation from a cell embedding. */
  readonly cellPrompt?: Value | undefined;
  /** All values that occur: each is embedded once, and the input `knownValues` holds int32 rows of this list. */
  readonly distinctValues?: Float32Array | undefined;
}

/** Everything the forward pass makes. */
export interface GenerativeOutputs {
  /** What enters the transformer. */
  readonly input: Streams;
  readonly layers: readonly GenerativeLayer[];
  /** The last layer's rows of known genes, `[cells, known, d]`. */
  readonly known: Value;
  /** The last layer's rows of unknown genes, `[cells, unknown, d]`. */
  readonly unknown: Value;
  /** The cell embedding, `[cells, d]`: the `<cls>` row, not normalised to unit length. */
  readonly cell: Value;
  /** Expression of known genes from their rows, `[cells, known]`; no objective scores it. */
  readonly expressionKnown: ExpressionPrediction;
  /** Expression of unknown genes from their rows, `[cells, unknown]` (gene-prompted generation). */
  readonly expressionUnknown: ExpressionPrediction;
  /** Expression of known genes from the cell embedding, `[cells, known]`; no objective scores it. */
  readonly cellPromptedKnown: ExpressionPrediction | undefined;
  /** Expression of unknown genes from the cell embedding, `[cells, unknown]` ("MVC"). */
  readonly cellPromptedUnknown: ExpressionPrediction | undefined;
}

/** Declares the inputs, under the names of {@link GenerativeInputs}. */
export function generativeInputs(
  graph: Graph,
  options: {
    readonly cells?: Dim;
    readonly known?: Dim;
    readonly unknown?: Dim;
    readonly padded?: boolean;
    readonly valueDtype?: 'float32' | 'int32';
    readonly conditions?: readonly Condition[];
  } = {},
): GenerativeInputs {
  const { cells = 'cells', known = 'known', unknown = 'unknown', padded = true } = options;
  const { valueDtype = 'float32', conditions = [] } = options;
  const ofCells = conditionInputs(graph, conditions, 'cells', [cells]);
  const ofGenes = (stream: 'known' | 'unknown', tokens: Dim): ConditionInputs =>
    conditionInputs(graph, conditions, 'genes', [cells, tokens], stream);
  return {
    knownGenes: graph.input('knownGenes', 'int32', [cells, known]),
    knownValues: graph.input('knownValues', valueDtype, [cells, known]),
    knownKeep: padded ? graph.input('knownKeep', 'bool', [cells, known]) : undefined,
    unknownGenes: graph.input('unknownGenes', 'int32', [cells, unknown]),
    knownConditions: new Map([...ofCells, ...ofGenes('known', known)]),
    unknownConditions: new Map([...ofCells, ...ofGenes('unknown', unknown)]),
  };
}

/**
 * The forward pass.
 *
 * @throws CheckpointError when the configuration has a part that the pre-training network does not have
 */
export function generative(
  scope: Scope,
  config: ModelConfig,
  inputs: GenerativeInputs,
  { cellPrompt, distinctValues }: GenerativeOptions = {},
): GenerativeOutputs {
  requirePretraining(config);
  const heads = scope.inFloat32();
  const width = config.embeddingSize;

  // Embeddings: gene plus value, and gene plus the flag of unknown genes, row 1 (the reference never uses row 0); to both
  // their conditions are added.
  const knownGenes = embedGenes(heads, config, inputs.knownGenes); // [cells, known, d]
  const unknownGenes = embedGenes(heads, config, inputs.unknownGenes); // [cells, unknown, d]
  const values = embedGivenValues(heads, config, inputs.knownValues, distinctValues);
  const embedded = withConditions(heads, config, add(knownGenes, values), inputs.knownConditions); // [cells, known, d]
  const flag = slice(heads.parameter('flag_encoder.weight', [2, width]), 0, 1, 2); // [1, d]
  const prompted = cellPrompt === undefined ? embedded : withFirstRow(cellPrompt, embedded);
  const flagged = withConditions(heads, config, add(unknownGenes, flag), inputs.unknownConditions); // [cells, unknown, d]
  const input = { known: prompted, unknown: flagged };

  // Transformer and cell embedding.
  const options = {
    width,
    heads: config.heads,
    hidden: config.hiddenSize,
    keep: inputs.knownKeep,
    preNorm: config.preNorm,
  };
  const layers: GenerativeLayer[] = [];
  for (let i = 0; i < config.layers; i++) {
    const rows = layers.at(-1)?.output ?? input;
    layers.push(generativeLayer(scope.at('transformer_encoder', 'layers', i), rows, options));
  }
  const { known, unknown } = layers[layers.length - 1].output;
  const cell = firstRow(known); // [cells, d]

  // Heads.
  const expression = (rows: Value): ExpressionPrediction =>
    expressionDecoder(heads.at('decoder'), [rows], { width, zeroProbability: false });
  const cellPrompted = (genes: Value): ExpressionPrediction | undefined =>
    config.doMvc
      ? cellConditionedDecoder(
          heads.at('mvc_decoder'),
          cell,
          config.mvcDetach ? stopGradient(genes) : genes,
          {
            width,
            style: config.mvcDecoderStyle,
            zeroProbability: false,
          },
        )
      : undefined;
  return {
    input,
    layers,
    known,
    unknown,
    cell,
    expressionKnown: expression(known),
    expressionUnknown: expression(unknown),
    cellPromptedKnown: cellPrompted(knownGenes),
    cellPromptedUnknown: cellPrompted(unknownGenes),
  };
}

/**
 * Refuses what the network of generative pre-training never had, and so nothing defines.
 *
 * @throws CheckpointError naming it
 */
export function requirePretraining(config: ModelConfig): void {
  const expected: Partial<ModelConfig> = {
    architecture: 'pretraining',
    inputStyle: 'continuous',
    cellEmbeddingStyle: 'cls',
    explicitZeroProbability: false,
    useBatchLabels: false,
    inputBatchNorm: 'none',
  };
  for (const [key, value] of Object.entries(expected)) {
    const got = config[key as keyof ModelConfig];
    if (got !== value) {
      throw new CheckpointError({
        what: `the generative model cannot have ${key} ${got}`,
        expected: `${key} ${value}`,
        advice: 'Use weights of generative pre-training, whose flag_encoder tells unknown genes apart',
        reason: 'architecture',
      });
    }
  }
}
