/**
 * @file Packs the gene tables that ship in `data/` from their sources, leaving out what nothing asks for.
 *
 * `node .build/scripts/make-gene-tables.js <folder of the source tables> [data]`. The sources and their licences
 * are listed in NOTICE.md. The same sources give the same bytes.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'fflate';

const [sources, target = 'data'] = process.argv.slice(2);
if (sources === undefined) {
  console.error('usage: make-gene-tables <folder of the source tables> [output folder]');
  process.exit(2);
}

function read(name: string): string[][] {
  const text = new TextDecoder().decode(gunzipSync(readFileSync(join(sources, name))));
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.split('\t'));
}

function write(name: string, rows: readonly (readonly string[])[]): void {
  const text = `${rows.map((row) => row.join('\t')).join('\n')}\n`;
  const packed = gzipSync(new TextEncoder().encode(text), { level: 9, mtime: 0 });
  writeFileSync(join(target, name), packed);
  console.log(`${name}: ${rows.length} rows, ${packed.length} bytes`);
}

/** Ensembl ids as their number, which is all that tells them apart: ENSG00000141510 is 141510. */
function ensemblNumber(id: string): string {
  if (id !== '' && !/^ENSG\d{11}$/.test(id)) throw new Error(`not an Ensembl gene id: ${id}`);
  return id.slice(4).replace(/^0+/, '');
}

mkdirSync(target, { recursive: true });

const [, ...hgnc] = read('hgnc_symbols_ensembl.tsv.gz');
const symbolOf = new Map(hgnc.map((row) => [row[4], row[1]]));
write(
  'hgnc.tsv.gz',
  hgnc.map(([id, symbol, , , ensembl, entrez, aliases, previous]) => [
    id.replace(/^HGNC:/, ''),
    symbol,
    ensemblNumber(ensembl),
    entrez,
    aliases,
    previous,
  ]),
);

/** Only what HGNC does not already say: another name for the id, or an id that HGNC lacks. */
const gencode = read('gencode_v44_id_name.tsv.gz')
  .filter(([id, name]) => name !== id && symbolOf.get(id) !== name)
  .map(([id, name]) => [ensemblNumber(id), name])
  .sort((a, b) => Number(a[0]) - Number(b[0]));
write('gencode-names.tsv.gz', gencode);

write('human-mouse-orthologues.tsv.gz', read('human_mouse_orthologues_ensembl105.tsv.gz'));
write('census-vocabulary.txt.gz', read('census_vocab_60694.txt.gz'));
