/**
 * @file scGPT, the whole model: tokens in, token rows, cell embedding and every head out.
 *
 * Cui et al. 2024, "scGPT: toward building a foundation model for single-cell multi-omics using generative AI",
 * Nature Methods 21; shapes, names and constants as in its released code (0.2.5). Read it from the end:
 * {@link scgpt} is the forward pass, the functions above it are its steps. Only the heads whose results become
 * outputs of the graph are computed.
 */

import type { Graph, Value } from '../graph/graph.ts';
import { add, cast, multiply, stopGradient } from '../graph/ops/elementwise.ts';
import { concat, gatherRows, reshape } from '../graph/ops/shape.ts';
import type { Dim } from '../graph/shape.ts';
import { batchDiscriminator, classifier } from '../nn/classifier.ts';
import { cellConditionedDecoder, type ExpressionPrediction, expressionDecoder } from '../nn/decoders.ts';
import { continuousEmbedding, normedEmbedding } from '../nn/embedding.ts';
import { type EncoderLayer, encoderLayer, zeroWhereDropped } from '../nn/encoder.ts';
import { type BatchNormStep, batchNorm, batchNormStep, domainBatchNorm } from '../nn/norms.ts';
import { averagePool, firstRow, weightedPool, withFirstRow } from '../nn/pooling.ts';
import type { Scope } from '../nn/scope.ts';
import { GraphError } from '../support/errors.ts';
import { besideHeads } from './beside-heads.ts';
import { type ConditionInputs, conditionInputs, withConditions } from './conditions.ts';
import type { ModelConfig } from './config.ts';
import { type PerturbationInputs, perturbedExpression, withPerturbation } from './perturbation.ts';

/** A batch of cells as the model reads it. */
export interface CellInputs {
  /** Gene ids, int32 `[cells, tokens]`, `<cls>` first. */
  readonly genes: Value;
  /**
   * Expression (bins, or what the input style takes), float32 `[cells, tokens]`; with `valueTable`, int32 rows of it.
   * Without it, genes alone enter.
   */
  readonly values?: Value | undefined;
  /** bool `[cells, tokens]`: real tokens, true, and padding, false. Without it every token is real. */
  readonly keep?: Value | undefined;
  /** Batch of each cell, int32 `[cells]`, where the model uses batch labels. */
  readonly batch?: Value | undefined;
  /** Batch whose statistics normalise each cell, int32 `[cells]`, where input batch norm is per batch. */
  readonly domain?: Value | undefined;
  /** Modality of each token, int32 `[cells, tokens]`, where the model has modalities. */
  readonly modalities?: Value | undefined;
  /** Conditions of cells and genes, where the model has them. */
  readonly conditions?: ConditionInputs | undefined;
  /** What is perturbed, where the model predicts that. */
  readonly perturbation?: PerturbationInputs | undefined;
}

/**
 * What rows of padding tokens are. It matters only to pooled cell embeddings, where the reference gives three answers:
 * its general path computes them like any row (`computed`), its inference fast path returns zeros (`zero`), its flash
 * attention gives them a context of zeros (`zero-context`). Ours, the default, pools over real tokens (`excluded`).
 */
export type PadRows = 'excluded' | 'computed' | 'zero' | 'zero-context';

/** Options of {@link scgpt}. */
export interface ForwardOptions {
  readonly padRows?: PadRows;
  /**
   * Normalise inputs by the batch's own statistics (training), as cells of this domain; default by stored ones. With
   * `current`, the domain's stored statistics are the parameters `dsbn.bns.current.*`, to be given for each batch.
   */
  readonly batchStatistics?: { readonly domain: number | 'current' };
  /** Put this in the place of the `<cls>` row, `[cells, d]`: generation from a given cell embedding. */
  readonly cellPrompt?: Value;
  /** Rows that attend to others at a time in inference: bounds memory where cells have very many tokens. */
  readonly queriesAtOnce?: number | undefined;
  /** Compute only the `<cls>` row of the last layer. Token rows and heads that read them are then absent. */
  readonly cellRowOnly?: boolean;
  /**
   * Look embeddings up, instead of computing them, in the parameters `gene_table` `[vocabulary, d]` and `value_table`
   * with this many rows: what {@link embedGenes} and {@link embedValues} give for every gene and every possible value.
   */
  readonly valueTable?: { readonly rows: number };
  /** All values that occur: each is embedded once, and the input `values` holds int32 rows of this list. */
  readonly distinctValues?: Float32Array | undefined;
  /** Factor of the reversed gradient between the batch discriminator and the encoder; no reversal without it. */
  readonly reverseGradient?: number;
}

