/** @file The shape of a model: what its configuration says, checked, under names that can be read. */

import { z } from 'zod';
import { CheckpointError } from '../support/errors.ts';

const count = z.int().min(0);
const size = z.int().min(1);

const conditionSchema = z
  .strictObject({
    /** The column of obs or var that holds it. */
    name: z
      .string()
      .min(1)
      .refine((name) => !name.includes('/'), 'must have no slash'),
    /** What it describes: each cell (a column of obs) or each gene (a column of var). */
    of: z.enum(['cells', 'genes']),
    /** The values the model knows; row 0 of the table stands for a condition that is not given, row 1 for the first. */
    values: z.array(z.string()).readonly(),
  })
  .readonly();

const modelConfigSchema = z
  .strictObject({
    /**
     * Which network: the released one, the one with the generative stream, the perturbation predictor
     * (`TransformerGenerator`) or the one with modalities (`MultiOmicTransformerModel`).
     */
    architecture: z.enum(['standard', 'pretraining', 'perturbation', 'multiomic']),
    /** Tokens: rows of the gene embedding (`ntoken`). */
    vocabularySize: size,
    /** Width of every token's embedding (`embsize`, `d_model`). */
    embeddingSize: size,
    /** Attention heads (`nheads`). */
    heads: size,
    /** Width inside the feed-forward blocks (`d_hid`). */
    hiddenSize: size,
    /** Transformer layers (`nlayers`). */
    layers: size,
    /** Linear layers of the classifier, its output layer included (`n_layers_cls`). */
    classifierLayers: size,
    /** Classes of the cell-type classifier (`n_cls`); 0: the model has none. */
    classes: count,
    /** Dropout rate of training (`dropout`). */
    dropout: z.number().min(0).max(1),
    /** The vocabulary's padding token (`pad_token`). */
    padToken: z.string(),
    /** The expression value at padding (`pad_value`). */
    padValue: z.number(),
    /** The expression value at masked positions (`mask_value`). */
    maskValue: z.number(),
    /** Value bins, zero included (`n_bins`). */
    bins: size,
    /** Most tokens of a cell, `<cls>` included (`max_seq_len`). */
    maxLength: size,
    /** How expression values enter (`input_emb_style`): projected, looked up, or as a factor of the gene. */
    inputStyle: z.enum(['continuous', 'category', 'scaling']),
    /** Rows of the value table when `inputStyle` is `category` (`n_input_bins`); otherwise 0. */
    inputBins: count,
    /** What stands for the cell (`cell_emb_style`): the first token, or a mean over tokens. */
    cellEmbeddingStyle: z.enum(['cls', 'avg-pool', 'w-pool']),
    /** Whether decoders also predict the probability that a value is not zero (`explicit_zero_prob`). */
    explicitZeroProbability: z.boolean(),
    /** Batches the model knows (`num_batch_labels`); 0: none. */
    batchCount: count,
    /** Whether decoders see the batch (`use_batch_labels`). */
    useBatchLabels: z.boolean(),
    /** Batch normalisation of the input embeddings (`domain_spec_batchnorm`): one for all, or one per batch. */
    inputBatchNorm: z.enum(['none', 'shared', 'per-batch']),
    /** Whether the model has the decoder that predicts genes from the cell embedding (`do_mvc`; GEPC in the paper). */
    doMvc: z.boolean(),
    /** How that decoder joins gene and cell (`mvc_decoder_style`). */
    mvcDecoderStyle: z.enum(['inner product', 'concat query', 'sum query']),
    /** Whether that decoder's gene queries are cut off from the gradient (`inner product, detach`). */
    mvcDetach: z.boolean(),
    /** Whether the model has the adversarial batch discriminator (`do_dab`; DAR in the paper). */
    doDab: z.boolean(),
    /** Similarity threshold of the elastic cell objective (`ecs_threshold`); 0 turns it off. */
    ecsThreshold: z.number().min(0),
    /** The unusual norm-first layer of the reference's flash backend (`pre_norm`). */
    preNorm: z.boolean(),
    /** The perturbation flag without an embedding (`pert_pad_id`); used when `architecture` is `perturbation`. */
    perturbationPad: count,
    /** Whether the perturbation decoder scales its bias by each cell's mean (`decoder_adaptive_bias`). */
    adaptiveBias: z.boolean(),
    /** Activation after the perturbation decoder (`decoder_activation`), a torch class name; null: none. */
    decoderActivation: z.string().nullable(),
    /** Numbers that tell what is known of perturbed genes, read by every token; 0: none. Used as the above. */
    perturbationFeatures: count.default(0), // absent from folders written before there were any
    /** Rows of the modality table (`ntokens_mod`); 0: none. Used when `architecture` is `multiomic`. */
    modalityCount: count,
    /** Condition tokens: what is known of cells or genes beside expression (paper, Methods, "Input embeddings"). */
    conditions: z.array(conditionSchema).readonly().default([]), // absent from folders written before there were any
    /** False for random weights, as demonstrations and benchmarks use: results are then marked as meaningless. */
    trained: z.boolean(),
    /** Keys of an official `args.json` as they were, kept so that it can be written back; nothing reads them. */
    officialArguments: z.record(z.string(), z.json()),
  })
  .superRefine((config, context) => {
    const claim = (holds: boolean, key: keyof ModelConfig, message: string): void => {
      if (!holds) context.addIssue({ code: 'custom', path: [key], message });
    };
    claim(
      config.embeddingSize % config.heads === 0,
      'heads',
      `must divide the embedding size ${config.embeddingSize}`,
    );
    claim(
      config.inputStyle !== 'category' || config.inputBins > 0,
      'inputBins',
      'must be positive for the category input style',
    );
    claim(
      config.batchCount > 0 ||
        !(config.useBatchLabels || config.doDab || config.inputBatchNorm === 'per-batch'),
      'batchCount',
      'must be positive when the model uses batches',
    );
    claim(
      !config.mvcDetach || config.mvcDecoderStyle === 'inner product',
      'mvcDetach',
      'needs inner product',
    );
    claim(allDifferent(config.conditions.map(({ name }) => name)), 'conditions', 'must have different names');
    for (const { name, values } of config.conditions) {
      claim(allDifferent(values), 'conditions', `must have different values in '${name}'`);
    }
  });

