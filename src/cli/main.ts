#!/usr/bin/env node
/** @file The `scgpt` program: its commands and what happens with arguments no command understands. */

import { Command, CommanderError } from 'commander';
import { version } from '../support/version.ts';
import { addCommand, addGroup } from './command.ts';
import { annotateCommand } from './commands/annotate.ts';
import { convertCommand } from './commands/convert.ts';
import { demoCommand } from './commands/demo.ts';
import { embedCommand } from './commands/embed.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { generateCellsCommand } from './commands/generate-cells.ts';
import { generateGenesCommand } from './commands/generate-genes.ts';
import { generateImputeCommand } from './commands/generate-impute.ts';
import { grnProgramsCommand } from './commands/grn-programs.ts';
import { grnTargetsCommand } from './commands/grn-targets.ts';
import { infoCommand } from './commands/info.ts';
import { integrateCommand } from './commands/integrate.ts';
import { mapCommand } from './commands/map.ts';
import { mergeCommand } from './commands/merge.ts';
import { multiomeCommand } from './commands/multiome.ts';
import { perturbPredictCommand } from './commands/perturb-predict.ts';
import { perturbReverseCommand } from './commands/perturb-reverse.ts';
import { perturbScreenCommand } from './commands/perturb-screen.ts';
import { perturbTrainCommand } from './commands/perturb-train.ts';
import { pretrainCommand } from './commands/pretrain.ts';
import { describeFailure } from './failures.ts';

/** A reader that has seen enough, such as `head`, is no failure; a full disk is. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  const failure = describeFailure(error, false);
  process.stderr.write(`${failure.message}\n`);
  process.exit(failure.exitCode);
});

const program = new Command('scgpt')
  .description(
    'scGPT for single-cell data: embed, integrate, annotate and map cells, predict perturbations, join modalities, find gene programs, impute, pre-train, on any machine with Node.',
  )
  .version(version)
  .showHelpAfterError('Add --help to see how it is used.')
  .exitOverride();

addCommand(program, demoCommand);
addCommand(program, embedCommand);
addCommand(program, integrateCommand);
addCommand(program, annotateCommand);
addCommand(program, mapCommand);
addCommand(program, multiomeCommand);
addCommand(program, evaluateCommand);
const perturb = addGroup(
  program,
  'perturb',
  'Learn what perturbations do, and predict, screen and reverse them.',
);
addCommand(perturb, perturbTrainCommand);
addCommand(perturb, perturbPredictCommand);
addCommand(perturb, perturbScreenCommand);
addCommand(perturb, perturbReverseCommand);
const generate = addGroup(
  program,
  'generate',
  'Generate expression: of genes from genes, of cells from embeddings, and where dropouts are.',
);
addCommand(generate, generateGenesCommand);
addCommand(generate, generateCellsCommand);
addCommand(generate, generateImputeCommand);
const grn = addGroup(program, 'grn', 'Find gene programs, and targets of regulators.');
addCommand(grn, grnProgramsCommand);
addCommand(grn, grnTargetsCommand);
addCommand(program, pretrainCommand);
addCommand(program, mergeCommand);
addCommand(program, infoCommand);
addCommand(program, convertCommand);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2; // help and version end well; commander has printed the rest
}
