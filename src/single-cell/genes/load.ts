/** @file Loads the gene tables that ship with the package: from its own folder in Node, from a URL in a page. */

import { gunzipSync } from 'fflate';
import { InputError } from '../../support/errors.ts';
import { isGzip } from '../../support/gzip.ts';
import { Orthologues } from './orthologues.ts';
import { GeneTables } from './tables.ts';

/** Gives the bytes of a shipped file by its name, such as `hgnc.tsv.gz`. */
export type DataSource = (name: string) => Promise<Uint8Array>;

/**
 * Reads the package's `data` folder, wherever it lies.
 *
 * @param folder where the files are: by default beside this package, in a page the URL they are served from
 */
export function packageData(folder: URL | string = new URL('../../../data/', import.meta.url)): DataSource {
  return async (name) => {
    const url = new URL(name, folder);
    if (url.protocol === 'file:') {
      const { readFile } = await import('node:fs/promises');
      return readFile(url).catch((cause) => Promise.reject(unreadable(url, cause)));
    }
    const response = await fetch(url).catch((cause) => Promise.reject(unreadable(url, cause)));
    if (!response.ok) throw unreadable(url, response.status);
    return new Uint8Array(await response.arrayBuffer());
  };
}

function unreadable(url: URL, cause: unknown): InputError {
  return new InputError({
    what: 'a gene table of this package cannot be read',
    where: url.href,
    advice: 'Install the package again, or pass the folder its data files are served from.',
    reason: 'gene_table_unreadable',
    cause,
  });
}

/** The lines of a table. Servers that unpack gzip on the way are fine: then the bytes are text already. */
async function lines(source: DataSource, name: string): Promise<string[]> {
  const bytes = await source(name);
  const text = new TextDecoder().decode(isGzip(bytes) ? gunzipSync(bytes) : bytes);
  return text.replace(/\n$/, '').split('\n');
}

/** HGNC symbols, older names, Ensembl and Entrez ids, and GENCODE names: what {@link mapGenes} looks names up in. */
export async function loadGeneTables(source: DataSource = packageData()): Promise<GeneTables> {
  const [hgnc, gencode] = await Promise.all([
    lines(source, 'hgnc.tsv.gz'),
    lines(source, 'gencode-names.tsv.gz'),
  ]);
  return new GeneTables(hgnc, gencode);
}

/** Human and mouse genes that descend from one gene (Ensembl 105). */
export async function loadOrthologues(source: DataSource = packageData()): Promise<Orthologues> {
  return new Orthologues(await lines(source, 'human-mouse-orthologues.tsv.gz'));
}

/**
 * The 60,694 genes of the vocabulary that the published whole-human model was trained with, in the order of their
 * ids. The special tokens are the model's own and follow them.
 */
export function loadCensusVocabulary(source: DataSource = packageData()): Promise<string[]> {
  return lines(source, 'census-vocabulary.txt.gz');
}
