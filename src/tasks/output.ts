/** @file Writes an AnnData with a task's results, in the format its name asks for. */

import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type Additions, withAdditions } from '../single-cell/additions.ts';
import type { AnnData } from '../single-cell/anndata.ts';
import { UsageError } from '../support/errors.ts';
import type { Logger } from '../support/log.ts';
import { checkOutput, type WriteFileOptions } from '../support/write-file.ts';

/**
 * Refuses an output that cannot be written, before any work is done for it.
 *
 * @throws UsageError when its name asks for no format that is written
 * @throws OutputError when it exists (without `force`) or its folder does not
 */
export async function checkDataOutput(path: string, options: WriteFileOptions): Promise<void> {
  if (!/\.(h5ad|zarr)\/?$/i.test(path)) {
    throw new UsageError({
      what: 'the output has no ending that says what to write',
      where: path,
      expected: 'a name that ends in .h5ad or .zarr',
      reason: 'output_format',
    });
  }
  if (isZarr(path)) {
    const { checkStoreOutput } = await import('../single-cell/zarr/node-output.ts');
    await checkStoreOutput(path, options);
  } else await checkOutput(path, options);
}

/**
 * Refuses an output in the place of something else that the run reads or writes, forced or not.
 *
 * @throws UsageError when both are the same file or folder, links followed
 */
export async function refuseReplacing(output: string, others: readonly string[]): Promise<void> {
  const place = await placeOf(output);
  for (const other of others) {
    if ((await placeOf(other)) !== place) continue;
    throw new UsageError({
      what: `the output would replace ${other}, which this run needs`,
      where: output,
      advice: 'Choose another name',
      reason: 'output_is_input',
    });
  }
}

/** Tells which elements of the input the output will not have any more: results of an earlier run, mostly. */
export function tellReplaced(
  data: Pick<AnnData, 'obs'> & Partial<Pick<AnnData, 'obsm' | 'varm' | 'obsp' | 'layers' | 'uns'>>,
  additions: Additions,
  logger: Logger,
): void {
  const parts = ['obs', 'obsm', 'varm', 'obsp', 'layers', 'uns'] as const;
  const replaced = parts.flatMap((part) =>
    [...new Map<string, unknown>(additions[part] ?? []).keys()]
      .filter((name) => (part === 'obs' ? data.obs.columns : data[part])?.has(name) === true)
      .map((name) => `${part}/${name}`),
  );
  if (replaced.length === 0) return;
  logger.warning(`the output has this run's ${replaced.join(', ')} in place of the input's`);
}

async function placeOf(path: string): Promise<string> {
  const place = resolve(path);
  return realpath(place).catch(async () => {
    const folder = await realpath(dirname(place)).catch(() => dirname(place));
    return join(folder, basename(place));
  });
}

function isZarr(path: string): boolean {
  return /\.zarr\/?$/i.test(path);
}

/**
 * Writes everything the data hold and the additions. The file appears under its name when it is complete.
 *
 * @throws OutputError when it cannot be written; nothing is left behind
 */
export async function writeData(
  data: AnnData,
  additions: Additions,
  path: string,
  options: WriteFileOptions & { readonly signal?: AbortSignal | undefined },
): Promise<void> {
  if (isZarr(path)) {
    const { writeZarr } = await import('../single-cell/zarr/write.ts');
    await writeZarr(withAdditions(data, additions), path, options);
  } else {
    const { writeResults } = await import('../single-cell/h5ad/results.ts');
    await writeResults(data, additions, path, options);
  }
}
