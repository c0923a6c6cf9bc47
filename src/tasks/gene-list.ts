/** @file A list of genes as it is typed, or a file of them. */

import { readFile } from 'node:fs/promises';
import { UsageError } from '../support/errors.ts';

/**
 * Genes with commas between them, or a file with one a line; each once.
 *
 * @throws UsageError when there is none
 */
export async function geneList(text: string): Promise<readonly string[]> {
  const content = /[/\\]|\.(txt|tsv|csv|list)$/i.test(text) ? await contentOf(text) : text;
  const genes = [...new Set(content.split(/[,\r\n]+/).map((name) => name.trim()))].filter(
    (name) => name !== '',
  );
  if (genes.length > 0) return genes;
  throw new UsageError({
    what: 'there is no gene in the list',
    where: text,
    expected: 'names with commas between them, or one a line',
    reason: 'genes',
  });
}

async function contentOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause) => {
    throw new UsageError({ what: 'the list of genes cannot be read', where: path, reason: 'genes', cause });
  });
}
