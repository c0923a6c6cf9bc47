/** @file The content of a model folder, file by file, in the official layout or ours. */

import type { Vocabulary } from '../single-cell/vocabulary.ts';
import { elementCount, type StateDict } from '../support/tensor.ts';
import { halved } from './checkpoint/convert.ts';
import { encodeSafetensors } from './checkpoint/safetensors.ts';
import { encodeTorch } from './checkpoint/torch-writer.ts';
import type { ModelConfig } from './config.ts';
import { configFormat, configVersion, fileNames, type ModelFolderKind } from './folder-layout.ts';
import { officialArguments } from './official-arguments.ts';

/** A model as it is written. */
export interface Model {
  readonly config: ModelConfig;
  readonly vocabulary: Vocabulary;
  /** By official name, floats as float32. */
  readonly parameters: StateDict;
  /** Markdown; a short description is written when there is none. */
  readonly card?: string | undefined;
  /** What a fine-tuned model was tuned for, as JSON. */
  readonly task?: unknown;
  /** Numbers that the task needs beside the model's own, by name. */
  readonly taskTensors?: StateDict | undefined;
}

/** Element types weights are written in. */
export type WeightsDtype = 'float32' | 'float16';

/**
 * The files of a model folder by name, each in parts to be written one after the other.
 *
 * @throws CheckpointError when a weight is too large for float16, or the official layout has no place for the model.
 */
export function modelFiles(
  model: Model,
  format: ModelFolderKind,
  dtype: WeightsDtype,
): Map<string, Uint8Array[]> {
  const { config, vocabulary, card, task, taskTensors } = model;
  const parameters = dtype === 'float16' ? halved(model.parameters) : model.parameters;
  const files = new Map<string, Uint8Array[]>();
  if (format === 'official') {
    files.set(fileNames.officialArguments, json(officialArguments(config)));
    files.set(fileNames.officialWeights[0], encodeTorch(parameters, 'best_model'));
  } else {
    files.set(fileNames.config, json({ format: configFormat, version: configVersion, ...config }));
    files.set(fileNames.weights, encodeSafetensors(parameters, { format: 'pt' }));
  }
  files.set(fileNames.vocabulary, json(vocabulary.toJSON()));
  // A published folder has no card; one that came with a card keeps it.
  const text = card ?? (format === 'scgpt' ? describeModel(config, parameters) : undefined);
  if (text !== undefined) files.set(fileNames.card, [new TextEncoder().encode(text)]);
  if (task !== undefined) files.set(fileNames.task, json(task));
  if (taskTensors !== undefined) files.set(fileNames.taskTensors, encodeSafetensors(taskTensors));
  return files;
}

function json(content: unknown): Uint8Array[] {
  return [new TextEncoder().encode(`${JSON.stringify(content, null, 1)}\n`)];
}

/** The card of a model that came with none: what can be said of it for certain. */
function describeModel(config: ModelConfig, parameters: StateDict): string {
  const numbers = [...parameters.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const lines = [
    '# scGPT model',
    '',
    config.trained ? 'No description came with these weights.' : '**Random weights**: results mean nothing.',
    '',
    `- architecture: ${config.architecture}, ${config.layers} layers, ${config.heads} heads, width ${config.embeddingSize}, feed-forward width ${config.hiddenSize}`,
    `- vocabulary: ${config.vocabularySize} tokens`,
    `- values: ${config.bins} bins, ${config.inputStyle}; at most ${config.maxLength} tokens a cell`,
    ...config.conditions.map(
      ({ name, of, values }) => `- condition of ${of}: ${name}, ${values.length} values`,
    ),
    `- numbers stored: ${numbers}`,
    '',
  ];
  return lines.join('\n');
}
