/** @file A text file that a task reads beside its cells, such as gene sets or known edges. */

import { readFile } from 'node:fs/promises';
import { InputError } from '../support/errors.ts';
import { whyNotOpened } from '../support/unopened.ts';

/**
 * @param what the file is, in the plural, for the error: `gene sets`
 * @throws InputError with that name, spaces as underscores, for a reason
 */
export async function readTextFile(path: string, what: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause) => {
    throw new InputError({
      what: `the ${what} cannot be read`,
      where: path,
      advice: whyNotOpened(cause),
      reason: what.replaceAll(' ', '_'),
      cause,
    });
  });
}
