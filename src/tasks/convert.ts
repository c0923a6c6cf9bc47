/** @file Converts models between folders, bare checkpoints and ONNX. */

import { stat } from 'node:fs/promises';
import { halved, toFloat32 } from '../model/checkpoint/convert.ts';
import { fileSource } from '../model/checkpoint/node-source.ts';
import { openCheckpoint } from '../model/checkpoint/open.ts';
import { describeLoadReport } from '../model/checkpoint/report.ts';
import { encodeSafetensors } from '../model/checkpoint/safetensors.ts';
import { encodeTorch } from '../model/checkpoint/torch-writer.ts';
import { embeddingOnnx } from '../model/embedding-onnx.ts';
import { writeModelFolder } from '../model/folder-on-disk.ts';
import { UsageError } from '../support/errors.ts';
import type { Logger } from '../support/log.ts';
import type { StateDict } from '../support/tensor.ts';
import { checkOutput, writeFileWhole } from '../support/write-file.ts';
import { openModel } from './model.ts';
import { refuseReplacing } from './output.ts';

/** What a model is converted to: a folder of either layout, a file of weights alone, or a graph. */
export type ConvertTarget = 'scgpt' | 'official' | 'safetensors' | 'pt' | 'onnx';

/** Options of {@link convertModel}. */
export interface ConvertOptions {
  readonly output: string;
  readonly to: ConvertTarget;
  readonly dtype: 'f32' | 'f16';
  readonly allowPartial?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly logger?: Logger | undefined;
}

/** What was written. */
export interface Converted {
  readonly lines: readonly string[];
  readonly facts: Readonly<Record<string, unknown>>;
}

/**
 * Converts a model folder or a bare checkpoint.
 *
 * @throws UsageError when a bare checkpoint is to become something that needs a configuration and a vocabulary
 * @throws CheckpointError, OutputError as reading and writing do
 */
export async function convertModel(path: string, options: ConvertOptions): Promise<Converted> {
  const { output, to, dtype, force } = options;
  await refuseReplacing(output, [path]);
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isFile) return convertFile(path, options);

  if (to !== 'scgpt' && to !== 'official') await checkOutput(output, { force });
  const model = await openModel(path, options);
  const parameters = await model.parameters();
  if (to === 'scgpt' || to === 'official') {
    const { config, vocabulary, card, task } = model;
    const half = dtype === 'f16' ? 'float16' : 'float32';
    await writeModelFolder(
      output,
      { config, vocabulary, parameters, card, task },
      { format: to, dtype: half, force },
    );
  } else if (to === 'onnx') {
    if (dtype === 'f16') throw new UsageError({ what: 'ONNX files are written in f32', where: '--dtype' });
    await writeFileWhole(output, embeddingOnnx(model.config, parameters), { force });
  } else await writeWeights(parameters, options);
  const report = describeLoadReport(model.report);
  return {
    lines: [`${output}: ${model.name} as ${to}${to === 'onnx' ? '' : `, ${dtype}`}`, ...report],
    facts: { output, to, dtype, model: model.name, hash: model.hash, report },
  };
}

/** Weights alone from one file format to another: names are kept as they are. */
async function convertFile(path: string, options: ConvertOptions): Promise<Converted> {
  const { output, to, dtype, force } = options;
  if (to !== 'safetensors' && to !== 'pt') {
    throw new UsageError({
      what: `a file of weights alone cannot become ${to === 'onnx' ? 'a graph' : 'a model folder'}`,
      where: path,
      expected: '--to safetensors or --to pt',
      advice: 'Give the folder with its configuration and vocabulary instead',
      reason: 'bare_checkpoint',
    });
  }
  await checkOutput(output, { force });
  const checkpoint = await openCheckpoint(await fileSource(path));
  await writeWeights(await checkpoint.read(), options);
  return {
    lines: [
      `${output}: ${checkpoint.tensors.size} tensors of ${path} (${checkpoint.format}) as ${to}, ${dtype}`,
    ],
    facts: { output, to, dtype, tensors: checkpoint.tensors.size, from: checkpoint.format },
  };
}

async function writeWeights(state: StateDict, { output, to, dtype, force }: ConvertOptions): Promise<void> {
  const full: StateDict = new Map([...state].map(([name, tensor]) => [name, toFloat32(tensor)]));
  const weights = dtype === 'f16' ? halved(full) : full;
  await writeFileWhole(output, to === 'pt' ? encodeTorch(weights) : encodeSafetensors(weights), { force });
}
