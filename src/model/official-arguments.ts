/** @file Between our configuration and the keys of the reference: its `args.json` and its classes' constructors. */

import { z } from 'zod';
import { CheckpointError } from '../support/errors.ts';
import { configError, type ModelConfig, officialDefaults, parseModelConfig } from './config.ts';

const integer = z.int().nullish();
const flag = z.boolean().nullish();

/** The keys that are read, with their types; every other key is kept and not read. */
const officialSchema = z.looseObject({
  embsize: integer,
  d_model: integer,
  nheads: integer,
  nhead: integer,
  d_hid: integer,
  nlayers: integer,
  n_layers_cls: integer,
  nlayers_cls: integer,
  n_cls: integer,
  dropout: z.number().nullish(),
  pad_token: z.string().nullish(),
  pad_value: z.number().nullish(),
  mask_value: z.number().nullish(),
  n_bins: integer,
  max_seq_len: integer,
  input_emb_style: z.enum(['continuous', 'category', 'scaling']).nullish(),
  n_input_bins: integer,
  cell_emb_style: z.enum(['cls', 'avg-pool', 'w-pool']).nullish(),
  explicit_zero_prob: flag,
  use_batch_labels: flag,
  num_batch_labels: integer,
  domain_spec_batchnorm: z.union([z.boolean(), z.enum(['dsbn', 'do_affine', 'batchnorm'])]).nullish(),
  do_mvc: flag,
  mvc_decoder_style: z
    .enum(['inner product', 'inner product, detach', 'concat query', 'sum query'])
    .nullish(),
  do_dab: flag,
  ecs_threshold: z.number().nullish(),
  pre_norm: flag,
  use_generative_training: flag,
  pert_pad_id: integer,
  decoder_adaptive_bias: flag,
  decoder_activation: z.string().nullish(),
  use_mod: flag,
  ntokens_mod: integer,
  trained: flag,
});

type OfficialArguments = z.infer<typeof officialSchema>;
type OfficialKey = keyof typeof officialSchema.shape;

/**
 * Keys whose value is the field's, and when an `args.json` has them: always, when it differs from the default,
 * or never by itself, because the weights' names and shapes say it (as in the published files).
 */
const keys: readonly [OfficialKey, keyof ModelConfig, 'always' | 'if unusual' | 'by weights'][] = [
  ['embsize', 'embeddingSize', 'always'],
  ['nheads', 'heads', 'always'],
  ['d_hid', 'hiddenSize', 'always'],
  ['nlayers', 'layers', 'always'],
  ['n_layers_cls', 'classifierLayers', 'always'],
  ['dropout', 'dropout', 'always'],
  ['pad_token', 'padToken', 'always'],
  ['pad_value', 'padValue', 'always'],
  ['mask_value', 'maskValue', 'always'],
  ['n_bins', 'bins', 'always'],
  ['max_seq_len', 'maxLength', 'always'],
  ['input_emb_style', 'inputStyle', 'always'],
  ['cell_emb_style', 'cellEmbeddingStyle', 'if unusual'],
  ['ecs_threshold', 'ecsThreshold', 'if unusual'],
  ['pre_norm', 'preNorm', 'if unusual'],
  ['pert_pad_id', 'perturbationPad', 'if unusual'],
  ['decoder_adaptive_bias', 'adaptiveBias', 'if unusual'],
  ['decoder_activation', 'decoderActivation', 'if unusual'],
  ['trained', 'trained', 'if unusual'],
  ['n_cls', 'classes', 'by weights'],
  ['n_input_bins', 'inputBins', 'by weights'],
  ['explicit_zero_prob', 'explicitZeroProbability', 'by weights'],
  ['use_batch_labels', 'useBatchLabels', 'by weights'],
  ['num_batch_labels', 'batchCount', 'by weights'],
  ['do_mvc', 'doMvc', 'by weights'],
  ['do_dab', 'doDab', 'by weights'],
  ['ntokens_mod', 'modalityCount', 'by weights'],
];

/** The constructors' names for three keys of `args.json`. */
const aliases = { d_model: 'embsize', nhead: 'nheads', nlayers_cls: 'n_layers_cls' } as const;

