/** @file h5mu files by their path in Node. */

import { InputError } from '../../support/errors.ts';
import { type Logger, silent } from '../../support/log.ts';
import { openingError } from '../h5ad/refusals.ts';
import { Hdf5File } from '../hdf5/file.ts';
import { nodeHdf5 } from '../hdf5/node.ts';
import type { MuData } from './mudata.ts';
import { holdsModalities, readMuData } from './read.ts';

/**
 * Opens an h5mu file: tables are read, matrices streamed when asked for. Close the result after use.
 *
 * @throws InputError when the file is missing, damaged or holds no modalities
 */
export async function openH5mu(path: string, options: { logger?: Logger } = {}): Promise<MuData> {
  const library = await nodeHdf5();
  let file: Hdf5File;
  try {
    file = Hdf5File.open(library, path);
  } catch (error) {
    throw openingError(error, path);
  }
  try {
    if (!holdsModalities(file)) {
      throw new InputError({
        what: 'the file holds no modalities',
        where: path,
        expected: 'groups under mod/, such as mod/rna',
        advice: 'An h5ad file with all features in one table is opened under its name ending in .h5ad.',
        reason: 'not_h5mu',
      });
    }
    return await readMuData(file, options.logger ?? silent);
  } catch (error) {
    file.close();
    throw error;
  }
}
