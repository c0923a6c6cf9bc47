/** @file Writing an AnnData with results, in the way that changes least of what it held. Node only. */

import { isScgptError } from '../../support/errors.ts';
import { type Additions, withAdditions } from '../additions.ts';
import type { AnnData } from '../anndata.ts';
import { appendToH5ad } from './append.ts';
import type { WriteH5adOptions } from './output.ts';
import { writeH5ad } from './write.ts';

/**
 * Writes the data and the additions as h5ad. Data that mirror a whole h5ad file of a present layout are copied with
 * the file, byte for byte, and results are added; older layouts, other formats, parts of files and joined files are
 * written anew.
 *
 * @throws OutputError, InputError, CancelledError as {@link writeH5ad} does; nothing is left behind then
 */
export async function writeResults(
  data: AnnData,
  additions: Additions,
  path: string,
  options: WriteH5adOptions = {},
): Promise<void> {
  if (data.mirror?.matches(data) === true) {
    try {
      return await appendToH5ad(data.mirror.path, path, additions, options);
    } catch (error) {
      if (!isScgptError(error) || error.reason !== 'cannot_replace') throw error;
    }
  }
  await writeH5ad(withAdditions(data, additions), path, options);
}