/** Everything the forward pass makes. */
export interface ScgptOutputs {
  /** Gene embeddings before anything is added, `[cells, tokens, d]`. */
  readonly genes: Value;
  /** Value embeddings, `[cells, tokens, d]`; absent where values scale the genes or are not given. */
  readonly values: Value | undefined;
  /** What enters the transformer, `[cells, tokens, d]`. */
  readonly input: Value;
  readonly layers: readonly EncoderLayer[];
  /** The last layer's rows, `[cells, tokens, d]`; `[cells, 1, d]` with `cellRowOnly`. */
  readonly tokens: Value;
  /** The cell embedding, `[cells, d]`; not normalised to unit length (but `w-pool` is). */
  readonly cell: Value;
  /** The batch embedding, `[cells, d]`. */
  readonly batch: Value | undefined;
  /** The modality embedding, `[cells, tokens, d]`. */
  readonly modality: Value | undefined;
  /** Expression from each token's row (GEP). */
  readonly expression: ExpressionPrediction | undefined;
  /** Expression from the cell embedding (GEPC, "MVC"). */
  readonly cellPrompted: ExpressionPrediction | undefined;
  /** Class logits, `[cells, classes]`. */
  readonly classes: Value | undefined;
  /** Logits of the adversary that tells batches apart, `[cells, batches]`. */
  readonly batches: Value | undefined;
  /** What the stored statistics become after a training step, by parameter name. */
  readonly statistics: ReadonlyMap<string, Value>;
}

/** Declares the inputs that a model of this configuration reads, under the names of {@link CellInputs}. */
export function cellInputs(
  graph: Graph,
  config: ModelConfig,
  options: {
    readonly cells?: Dim;
    readonly tokens?: Dim;
    readonly padded?: boolean;
    readonly valueDtype?: 'float32' | 'int32';
  } = {},
): CellInputs & { readonly values: Value } {
  const { cells = 'cells', tokens = 'tokens', padded = true, valueDtype = 'float32' } = options;
  return {
    genes: graph.input('genes', 'int32', [cells, tokens]),
    values: graph.input('values', valueDtype, [cells, tokens]),
    keep: padded ? graph.input('keep', 'bool', [cells, tokens]) : undefined,
    batch: config.useBatchLabels ? graph.input('batch', 'int32', [cells]) : undefined,
    domain: config.inputBatchNorm === 'per-batch' ? graph.input('domain', 'int32', [cells]) : undefined,
    modalities: config.modalityCount > 0 ? graph.input('modalities', 'int32', [cells, tokens]) : undefined,
    conditions: new Map([
      ...conditionInputs(graph, config.conditions, 'cells', [cells]),
      ...conditionInputs(graph, config.conditions, 'genes', [cells, tokens]),
    ]),
    perturbation:
      config.architecture === 'perturbation' ? perturbationInputs(graph, config, cells, tokens) : undefined,
  };
}

function perturbationInputs(graph: Graph, config: ModelConfig, cells: Dim, tokens: Dim): PerturbationInputs {
  const { perturbationFeatures } = config;
  return {
    flags: graph.input('flags', 'int32', [cells, tokens]),
    features:
      perturbationFeatures > 0
        ? graph.input('features', 'float32', [cells, perturbationFeatures])
        : undefined,
  };
}

/** Gene ids to embeddings: a table and a layer norm, `[..., d]`. */
export function embedGenes(scope: Scope, config: ModelConfig, genes: Value, trainable?: Value): Value {
  return normedEmbedding(scope.at('encoder'), genes, config.vocabularySize, config.embeddingSize, trainable);
}

/**
 * Expression values to embeddings, `[..., d]`: through a small network, or from a table where values are categories.
 */