function allDifferent(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

/** The configuration of a model, as `config.json` holds it. See the schema's fields for what each key means. */
export type ModelConfig = Readonly<z.infer<typeof modelConfigSchema>>;

/** One condition that a model knows. */
export type Condition = ModelConfig['conditions'][number];

/**
 * The release's whole-human model, which every other configuration is told as a difference from: 12 layers,
 * 8 heads, 512 wide, 51 bins, 1,200 tokens, with no head beside the expression and cell-prompted decoders.
 */
export const officialDefaults = {
  architecture: 'standard',
  embeddingSize: 512,
  heads: 8,
  hiddenSize: 512,
  layers: 12,
  classifierLayers: 3,
  classes: 0,
  dropout: 0.2,
  padToken: '<pad>',
  padValue: -2,
  maskValue: -1,
  bins: 51,
  maxLength: 1200,
  inputStyle: 'continuous',
  inputBins: 0,
  cellEmbeddingStyle: 'cls',
  explicitZeroProbability: false,
  batchCount: 0,
  useBatchLabels: false,
  inputBatchNorm: 'none',
  doMvc: true,
  mvcDecoderStyle: 'inner product',
  mvcDetach: false,
  doDab: false,
  ecsThreshold: 0,
  preNorm: false,
  perturbationPad: 2,
  adaptiveBias: false,
  decoderActivation: null,
  perturbationFeatures: 0,
  modalityCount: 0,
  conditions: [],
  trained: true,
  officialArguments: {},
} as const satisfies Omit<ModelConfig, 'vocabularySize'>;

/**
 * A checked configuration: the given fields over {@link officialDefaults}.
 *
 * @throws CheckpointError when fields contradict each other or are out of range.
 */
export function modelConfig(
  fields: Partial<ModelConfig> & Pick<ModelConfig, 'vocabularySize'>,
  where = 'model configuration',
): ModelConfig {
  return parseModelConfig({ ...officialDefaults, ...fields }, where);
}

/**
 * Reads the content of our `config.json`: every field, and no other.
 *
 * @param where the file, for messages
 * @throws CheckpointError that lists each wrong field.
 */
export function parseModelConfig(content: unknown, where = 'config.json'): ModelConfig {
  const parsed = modelConfigSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw configError(parsed.error, where);
}

/** One error for all that is wrong with a configuration. */
export function configError(error: z.ZodError, where: string): CheckpointError {
  const problems = error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  return new CheckpointError({
    what: `the model configuration is not usable (${problems.join('; ')})`,
    where,
    advice: 'Use the file that came with the weights.',
    reason: 'config',
    cause: error,
  });
}
