/** @file Options of the commands that ask a learnt screen. */

import { z } from 'zod';
import {
  cellSourceOptions,
  deviceOptions,
  names,
  option,
  outputOption,
  reportOptions,
  seedOption,
} from '../options.ts';

/** Which model is asked, of which cells, and where the answer goes. */
export const predictionOptions = {
  model: option('-m, --model <folder>', 'a folder that `scgpt perturb train` wrote', z.string('is required')),
  output: outputOption,
  cells: option(
    '--cells <file>',
    "cells to perturb (default: the screen's control cells)",
    z.string().optional(),
  ),
  contextKey: option('--context-key <name>', 'obs column of contexts in those cells', z.string().optional()),
  contexts: option('--contexts <name...>', 'contexts to predict (default: all)', names.optional()),
  seed: seedOption,
  ...reportOptions,
  ...cellSourceOptions,
  ...deviceOptions,
};