export function embedValues(scope: Scope, config: ModelConfig, values: Value): Value {
  const at = scope.at('value_encoder');
  switch (config.inputStyle) {
    case 'continuous':
      return continuousEmbedding(at, values, config.embeddingSize);
    case 'category':
      return normedEmbedding(at, cast(values, 'int32'), config.inputBins, config.embeddingSize);
    case 'scaling':
      throw new GraphError({ what: 'values of the scaling input style have no embedding', reason: 'style' });
  }
}

/** Value embeddings of the tokens, after dropout in training: `[cells, tokens, d]`. */
export function embedGivenValues(
  scope: Scope,
  config: ModelConfig,
  given: Value, // [cells, tokens]
  distinct: Float32Array | undefined,
): Value {
  const embedded =
    distinct === undefined
      ? embedValues(scope, config, given)
      : gatherRows(embedValues(scope, config, scope.graph.constant(vector(distinct))), given);
  return config.inputStyle === 'continuous' ? scope.dropped(embedded) : embedded;
}

function vector(data: Float32Array) {
  return { dtype: 'float32', shape: [data.length], data } as const;
}

/** What enters the transformer: genes, values and conditions together, normalised where the model has batch norm. */
function embedTokens(
  scope: Scope,
  config: ModelConfig,
  genes: Value, // [cells, tokens, d]
  embeddedValues: Value | undefined, // [cells, tokens, d]
  inputs: CellInputs,
  batchStatistics: ForwardOptions['batchStatistics'],
): { readonly input: Value; readonly statistics: ReadonlyMap<string, Value> } {
  let input = genes;
  if (embeddedValues !== undefined) input = add(genes, embeddedValues);
  else if (config.inputStyle === 'scaling' && inputs.values !== undefined) {
    input = multiply(genes, reshape(inputs.values, [...inputs.values.shape, 1])); // <cls>, value 0, becomes zeros
  }
  input = withConditions(scope, config, input, inputs.conditions);
  if (config.architecture === 'perturbation') {
    input = withPerturbation(scope, config, input, required(inputs.perturbation, 'perturbation'));
  }
  if (config.inputBatchNorm === 'none') return { input, statistics: new Map() };

  const shared = config.inputBatchNorm === 'shared';
  if (batchStatistics !== undefined) {
    const at = shared ? scope.at('bn') : scope.at('dsbn', 'bns', batchStatistics.domain);
    const step = batchNormStep(at, input, { affine: shared });
    return { input: step.output, statistics: runningStatistics(at, step) };
  }
  const normalised = shared
    ? batchNorm(scope.at('bn'), input)
    : domainBatchNorm(scope.at('dsbn'), input, config.batchCount, required(inputs.domain, 'domain'));
  return { input: normalised, statistics: new Map() };
}

function runningStatistics(at: Scope, step: BatchNormStep): ReadonlyMap<string, Value> {
  return new Map([
    [`${at.prefix}running_mean`, step.runningMean],
    [`${at.prefix}running_var`, step.runningVariance],
  ]);
}

/** The transformer: every layer and its intermediate results. `x` is `[cells, tokens, d]`. */
function encode(
  scope: Scope,
  config: ModelConfig,
  x: Value,
  keep: Value | undefined,
  { padRows = 'excluded', cellRowOnly = false, queriesAtOnce }: ForwardOptions,
): readonly EncoderLayer[] {
  const options = {
    width: config.embeddingSize,
    heads: config.heads,
    hidden: config.hiddenSize,
    keep,
    zeroContext: padRows === 'zero-context',
    preNorm: config.preNorm,
    queriesAtOnce,
  };
  const layers: EncoderLayer[] = [];
  for (let i = 0; i < config.layers; i++) {
    const rows = layers.at(-1)?.output ?? x; // [cells, tokens, d]
    const firstRowOnly = cellRowOnly && i === config.layers - 1;
    layers.push(
      encoderLayer(scope.at('transformer_encoder', 'layers', i), rows, { ...options, firstRowOnly }),
    );
  }
  return layers;
}

