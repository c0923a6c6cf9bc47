/** @file Describes what a path leads to: a model folder or a data file. */

import type { LoadedModel } from '../../model/folder.ts';
import type { DeviceName } from '../../runtime/device.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { openData } from '../../single-cell/open.ts';
import { InputError, UsageError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { isModelFolder, openModel } from '../model.ts';
import { type CellSource, prepareCells } from '../prepare.ts';
import { describeParts, describeUse } from './data.ts';
import { estimate } from './estimate.ts';
import { inspectModel } from './model.ts';
import type { Inspection } from './words.ts';

/** Options of {@link inspect}. */
export interface InspectOptions extends CellSource, RunControl {
  readonly logger?: Logger | undefined;
  /** The model a data file is matched with; default the bundled one. */
  readonly model?: string | undefined;
  readonly device?: DeviceName | 'auto' | undefined;
  readonly threads?: number | undefined;
}

/**
 * Describes a model folder or a data file. Data that cannot be embedded are described all the same, with the reason.
 *
 * @throws UsageError, CheckpointError or InputError when it is neither
 */
export async function inspect(path: string, options: InspectOptions): Promise<Inspection> {
  if (await isModelFolder(path)) {
    return inspectModel(await openModel(path, { allowPartial: true, logger: options.logger }));
  }
  if (/\.(pt|pth|safetensors|onnx)$/i.test(path)) {
    throw new UsageError({
      what: 'a file of weights alone is neither a model nor data',
      where: path,
      expected: 'a model folder, which has a configuration and a vocabulary too, or a data file',
      reason: 'bare_checkpoint',
    });
  }
  const data = await openData(path, { logger: options.logger });
  try {
    const parts = describeParts(data);
    const use = await inspectUse(data, await openModel(options.model, { logger: options.logger }), options);
    return { lines: [...parts.lines, ...use.lines], facts: { ...parts.facts, ...use.facts } };
  } finally {
    await data.close();
  }
}

async function inspectUse(data: AnnData, model: LoadedModel, options: InspectOptions): Promise<Inspection> {
  try {
    const prepared = await prepareCells(data, model.vocabulary, options, options);
    return describeUse(prepared, await estimate(data.obs.index, model, prepared, options), model);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { message, reason = null } = error;
    return { lines: [`  cannot be embedded: ${message}`], facts: { problem: { reason, message } } };
  }
}
