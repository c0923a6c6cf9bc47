/** @file Opens the data files a task was given: one as it is, several joined on genes. */

import { basename } from 'node:path';
import type { AnnData } from '../single-cell/anndata.ts';
import { concatenate } from '../single-cell/concatenate.ts';
import { openData } from '../single-cell/open.ts';
import { type Logger, silent } from '../support/log.ts';

/** How to open inputs. */
export interface OpenInputsOptions {
  /** The obs column that tells several files apart; the files' names without folder and ending are its values. */
  readonly batchKey?: string | undefined;
  readonly logger?: Logger | undefined;
}

/**
 * Opens one or several data files. Close the result, and with it every file.
 *
 * @throws InputError when a file cannot be read
 */
export async function openInputs(
  paths: readonly string[],
  { batchKey = 'batch', logger = silent }: OpenInputsOptions = {},
): Promise<AnnData> {
  if (paths.length === 1) return openData(paths[0], { logger });
  const opened: AnnData[] = [];
  try {
    for (const path of paths) opened.push(await openData(path, { logger }));
    return concatenate(opened, { keys: distinctNames(paths), batchKey, logger });
  } catch (error) {
    for (const data of opened) await data.close();
    throw error;
  }
}

/** File names without folder and ending; numbered where they are equal. */
function distinctNames(paths: readonly string[]): string[] {
  const names = paths.map((path) =>
    basename(path).replace(/(\.(h5ad|h5|zarr|zip|csv|tsv|txt|mtx|gz))+$/i, ''),
  );
  return names.map((name, i) =>
    names.indexOf(name) === names.lastIndexOf(name) ? name : `${name}-${i + 1}`,
  );
}
