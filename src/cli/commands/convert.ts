/** @file `scgpt convert`: a model from one format to another. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import { flag, option } from '../options.ts';

const options = {
  output: option('-o, --output <path>', 'folder or file to write', z.string('is required')),
  to: option(
    '--to <format>',
    'scgpt (config.json, model.safetensors), official (args.json, best_model.pt), safetensors, pt, or onnx (embedding graph)',
    z.enum(['scgpt', 'official', 'safetensors', 'pt', 'onnx']).default('scgpt'),
  ),
  dtype: option('--dtype <name>', 'f32, or f16: half the size', z.enum(['f32', 'f16']).default('f32')),
  allowPartial: flag('--allow-partial', 'convert a checkpoint with missing or misshapen core weights'),
  force: flag('--force', 'overwrite an existing output'),
};

export const convertCommand: CommandDeclaration<typeof options> = {
  name: 'convert',
  description: 'Convert a model folder or a checkpoint between formats.',
  operands: [['<model>', 'model folder, or a .pt or .safetensors file']],
  options,
  examples: [
    'scgpt convert scGPT_human -o scGPT_human_f16 --dtype f16',
    'scgpt convert my-model -o my-model-official --to official',
    'scgpt convert scGPT_human -o embedder.onnx --to onnx',
  ],
  async run([model], settings, context) {
    const { convertModel } = await import('../../tasks/convert.ts');
    const written = await convertModel(model, { ...settings, logger: context.logger });
    return { text: written.lines.join('\n'), json: written.facts };
  },
};
