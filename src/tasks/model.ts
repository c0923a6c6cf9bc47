/** @file Opens the model a task runs: a folder the user names, or the one that comes with the package. */

import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describeLoadReport } from '../model/checkpoint/report.ts';
import { type LoadedModel, openModelFolder } from '../model/folder.ts';
import { fileNames } from '../model/folder-layout.ts';
import type { Unstructured } from '../single-cell/anndata.ts';
import { type Logger, silent } from '../support/log.ts';

/** The folder of the bundled model. */
export const bundledModel = fileURLToPath(new URL('../../models/blood', import.meta.url));

/** The model that a task runs. */
export interface ModelChoice {
  /** A model folder; default the bundled one. */
  readonly model?: string | undefined;
  /** Accept missing or misshapen core weights. Default false. */
  readonly allowPartial?: boolean | undefined;
}

/** How to open a model. */
export interface OpenModelOptions extends Pick<ModelChoice, 'allowPartial'> {
  readonly logger?: Logger | undefined;
}

/**
 * Opens a model folder with its weights and tells what became of each.
 *
 * @param path default: the bundled model
 * @throws CheckpointError when it cannot be used
 */
export async function openModel(
  path: string = bundledModel,
  { allowPartial = false, logger = silent }: OpenModelOptions = {},
): Promise<LoadedModel> {
  const folder = await openModelFolder(path);
  const model = await folder.load({ allowPartial });
  const { missing, wrongShape, notFinite } = model.report;
  const trouble = missing.length + wrongShape.length + notFinite.length > 0;
  for (const line of describeLoadReport(model.report)) {
    if (trouble && !line.includes(' loaded')) logger.warning(`${model.name}: ${line}`);
    else logger.debug(`${model.name}: ${line}`);
  }
  if (!model.trained) {
    logger.warning(`the model '${model.name}' has random weights: its embeddings show the way, not biology`);
  }
  return model;
}

/** True for a folder that means to be a model, whole or not: it has a configuration of one. */
export async function isModelFolder(path: string): Promise<boolean> {
  const names = await readdir(path).catch((): string[] => []);
  return names.includes(fileNames.officialArguments) || names.includes(fileNames.config);
}

/** What results say of the model they come from. */
export function modelRecord({ name, hash, trained }: LoadedModel): Map<string, Unstructured> {
  return new Map<string, Unstructured>([
    ['name', name],
    ['hash', hash],
    ['trained', trained ? 'yes' : 'no: random weights'],
  ]);
}