/** One vector per cell out of its token rows: `[cells, d]`. */
function cellEmbedding(
  config: ModelConfig,
  tokens: Value, // [cells, tokens, d]
  { values, keep }: CellInputs,
  padRows: PadRows,
): Value {
  if (config.cellEmbeddingStyle === 'cls') return firstRow(tokens);
  const counted = padRows === 'excluded' ? keep : undefined;
  const rows = padRows === 'zero' && keep !== undefined ? zeroWhereDropped(tokens, keep) : tokens;
  if (config.cellEmbeddingStyle === 'avg-pool') return averagePool(rows, counted);
  return weightedPool(rows, required(values, 'values'), counted);
}

/**
 * The forward pass.
 *
 * @throws GraphError when an input is missing that this configuration needs
 */
export function scgpt(
  scope: Scope,
  config: ModelConfig,
  inputs: CellInputs,
  options: ForwardOptions = {},
): ScgptOutputs {
  const { padRows = 'excluded', cellPrompt, cellRowOnly = false } = options;
  const heads = scope.inFloat32();
  const width = config.embeddingSize;

  // Embeddings. Genes alone enter when no values are given.
  const { valueTable } = options;
  const lookUp = (table: string, rows: number, indices: Value): Value =>
    gatherRows(heads.parameter(table, [rows, width]), indices);
  const genes = valueTable
    ? lookUp('gene_table', config.vocabularySize, inputs.genes)
    : embedGenes(heads, config, inputs.genes, options.batchStatistics && inputs.keep); // [cells, tokens, d]
  const given = config.inputStyle === 'scaling' ? undefined : inputs.values;
  const values =
    given &&
    (valueTable
      ? lookUp('value_table', valueTable.rows, given)
      : embedGivenValues(heads, config, given, options.distinctValues)); // [cells, tokens, d]
  const embedded = embedTokens(heads, config, genes, values, inputs, options.batchStatistics);
  const input = cellPrompt === undefined ? embedded.input : withFirstRow(cellPrompt, embedded.input); // [cells, tokens, d]

  // Transformer and cell embedding.
  const layers = encode(scope, config, input, inputs.keep, options);
  const tokens = layers[layers.length - 1].output; // [cells, tokens, d]
  const cell = cellEmbedding(config, tokens, inputs, padRows); // [cells, d]

  // Heads. Those that predict expression read batch and modality beside their input.
  const beside = besideHeads(heads, config, inputs);
  const zeroProbability = config.explicitZeroProbability;
  const besideTokens = beside.tokens === undefined ? [] : [beside.tokens]; // [cells, tokens or 1, d]
  const expression = cellRowOnly
    ? undefined
    : config.architecture === 'perturbation'
      ? perturbedExpression(heads.at('decoder'), config, tokens, required(inputs.values, 'values'))
      : expressionDecoder(heads.at('decoder'), [tokens, ...besideTokens], { width, zeroProbability }); // [cells, tokens]
  const cellPrompted = config.doMvc
    ? cellConditionedDecoder(
        heads.at('mvc_decoder'),
        beside.cell === undefined ? cell : concat([cell, beside.cell], 1), // [cells, d or 2d]
        config.mvcDetach ? stopGradient(genes) : genes, // [cells, tokens, d]
        {
          width,
          style: config.mvcDecoderStyle,
          zeroProbability,
          besideGenes: config.architecture === 'multiomic' ? beside.tokens : undefined,
        },
      ) // [cells, tokens]
    : undefined;
  const classes =
    config.classes > 0
      ? classifier(heads.at('cls_decoder'), cell, {
          width,
          layers: config.classifierLayers,
          classes: config.classes,
        }) // [cells, classes]
      : undefined;
  const batches = config.doDab
    ? batchDiscriminator(heads.at('grad_reverse_discriminator'), cell, {
        width,
        batches: config.batchCount,
        reverse: options.reverseGradient,
      }) // [cells, batches]
    : undefined;

  const { statistics } = embedded;
  return {
    genes,
    values,
    input,
    layers,
    tokens,
    cell,
    batch: beside.batch,
    modality: beside.modality,
    expression,
    cellPrompted,
    classes,
    batches,
    statistics,
  };
}

function required<T>(value: T | undefined, name: keyof CellInputs): T {
  if (value !== undefined) return value;
  throw new GraphError({ what: `this model needs the input '${name}'`, reason: 'input' });
}
