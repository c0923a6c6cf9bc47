/** @file The gene nearest to a peak: by hand, against a search of all genes, and files that do not fit. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestGenes, placeOfPeak } from '../../../../src/analysis/multimodal/nearest-genes.ts';
import type { GenePlace } from '../../../../src/single-cell/genes/gene-places.ts';

const gene = (name: string, chromosome: string, start: number, end: number, reverse = false): GenePlace => ({
  name,
  chromosome,
  start,
  end,
  reverse,
});

describe('nearestGenes', () => {
  it('counts bases to the gene, 0 within, and takes the nearer start of genes it overlaps', () => {
    const genes = [
      gene('A', 'chr1', 100, 500),
      gene('B', 'chr1', 300, 900, true),
      gene('C', 'chr1', 2000, 2100),
    ];
    const peaks = [
      'chr1:10-40',
      'chr1-120-140',
      'chr1_350_450',
      'chr1:850-880',
      'chr1:1500-1600',
      'chrUn_1:5-9',
      'odd',
    ];
    const found = nearestGenes(peaks, genes, 'genes.bed');
    expect(found.genes).toEqual(['A', 'A', 'A', 'B', 'C', null, null]);
    expect([...found.distances]).toEqual([60, 0, 0, 0, 400, Number.NaN, Number.NaN]);
    expect(found.renamed).toBeNull();
  });

  it('takes chr1 for 1 and says so, and refuses names of another kind', () => {
    const found = nearestGenes(
      ['1:10-20', 'MT:1-5'],
      [gene('A', 'chr1', 30, 40), gene('B', 'chrM', 0, 9)],
      'g.gtf',
    );
    expect(found.genes).toEqual(['A', 'B']);
    expect(found.renamed).toMatch(/g\.gtf names them chr1, chrM/);
    expect(() => nearestGenes(['chr1:1-2'], [gene('A', 'NC_000001.11', 3, 4)], 'g.gff')).toThrow(
      /peaks name chromosomes chr1, the genes' file NC_000001\.11/,
    );
    expect(() => nearestGenes(['peak1'], [gene('A', 'chr1', 3, 4)], 'g.gff')).toThrow(/the first is peak1/);
  });

  it('finds what comparing with every gene finds', () => {
    const stretch = fc.tuple(fc.nat(300), fc.nat(60), fc.boolean());
    fc.assert(
      fc.property(
        fc.array(stretch, { minLength: 1, maxLength: 30 }),
        fc.array(stretch, { minLength: 1, maxLength: 20 }),
        (places, some) => {
          const genes = places.map(([start, length, reverse], i) =>
            gene(`G${i}`, 'chr1', start, start + length, reverse),
          );
          const peaks = some.map(([start, length]) => `chr1:${start}-${start + length}`);
          const found = nearestGenes(peaks, genes, 'g');
          some.forEach(([start, length], i) => {
            const distanceTo = (one: GenePlace) => Math.max(0, one.start - start - length, start - one.end);
            expect(found.distances[i]).toBe(Math.min(...genes.map(distanceTo)));
            const named = genes.find(({ name }) => name === found.genes[i]);
            expect(named && distanceTo(named)).toBe(found.distances[i]);
          });
        },
      ),
    );
  });

  it('reads places as the common callers of peaks write them', () => {
    const place = { chromosome: 'chr1', start: 100, end: 200 };
    for (const name of ['chr1:100-200', 'chr1-100-200', 'chr1_100_200', 'chr1:100_200']) {
      expect(placeOfPeak(name)).toEqual(place);
    }
    expect(placeOfPeak('CD4')).toBeNull();
    expect(placeOfPeak('chr1:200-100')).toBeNull();
  });
});