/**
 * Reads an official `args.json`, or constructor arguments in its place, as fine-tuning scripts save them.
 *
 * `args.json` says nothing of the heads, batches and modalities of the saved weights: those fields get their
 * defaults here, and `configFromWeights` corrects them.
 *
 * @param vocabularySize tokens in the vocabulary beside it
 * @param where the file, for messages
 * @param architecture when the caller knows the class; otherwise told from the keys
 * @throws CheckpointError that lists each wrong key.
 */
export function configFromOfficial(
  content: unknown,
  vocabularySize: number,
  where = 'args.json',
  architecture?: ModelConfig['architecture'],
): ModelConfig {
  const parsed = officialSchema.safeParse(content);
  if (!parsed.success) throw configError(parsed.error, where);
  const given = withoutAliases(parsed.data);
  const fields: Partial<Record<keyof ModelConfig, unknown>> = { ...defaultsOf(parsed.data) };
  for (const [key, field] of keys) {
    if (given[key] !== undefined && given[key] !== null) fields[field] = given[key];
  }
  fields.architecture = architecture ?? architectureOf(given);
  // The class with the generative stream makes a classifier only where there is something to tell apart.
  if (fields.architecture === 'pretraining' && fields.classes === 1) fields.classes = 0;
  const style = given.mvc_decoder_style ?? officialDefaults.mvcDecoderStyle;
  fields.mvcDecoderStyle = style.replace(', detach', '');
  fields.mvcDetach = style.endsWith(', detach');
  fields.inputBatchNorm = batchNormOf(given.domain_spec_batchnorm);
  fields.officialArguments = content;
  return parseModelConfig({ ...fields, vocabularySize }, where);
}

/** What is meant by a key that is absent: constructors have other defaults than the pretraining run. */
function defaultsOf(given: OfficialArguments): Partial<ModelConfig> {
  const fromConstructor = Object.keys(aliases).some((alias) => alias in given);
  return fromConstructor ? { ...officialDefaults, classes: 1, doMvc: false } : officialDefaults;
}

function withoutAliases(given: OfficialArguments): OfficialArguments {
  const result = { ...given };
  for (const [alias, key] of Object.entries(aliases) as [
    keyof typeof aliases,
    (typeof aliases)[keyof typeof aliases],
  ][]) {
    result[key] ??= given[alias];
  }
  return result;
}

function architectureOf(given: OfficialArguments): ModelConfig['architecture'] {
  if (given.use_generative_training === true) return 'pretraining';
  if (given.use_mod === true) return 'multiomic';
  return given.pert_pad_id === undefined ? 'standard' : 'perturbation';
}

/** `do_affine` is spelled in the reference but cannot be reached there: its parameters are those of `dsbn`. */
function batchNormOf(given: OfficialArguments['domain_spec_batchnorm']): ModelConfig['inputBatchNorm'] {
  if (given === undefined || given === null || given === false) return 'none';
  return given === 'batchnorm' ? 'shared' : 'per-batch';
}

/**
 * The content of an official `args.json`: keys that were read from one are kept, ours are brought up to date.
 *
 * @throws CheckpointError when the model has conditions or features of perturbed genes, which that layout has no place for
 */
export function officialArguments(config: ModelConfig): Record<string, unknown> {
  if (config.conditions.length > 0) {
    throw new CheckpointError({
      what: `the official layout cannot hold the model's conditions (${config.conditions.map(({ name }) => name).join(', ')}): neither args.json nor the reference's network has condition tokens by name`,
      expected: 'a model without conditions',
      advice: 'Write the model in our layout, which keeps them',
      reason: 'official_conditions',
    });
  }
  if (config.perturbationFeatures > 0) {
    throw new CheckpointError({
      what: 'the official layout cannot hold a model that reads features of perturbed genes: the reference tells perturbations by flags alone',
      expected: 'a model without such features',
      advice: 'Write the model in our layout, or train it with --reference',
      reason: 'official_features',
    });
  }
  const result: Record<string, unknown> = { ...config.officialArguments };
  for (const alias of Object.keys(aliases)) delete result[alias];
  for (const [key, field, when] of keys) {
    const unusual =
      when === 'if unusual' && config[field] !== officialDefaults[field as keyof typeof officialDefaults];
    if (when === 'always' || unusual || key in result) result[key] = config[field];
  }
  if (config.mvcDetach) result.mvc_decoder_style = 'inner product, detach';
  else if ('mvc_decoder_style' in result) result.mvc_decoder_style = config.mvcDecoderStyle;
  return result;
}
