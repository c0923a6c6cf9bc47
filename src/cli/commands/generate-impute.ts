/** @file `scgpt generate impute`: zeros that are dropouts filled, or genes that a panel lacks told from a reference. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import { imputeText } from '../generate-text.ts';
import {
  cellSourceOptions,
  deviceOptions,
  forceOption,
  modelOptions,
  option,
  outputOption,
  reportOptions,
  share,
} from '../options.ts';
import { tuningOptions } from './generate-options.ts';

const options = {
  output: outputOption,
  reference: option(
    '--reference <file>',
    'cells with more genes: tells the genes that the data lack, instead of filling zeros',
    z.string().optional(),
  ),
  above: option(
    '--above <share>',
    'fill zeros of genes that more than this share of like cells would show; 0 fills all that any shows',
    share.default(0.5),
  ),
  ...modelOptions,
  ...tuningOptions,
  ...reportOptions,
  force: forceOption,
  ...cellSourceOptions,
  ...deviceOptions,
};

export const generateImputeCommand: CommandDeclaration<typeof options> = {
  name: 'impute',
  description:
    'Fill dropouts, or complete a gene panel from a reference; measured values stay as they are, and held-out ones tell what it is worth.',
  operands: [
    ['<data...>', 'counts: h5ad, Zarr, 10x h5, 10x mtx folder or csv/tsv; several are joined on genes'],
  ],
  options,
  examples: [
    'scgpt generate impute cells.h5ad -o imputed.h5ad --report report.html',
    'scgpt generate impute cells.h5ad --no-train --above 0.8 -o imputed.h5ad',
    'scgpt generate impute panel.h5ad --reference atlas.h5ad -o completed.h5ad',
  ],
  async run(inputs, settings, context) {
    const { imputeFiles } = await import('../../tasks/generate/impute-files.ts');
    const done = await imputeFiles(inputs, { ...settings, ...context });
    return { text: imputeText(done), json: done };
  },
};
