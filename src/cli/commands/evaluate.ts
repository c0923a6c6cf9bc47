/** @file `scgpt evaluate`: embeddings and predicted labels in, scores beside simple methods out. */

import { z } from 'zod';
import type { CommandDeclaration } from '../command.ts';
import { evaluateText } from '../evaluate-text.ts';
import { forceOption, names, option, reportOptions, wholeNumber } from '../options.ts';

const list = (text: string) => text.split(',').map((part) => part.trim());

const options = {
  embedding: option(
    '--embedding <name...>',
    'obsm entries to score (default: all that are embeddings; layouts such as X_umap are none)',
    names.optional(),
  ),
  batchKey: option('--batch-key <name>', 'obs column of batches, to score mixing', z.string().optional()),
  labelKey: option(
    '--label-key <name>',
    'obs column of cell types, for scoring only; without it, embeddings are scored by mixing alone',
    z.string().optional(),
  ),
  prediction: option('--prediction <name...>', 'obs columns of predicted types to score', names.optional()),
  truth: option(
    '--truth <name>',
    'obs column of the true types (default: --label-key)',
    z.string().optional(),
  ),
  confidence: option(
    '--confidence <name...>',
    'obs columns of how sure each prediction is, in the same order',
    names.optional(),
  ),
  methods: option(
    '--methods <list>',
    'built-in methods to run on the same cells: pca, scaled-pca, harmony, scaled-harmony, scanorama, mnn, harmonised-components, vae; all; or none (default: pca,harmony)',
    z
      .string()
      .transform((text) => (text === 'none' ? [] : list(text)))
      .optional(),
  ),
  unintegrated: option(
    '--unintegrated <name>',
    'obsm entry that is not integrated, to measure mixing against (default: PCA)',
    z.string().optional(),
  ),
  layer: option(
    '--layer <name>',
    'layer that methods work on instead of X; `raw` reads adata.raw',
    z.string().optional(),
  ),
  seeds: option(
    '--seeds <list>',
    'seeds of methods that draw at random; scores are means (default: 0)',
    z
      .string()
      .transform((text): unknown[] => list(text))
      .pipe(z.array(z.coerce.number('must be whole numbers').int('must be whole numbers').min(0)))
      .optional(),
  ),
  sample: option(
    '--sample <cells>',
    'most cells that embeddings are scored on; of more, so many are drawn by the seed (default: 20,000)',
    wholeNumber(1).optional(),
  ),
  output: option('-o, --output <file>', 'where to write the scores: .json or .csv', z.string().optional()),
  ...reportOptions,
  force: forceOption,
};

export const evaluateCommand: CommandDeclaration<typeof options> = {
  name: 'evaluate',
  description:
    'Score embeddings and predicted cell types of a file, of any tool, beside simple methods on the same cells.',
  operands: [['<data>', 'h5ad, Zarr or another file with cells in obs']],
  options,
  examples: [
    'scgpt evaluate embedded.h5ad --batch-key batch --label-key cell_type',
    'scgpt evaluate cells.h5ad --embedding X_scGPT X_scVI --batch-key batch --label-key cell_type --methods all --seeds 0,1,2 -o scores.csv',
    'scgpt evaluate labelled.h5ad --prediction scgpt_label --confidence scgpt_confidence --truth cell_type --report scores.html',
  ],
  async run([path], { embedding, prediction, confidence, ...settings }, context) {
    const { evaluateFile } = await import('../../tasks/evaluate/files.ts');
    const done = await evaluateFile(path, {
      ...settings,
      ...context,
      embeddings: embedding,
      predictions: prediction,
      confidences: confidence,
    });
    return { text: evaluateText(done), json: done };
  },
};
