/**
 * @file Trains the model that ships with the package, models/blood, on cells that no benchmark scores.
 *
 * `npm run pretrain:bundled`, about half an hour on two idle cores; stopped with Ctrl-C it goes on with `-- --resume`. Options of the
 * study (docs/pretraining-study.md) change one choice at a time: `-- --output <folder> --embedding-size 64`.
 */

import { parseArgs } from 'node:util';
import { corpusFiles, openShared } from '../bench/support/pretraining-cells.ts';
import { clock, Terminal } from '../src/cli/terminal.ts';
import { count } from '../src/support/words.ts';
import { closeAll } from '../src/tasks/pretrain/corpus.ts';
import { pretrainInto } from '../src/tasks/pretrain/files.ts';
import type { Pretrained } from '../src/tasks/pretrain/pretrain.ts';

/** The chosen recipe: the best of the study on held-out cells. */
const recipe = {
  embeddingSize: 64,
  hiddenSize: 64,
  layers: 4,
  heads: 2,
  epochs: 12,
  batchSize: 32,
  learningRate: 1e-3,
  /** Of a gene in fewer cells there is little to learn, and its row takes room in the package. */
  minCells: 5,
  maxLength: 600,
  dropout: 0,
  /** Weight of the contrast between both halves of a cell. */
  cce: 10,
};

const { values } = parseArgs({
  options: {
    output: { type: 'string', default: 'models/blood' },
    run: { type: 'string' },
    shared: { type: 'string', default: '../shared' },
    resume: { type: 'boolean', default: false },
    force: { type: 'boolean', default: false },
    ratios: { type: 'string', default: '0.25,0.5,0.75' },
    'cell-prompt': { type: 'boolean', default: false },
    binning: { type: 'string', default: 'left' },
    ...Object.fromEntries(Object.keys(recipe).map((name) => [flagOf(name), { type: 'string' } as const])),
  },
});

function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The recipe with what was typed in its place. */
function chosen(): typeof recipe {
  const typed = Object.entries(recipe).map(([name, standard]) => {
    const given = (values as Record<string, unknown>)[flagOf(name)];
    return [name, given === undefined ? standard : Number(given)];
  });
  return Object.fromEntries(typed) as typeof recipe;
}

function cardOf({ model, outcome, trainingCells, validationCells }: Pretrained): string {
  const { config } = model;
  const [before] = outcome.history;
  return `# Blood model

A small scGPT, pre-trained by this project to generate unknown genes from known ones. It is made to be quick on any machine, not to replace the published models: see docs/pretraining-study.md for what it can and cannot do beside simple methods.

- ${config.layers} layers, ${config.heads} heads, width ${config.embeddingSize}; ${config.bins} value bins; ${count(model.vocabulary.size)} tokens
- trained on ${count(trainingCells)} human cells, ${count(validationCells)} more held out: 10x PBMC 3k, 10x PBMC 1k v2 and v3 and 8k 5' (parts), a breast tumour (copyKAT), the blood sample of CellTypist
- objectives: each unknown gene from the known ones, and from the cell embedding; the other half of each cell by its embedding; loss on held-out cells ${outcome.bestLoss.toFixed(1)} at step ${count(outcome.bestStep)}${before?.epoch === 0 ? `, ${before.validation.loss.toFixed(1)} before training` : ''}
- never seen: the Kang, symphony_pbmc_3tech (and its 66 cells in the 5' data), zheng_pbmc_facs (and its donor A), sc_mixology, pancreas, ECCITE and A549 sets, which benchmarks score
- intended use: demonstrations, tests, a start for fine-tuning on blood. Not for other tissues without fine-tuning, and never for clinical decisions
- made by \`npm run pretrain:bundled\`

Data: 10x Genomics, CC BY 4.0; Gao et al. 2021, doi:10.1038/s41587-020-00795-2; CellTypist, MIT. Gene names: HGNC; tokens in the order of the published scGPT vocabulary (MIT).
`;
}

const opened = await openShared(values.shared, corpusFiles);
try {
  const terminal = new Terminal({ quiet: false, verbose: false });
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const { output, run, resume, force } = values;
  const done = await pretrainInto(opened, {
    ...chosen(),
    output,
    run: run ?? `.build/pretraining/${output.replace(/^.*\//, '')}`,
    resume,
    force,
    ratios: values.ratios.split(',').map(Number),
    cellPrompted: values['cell-prompt'],
    binning: values.binning === 'random' ? 'random' : 'left',
    dtype: 'float16',
    card: cardOf,
    logger: terminal,
    onProgress: terminal.onProgress,
    signal: interrupt.signal,
  });
  terminal.endLine();
  console.log(
    `${output}: loss ${done.validationLoss.best.toFixed(2)} at step ${done.validationLoss.bestStep} of ${done.steps}, ${clock(done.seconds)}`,
  );
  for (const { epoch, training, validation } of done.history) {
    console.log(
      `epoch ${epoch}: training ${training?.loss.toFixed(2) ?? '-'}, held out ${validation.loss.toFixed(2)}`,
      validation,
    );
  }
} finally {
  await closeAll(opened);
}
