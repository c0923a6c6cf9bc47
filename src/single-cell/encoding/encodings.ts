/** @file The encodings of AnnData's elements (anndata's on-disk format) and the versions of them known here. */

import type { Logger } from '../../support/log.ts';
import type { ElementStore } from './store.ts';

/** The version that is written of each encoding: the one that anndata 0.8 and later read. */
export const encodingVersions = {
  anndata: '0.1.0',
  raw: '0.1.0',
  dict: '0.1.0',
  dataframe: '0.2.0',
  array: '0.2.0',
  'string-array': '0.2.0',
  'rec-array': '0.2.0',
  string: '0.2.0',
  'numeric-scalar': '0.2.0',
  null: '0.1.0',
  categorical: '0.2.0',
  'nullable-integer': '0.1.0',
  'nullable-boolean': '0.1.0',
  'nullable-string-array': '0.1.0',
  csr_matrix: '0.1.0',
  csc_matrix: '0.1.0',
} as const;

export type Encoding = keyof typeof encodingVersions;

/** Older versions whose layout is still read as well. */
const olderVersions = new Set(['dataframe 0.1.0']);

/** What is needed to read elements of one file. */
export interface ReadContext {
  readonly file: ElementStore;
  readonly logger: Logger;
}

/** The element's encoding, undefined for files older than anndata 0.8; a version unknown here is reported. */
export function encodingOf({ file, logger }: ReadContext, path: string): string | undefined {
  const encoding = file.text(path, 'encoding-type');
  if (encoding === undefined || !(encoding in encodingVersions)) return encoding;
  const version = file.text(path, 'encoding-version');
  const known = encodingVersions[encoding as Encoding];
  if (version !== undefined && version !== known && !olderVersions.has(`${encoding} ${version}`)) {
    logger.warning(
      `${file.where(path)}: version ${version} of ${encoding} is not known; it is read as ${known}`,
    );
  }
  return encoding;
}
