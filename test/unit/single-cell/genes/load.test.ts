/** @file The shipped gene tables: complete, small, fast to load, from a folder or from a server that may unpack them. */

import { readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'fflate';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type DataSource,
  loadCensusVocabulary,
  loadGeneTables,
  loadOrthologues,
  packageData,
} from '../../../../src/single-cell/genes/load.ts';
import { golden } from './golden-names.ts';

const folder = new URL('../../../../data/', import.meta.url);
const files = [
  'hgnc.tsv.gz',
  'gencode-names.tsv.gz',
  'human-mouse-orthologues.tsv.gz',
  'census-vocabulary.txt.gz',
];

let server: Server | undefined;

afterEach(() => {
  server?.close();
  server = undefined;
});

/** Serves the data folder. */
async function serve(): Promise<string> {
  server = createServer((request, response) => {
    try {
      response.end(readFileSync(new URL(`.${request.url}`, folder)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((ready) => server!.listen(0, '127.0.0.1', ready));
  return `http://127.0.0.1:${(server!.address() as AddressInfo).port}/`;
}

describe('gene tables', () => {
  it('have every gene of their sources', async () => {
    const tables = await loadGeneTables();
    expect(tables.size).toBe(golden.parameters.sizes.symbols);
    expect(tables.gene(tables.named('approved', 'TP53')[0])).toEqual({
      symbol: 'TP53',
      hgncId: 'HGNC:11998',
      ensembl: 'ENSG00000141510',
    });
    expect(tables.named('previous', 'SEPT2').map((row) => tables.gene(row).symbol)).toEqual(['SEPTIN2']);
    expect(tables.named('alias', 'SEPT2').map((row) => tables.gene(row).symbol)).toEqual(['SEPTIN6']);
    expect(tables.withEnsembl('ENSG00000230426')).toHaveLength(2);
    const vocabulary = await loadCensusVocabulary();
    expect(vocabulary).toHaveLength(60_694);
    expect([vocabulary[0], vocabulary[4377]]).toEqual(['A1BG', 'CD3D']);
    expect(new Set(vocabulary).size).toBe(60_694);
    const orthologues = await loadOrthologues();
    expect(orthologues.human('Trp53')).toEqual(['TP53']);
    expect(orthologues.human('Ly6c2')).toEqual([]);
  });

  it('are small: 1.25 MB in all', () => {
    const bytes = files.reduce((sum, name) => sum + statSync(new URL(name, folder)).size, 0);
    expect(bytes).toBeLessThan(1_250_000);
  });

  it('come from a URL as from the folder', async () => {
    const served = packageData(await serve());
    const [here, there] = [await loadGeneTables(), await loadGeneTables(served)];
    expect(there.size).toBe(here.size);
    expect(await loadCensusVocabulary(served)).toEqual(await loadCensusVocabulary());
  });

  it('may arrive unpacked', async () => {
    const unpacked: DataSource = async (name) => gunzipSync(readFileSync(new URL(name, folder)));
    expect(await loadCensusVocabulary(unpacked)).toEqual(await loadCensusVocabulary());
  });

  it('say which file is missing', async () => {
    const url = await serve();
    await expect(loadGeneTables(packageData(`${url}nowhere/`))).rejects.toThrow(
      /nowhere\/hgnc\.tsv\.gz.*Install/,
    );
    await expect(loadGeneTables(packageData(new URL('nowhere/', folder)))).rejects.toThrow(
      expect.objectContaining({ reason: 'gene_table_unreadable' }),
    );
  });
});
