/** @file Model folders, the official layout and ours: told apart, checked, opened without reading the weights. */

import { Vocabulary } from '../single-cell/vocabulary.ts';
import { CheckpointError } from '../support/errors.ts';
import type { StateDict } from '../support/tensor.ts';
import type { ByteSource } from './checkpoint/byte-source.ts';
import type { Checkpoint } from './checkpoint/checkpoint.ts';
import {
  type LoadedParameters,
  type LoadOptions,
  type LoadReport,
  loadParameters,
} from './checkpoint/load.ts';
import { officialName, wrapperPrefix } from './checkpoint/names.ts';
import { openCheckpoint } from './checkpoint/open.ts';
import { type ModelConfig, parseModelConfig } from './config.ts';
import {
  configFormat,
  configVersion,
  type FolderFiles,
  fileNames,
  type ModelFolderKind,
} from './folder-layout.ts';
import { readJson, readText } from './folder-text.ts';
import { modelHash } from './hash.ts';
import { configFromOfficial } from './official-arguments.ts';
import { expectedParameters } from './parameters.ts';
import { configFromWeights } from './weights-config.ts';

/** An opened model folder. Configuration and vocabulary are read and checked; weights are read when asked for. */
export interface ModelFolder {
  /** The folder's name, without the path to it. */
  readonly name: string;
  readonly kind: ModelFolderKind;
  readonly config: ModelConfig;
  readonly vocabulary: Vocabulary;
  readonly checkpoint: Checkpoint;
  /** False for random weights. */
  readonly trained: boolean;
  /** The model card, or undefined when there is none. */
  readonly card: string | undefined;
  /** The content of `task.json` of a fine-tuned model, or undefined. */
  readonly task: unknown;
  /**
   * Reads the numbers that go with the task; none for a model without them.
   *
   * @throws CheckpointError when they are damaged.
   */
  readTaskTensors(): Promise<StateDict>;
  /**
   * Reads the weights, tells what became of each, and names the model by its content.
   *
   * @throws CheckpointError when weights are damaged or do not fit; see `loadParameters`.
   */
  load(options?: Pick<LoadOptions, 'allowPartial'>): Promise<LoadedModel>;
  /** The weights by official name, floats as float32. A folder reads them anew at each call. */
  parameters(): Promise<StateDict>;
}

/** A model folder whose weights are in memory. */
export interface LoadedModel extends ModelFolder {
  /** What became of every tensor of the checkpoint. */
  readonly report: LoadReport;
  /** Content hash of the model, see `modelHash`. */
  readonly hash: string;
}

/**
 * Opens a model folder, the official layout or ours.
 *
 * @param folder a path (in Node), or the files of a folder picked in a page
 * @throws CheckpointError when a file is missing or unusable, when vocabulary and embedding table differ in size, or
 * when it is another program's model.
 */
export async function openModelFolder(folder: string | FolderFiles): Promise<ModelFolder> {
  if (typeof folder !== 'string') return openModelFiles(folder);
  const { filesOnDisk } = await import('./folder-on-disk.ts'); // kept out of pages, which have no paths
  return openModelFiles(await filesOnDisk(folder));
}

async function openModelFiles(files: FolderFiles): Promise<ModelFolder> {
  const kind = await kindOf(files);
  const vocabulary = await readVocabulary(files);
  const weightNames = kind === 'official' ? fileNames.officialWeights : [fileNames.weights];
  const checkpoint = await openCheckpoint(await openRequired(files, weightNames));
  const shapes = officialShapes(checkpoint);
  checkVocabularySize(vocabulary, shapes.get('encoder.embedding.weight')?.[0], checkpoint.name);
  const config =
    kind === 'official'
      ? await officialConfig(files, vocabulary, shapes)
      : await ownConfig(await files.open(fileNames.config), vocabulary);
  checkPadding(config, vocabulary);
  const has = (name: string): boolean => files.names.includes(name);
  const folder: ModelFolder = {
    name: files.name.replace(/[/\\]+$/, '').replace(/^.*[/\\]/, ''),
    kind,
    config,
    vocabulary,
    checkpoint,
    trained: config.trained,
    card: has(fileNames.card) ? await readText(await files.open(fileNames.card)) : undefined,
    task: has(fileNames.task) ? await readJson(await files.open(fileNames.task)) : undefined,
    readTaskTensors: async () =>
      has(fileNames.taskTensors)
        ? (await openCheckpoint(await files.open(fileNames.taskTensors))).read()
        : new Map(),
    load: (options) => loadModel(folder, options),
    parameters: async () => (await readParameters(folder)).parameters,
  };
  return folder;
}

async function readParameters(folder: ModelFolder, options: LoadOptions = {}): Promise<LoadedParameters> {
  const { checkpoint, config } = folder;
  const where = checkpoint.name;
  return loadParameters(expectedParameters(config), await checkpoint.read(), { ...options, where });
}

async function loadModel(folder: ModelFolder, options: LoadOptions = {}): Promise<LoadedModel> {
  const { parameters, report } = await readParameters(folder, options);
  const hash = await modelHash(folder.config, folder.vocabulary, parameters);
  return { ...folder, report, hash, parameters: async () => parameters };
}

