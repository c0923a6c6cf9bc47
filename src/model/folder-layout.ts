/** @file The two layouts of model folders: which files there are and what they are called. */

import type { ByteSource } from './checkpoint/byte-source.ts';

/** The files of a folder, on disk or picked in a page. */
export interface FolderFiles {
  /** What to call the folder in messages. */
  readonly name: string;
  /** The files in it. */
  readonly names: readonly string[];
  readonly open: (name: string) => Promise<ByteSource>;
}

/** Which layout a folder has: `official` as published, `scgpt` as this package writes it. */
export type ModelFolderKind = 'official' | 'scgpt';

/** The names of files in model folders. */
export const fileNames = {
  vocabulary: 'vocab.json',
  officialArguments: 'args.json',
  /** Official weights, in the order in which they are looked for. */
  officialWeights: ['best_model.pt', 'model.pt'],
  config: 'config.json',
  weights: 'model.safetensors',
  card: 'model-card.md',
  task: 'task.json',
  taskTensors: 'task.safetensors',
} as const;

/** What our config.json is marked with, so that it is not taken for another program's. */
export const configFormat = 'scgpt-model';
export const configVersion = 1;
