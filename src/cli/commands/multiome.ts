/** @file `scgpt multiome`: RNA and a second modality in, one embedding of both out. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import { multiomeText } from '../multiome-text.ts';
import {
  cellSourceOptions,
  deviceOptions,
  forceOption,
  modelOptions,
  option,
  positive,
  reportOptions,
  seedOption,
  weight,
  wholeNumber,
} from '../options.ts';

const options = {
  output: option(
    '-o, --output <file>',
    'where to write: .h5mu with both modalities, .h5ad or .zarr with RNA and the results',
    z.string('is required'),
  ),
  ...modelOptions,
  other: option(
    '--other <name>',
    'the modality beside RNA in a file that holds several, or an entry of obsm',
    z.string().optional(),
  ),
  kind: option(
    '--kind <what>',
    'what it is: proteins or peaks (default: by names)',
    z.enum(['proteins', 'peaks']).optional(),
  ),
  batchKey: option(
    '--batch-key <name>',
    'obs column of batches, mixed by Harmony in each modality (default: one batch)',
    z.string().optional(),
  ),
  labelKey: option(
    '--label-key <name>',
    'obs column of cell types, for scoring and colours only: nothing is chosen by it',
    z.string().optional(),
  ),
  trust: option(
    '--trust <which>',
    'which modality has a say: auto judges without labels, or both, rna, other (default: auto)',
    z.enum(['auto', 'both', 'rna', 'other']).optional(),
  ),
  genes: option('--genes <n>', 'variable genes that are read (default: 1200)', wholeNumber(2).optional()),
  features: option(
    '--features <n>',
    'proteins or peaks that are read (default: 2000)',
    wholeNumber(2).optional(),
  ),
  featureChoice: option(
    '--feature-choice <how>',
    'peaks by accessibility (open in most cells) or variability (default)',
    z.enum(['accessibility', 'variability']).optional(),
  ),
  peakValues: option(
    '--peak-values <how>',
    'binary (default) or binned as genes are',
    z.enum(['binary', 'binned']).optional(),
  ),
  genesGtf: option(
    '--genes-gtf <file>',
    'places of genes (GTF, GFF3 or BED): peaks get the nearest one and its distance in var',
    z.string().optional(),
  ),
  epochs: option(
    '--epochs <n>',
    'passes over the cells (default: by their number)',
    wholeNumber(1).optional(),
  ),
  dar: option('--dar <weight>', 'of the adversary that tells batches apart (default: 0)', weight.optional()),
  jointWeight: option(
    '--joint-weight <weight>',
    'what the cell embedding counts for beside each modality; 0 leaves it out (default: 0.4)',
    weight.optional(),
  ),
  resolution: option('--resolution <r>', 'of Leiden clusters (default: 1)', positive.optional()),
  fromScratch: option('--from-scratch', 'begin with random weights', z.boolean().optional()),
  seed: seedOption,
  saveModel: option('--save-model <folder>', 'keep the fine-tuned model', z.string().optional()),
  ...reportOptions,
  force: forceOption,
  ...cellSourceOptions,
  ...deviceOptions,
};

export const multiomeCommand: CommandDeclaration<typeof options> = {
  name: 'multiome',
  description:
    'Join RNA with accessibility or proteins: one embedding of both, clusters, a map, predictions.',
  operands: [
    [
      '<data...>',
      'RNA and the other modality; or one h5mu, or one h5ad with feature_types or protein counts',
    ],
  ],
  options,
  examples: [
    'scgpt multiome rna.h5ad atac.h5ad -o joint.h5mu --report report.html',
    'scgpt multiome cite.h5ad --other protein_counts --label-key cell_type -o joint.h5ad',
    'scgpt multiome multiome.h5mu --batch-key donor -o joint.h5mu',
  ],
  async run(inputs, settings, context) {
    const { multiomeFiles } = await import('../../tasks/multiome/files.ts');
    const done = await multiomeFiles(inputs, { ...settings, ...context });
    return { text: multiomeText(done), json: done };
  },
};
