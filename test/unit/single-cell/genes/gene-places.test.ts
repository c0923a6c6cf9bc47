/** @file Places of genes from GTF, GFF3 and BED, and files that are none. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GenePlace, readGenePlaces } from '../../../../src/single-cell/genes/gene-places.ts';

const source = (text: string, piece = text.length + 1) => ({
  path: 'genes.gtf',
  async *bytes() {
    const all = new TextEncoder().encode(text);
    for (let at = 0; at < all.length; at += piece) yield all.subarray(at, at + piece);
  },
});
const gtf = [
  '#!genome-build GRCh38',
  'chr1\tHAVANA\tgene\t101\t200\t.\t+\t.\tgene_id "ENSG01"; gene_type "protein_coding"; gene_name "AAA";',
  'chr1\tHAVANA\texon\t101\t120\t.\t+\t.\tgene_id "ENSG01"; gene_name "AAA";',
  'chr2\tHAVANA\tgene\t51\t80\t.\t-\t.\tgene_id "ENSG02";',
].join('\n');

describe('readGenePlaces', () => {
  it('reads rows of genes in GTF, with ids where there are no names', async () => {
    expect(await readGenePlaces(source(gtf))).toEqual([
      { name: 'AAA', chromosome: 'chr1', start: 100, end: 200, reverse: false },
      { name: 'ENSG02', chromosome: 'chr2', start: 50, end: 80, reverse: true },
    ]);
  });

  it('spans exons where no row is of a gene', async () => {
    const exons = [
      'chr1\tx\ttranscript\t301\t400\t.\t+\t.\tgene_id "B"; transcript_id "B.1";',
      'chr1\tx\texon\t251\t320\t.\t+\t.\tgene_id "B"; transcript_id "B.2";',
      'chr3\tx\texon\t11\t12\t.\t+\t.\tgene_id "B"; transcript_id "B.3";',
    ].join('\n');
    expect(await readGenePlaces(source(exons))).toEqual([
      { name: 'B', chromosome: 'chr1', start: 250, end: 400, reverse: false },
      { name: 'B', chromosome: 'chr3', start: 10, end: 12, reverse: false },
    ]);
  });

  it('reads GFF3, passing over chromosomes', async () => {
    const gff = [
      '##gff-version 3',
      'NC_01\tRefSeq\tregion\t1\t900\t.\t+\t.\tID=NC_01:1..900',
      'NC_01\tRefSeq\tgene\t11\t30\t.\t-\t.\tID=gene-CD4;Name=CD4;gbkey=Gene',
    ].join('\r\n');
    expect(await readGenePlaces(source(gff))).toEqual([
      { name: 'CD4', chromosome: 'NC_01', start: 10, end: 30, reverse: true },
    ]);
  });

  it('tells which line is no place, and that there are no genes', async () => {
    await expect(readGenePlaces(source('chr1\t5\t9\tA\nchr1\t9\n'))).rejects.toThrow(/genes\.gtf, line 2/);
    await expect(readGenePlaces(source('chr1\t9\t5\tA\n'))).rejects.toThrow(/line 1/);
    await expect(readGenePlaces(source('# nothing\n'))).rejects.toThrow(/there are no genes/);
  });

  it('reads BED back, however the bytes come', async () => {
    const place = fc
      .record({
        name: fc.stringMatching(/^[A-Z][A-Z0-9-]{0,8}$/),
        chromosome: fc.constantFrom('chr1', 'X', 'GL000.1'),
        start: fc.nat(1e6),
        length: fc.nat(1e5),
        reverse: fc.boolean(),
      })
      .map(({ length, ...rest }): GenePlace => ({ ...rest, end: rest.start + length }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(place, { minLength: 1 }),
        fc.integer({ min: 1, max: 50 }),
        async (all, piece) => {
          const bed = all.map(
            ({ chromosome, start, end, name, reverse }) =>
              `${chromosome}\t${start}\t${end}\t${name}\t0\t${reverse ? '-' : '+'}`,
          );
          expect(await readGenePlaces(source(`${bed.join('\n')}\n`, piece))).toEqual(all);
        },
      ),
    );
  });
});