async function readVocabulary(files: FolderFiles): Promise<Vocabulary> {
  const source = await openRequired(files, [fileNames.vocabulary]);
  return Vocabulary.fromJson(await readJson(source), source.name);
}

function checkPadding(config: ModelConfig, vocabulary: Vocabulary): void {
  if (vocabulary.id(config.padToken) !== undefined) return;
  throw new CheckpointError({
    what: `the padding token '${config.padToken}' of the configuration is not in the vocabulary`,
    where: vocabulary.source,
    advice: 'Take configuration, vocabulary and weights from the same model.',
    reason: 'vocabulary_pad',
  });
}

async function kindOf(files: FolderFiles): Promise<ModelFolderKind> {
  if (files.names.includes(fileNames.config)) {
    const content = await readJson(await files.open(fileNames.config));
    if (isOwnConfig(content)) return 'scgpt';
    if (!files.names.includes(fileNames.officialArguments)) throw foreignModel(files, content);
  }
  if (files.names.includes(fileNames.officialArguments)) return 'official';
  throw missingFile(files, [fileNames.officialArguments, fileNames.config]);
}

function isOwnConfig(content: unknown): content is Record<string, unknown> {
  return (
    content !== null && typeof content === 'object' && 'format' in content && content.format === configFormat
  );
}

/** A folder with a config.json that is not ours, most often a Hugging Face model such as Geneformer. */
function foreignModel(files: FolderFiles, content: unknown): CheckpointError {
  const fields = (content ?? {}) as { architectures?: unknown; model_type?: unknown };
  const declared = Array.isArray(fields.architectures) ? fields.architectures[0] : fields.model_type;
  const kind = typeof declared === 'string' ? `a ${declared}` : 'the model of another program';
  return new CheckpointError({
    what: `this folder holds ${kind}, not scGPT`,
    where: files.name,
    expected: `args.json, vocab.json and best_model.pt as published, or a config.json written by this program`,
    reason: 'foreign_model',
  });
}

function missingFile(files: FolderFiles, wanted: readonly string[]): CheckpointError {
  const there = files.names.length === 0 ? 'it is empty' : `it holds ${files.names.slice(0, 8).join(', ')}`;
  return new CheckpointError({
    what: `the folder has no ${wanted.join(' or ')}; ${there}`,
    where: files.name,
    expected: `a model folder: ${fileNames.officialArguments}, ${fileNames.vocabulary} and ${fileNames.officialWeights.join(' or ')}, or ${fileNames.config}, ${fileNames.vocabulary} and ${fileNames.weights}`,
    advice: 'Download every file of the model into one folder.',
    reason: 'missing_file',
  });
}

async function openRequired(files: FolderFiles, wanted: readonly string[]): Promise<ByteSource> {
  const name = wanted.find((candidate) => files.names.includes(candidate));
  if (name === undefined) throw missingFile(files, wanted);
  return files.open(name);
}

function officialShapes(checkpoint: Checkpoint): Map<string, readonly number[]> {
  const prefix = wrapperPrefix(checkpoint.tensors.keys());
  const entries = [...checkpoint.tensors].map(
    ([name, { shape }]) => [officialName(name, prefix), shape] as const,
  );
  return new Map(entries);
}

function checkVocabularySize(vocabulary: Vocabulary, rows: number | undefined, weights: string): void {
  if (rows === undefined || rows === vocabulary.size) return; // a missing embedding is told when loading
  throw new CheckpointError({
    what: `the vocabulary has ${vocabulary.size} tokens, the embedding table in ${weights} ${rows} rows`,
    where: vocabulary.source,
    expected: 'one row for each token',
    advice: 'Take the vocab.json that came with the weights.',
    reason: 'vocabulary_size',
  });
}

async function officialConfig(
  files: FolderFiles,
  vocabulary: Vocabulary,
  shapes: ReadonlyMap<string, readonly number[]>,
): Promise<ModelConfig> {
  const source = await files.open(fileNames.officialArguments);
  const said = configFromOfficial(await readJson(source), vocabulary.size, source.name);
  return configFromWeights(said, shapes, source.name);
}

async function ownConfig(source: ByteSource, vocabulary: Vocabulary): Promise<ModelConfig> {
  const { format: _, version, ...fields } = (await readJson(source)) as Record<string, unknown>;
  if (version !== configVersion) {
    throw new CheckpointError({
      what: `its format version is ${JSON.stringify(version)}`,
      where: source.name,
      expected: `version ${configVersion}`,
      advice: 'Update this program to read models written by a newer one.',
      reason: 'config_version',
    });
  }
  const config = parseModelConfig(fields, source.name);
  if (config.vocabularySize === vocabulary.size) return config;
  throw new CheckpointError({
    what: `the configuration says ${config.vocabularySize} tokens, the vocabulary has ${vocabulary.size}`,
    where: source.name,
    advice: 'Take config.json and vocab.json from the same model.',
    reason: 'vocabulary_size',
  });
}
