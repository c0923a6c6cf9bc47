/** @file The gene nearest to each peak. */

import type { GenePlace } from '../../single-cell/genes/gene-places.ts';
import { InputError } from '../../support/errors.ts';

/** Genes nearest to peaks. */
export interface NearestGenes {
  /** Null on a chromosome without genes, and for what is not named by a place. */
  readonly genes: readonly (string | null)[]; // [peaks]
  /** Bases between peak and gene, 0 where they overlap, NaN without a gene. */
  readonly distances: Float64Array; // [peaks]
  /** What was done to names of chromosomes so that they match, in words; null where they are the same. */
  readonly renamed: string | null;
}

/** A stretch of a chromosome: `chr1:100-200`, `chr1-100-200` or `chr1_100_200`. */
export interface PeakPlace {
  readonly chromosome: string;
  readonly start: number;
  readonly end: number;
}

/** The place that a peak's name tells, null for other names. */
export function placeOfPeak(name: string): PeakPlace | null {
  const found = /^([\w.]+)[:_-](\d+)[-_](\d+)$/.exec(name);
  if (found === null) return null;
  const [start, end] = [Number(found[2]), Number(found[3])];
  return start <= end ? { chromosome: found[1], start, end } : null;
}

/**
 * The gene with the fewest bases between it and the peak; of genes equally near, such as those that a peak overlaps,
 * the one whose start of transcription is nearer to the peak's middle. `chr1` and `1` are taken for the same.
 *
 * @param source the genes' file, for messages
 * @throws InputError when no peak is named by a place, or no chromosome has the same name as in the genes' file
 */
export function nearestGenes(
  peaks: readonly string[],
  places: readonly GenePlace[],
  source: string,
): NearestGenes {
  const found = peaks.map(placeOfPeak);
  const ofPeaks = new Set(found.flatMap((place) => (place === null ? [] : [place.chromosome])));
  if (ofPeaks.size === 0) {
    throw new InputError({
      what: `no peak is named by its place; the first is ${peaks[0]}`,
      expected: 'names such as chr1:100-200',
      reason: 'peak_names',
    });
  }
  const { keyOf, renamed } = sameNames(ofPeaks, places, source);
  const chromosomes = byChromosome(places, keyOf);
  const distances = new Float64Array(peaks.length).fill(Number.NaN);
  const genes = found.map((peak, i) => {
    const chromosome = peak === null ? undefined : chromosomes.get(keyOf(peak.chromosome));
    if (peak === null || chromosome === undefined) return null;
    const { gene, distance } = nearestOn(chromosome, peak);
    distances[i] = distance;
    return gene.name;
  });
  return { genes, distances, renamed };
}

/** How names of chromosomes are compared: as they are, or without `chr` where none is the same otherwise. */
function sameNames(ofPeaks: ReadonlySet<string>, places: readonly GenePlace[], source: string) {
  const ofGenes = new Set(places.map(({ chromosome }) => chromosome));
  const asWritten = (name: string) => name;
  if ([...ofPeaks].some((name) => ofGenes.has(name))) return { keyOf: asWritten, renamed: null };
  const bare = (name: string) => name.replace(/^chr/i, '').replace(/^M$/, 'MT');
  const known = new Set([...ofGenes].map(bare));
  const shared = [...ofPeaks].filter((name) => known.has(bare(name)));
  const some = (names: ReadonlySet<string>) => [...names].slice(0, 3).join(', ');
  if (shared.length > 0) {
    const renamed = `peaks name chromosomes ${some(ofPeaks)}, ${source} names them ${some(ofGenes)}: they are compared without 'chr'`;
    return { keyOf: bare, renamed };
  }
  throw new InputError({
    what: `peaks name chromosomes ${some(ofPeaks)}, the genes' file ${some(ofGenes)}: none is in both`,
    where: source,
    expected: 'the same names of chromosomes, or names that differ by chr alone',
    advice: 'Take a file of the same assembly, from UCSC or GENCODE for chr1, from Ensembl for 1.',
    reason: 'chromosome_names',
  });
}

/** Genes of a chromosome by their start. */
interface Chromosome {
  readonly genes: readonly GenePlace[];
  /** The last end of a gene and those before it: the search leftwards stops by it. */
  readonly lastEnd: Float64Array;
}

function byChromosome(places: readonly GenePlace[], keyOf: (name: string) => string) {
  const groups = new Map<string, GenePlace[]>();
  for (const place of places) {
    const key = keyOf(place.chromosome);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [place]);
    else group.push(place);
  }
  return new Map(
    Array.from(groups, ([key, group]): [string, Chromosome] => {
      const genes = group.sort((a, b) => a.start - b.start || a.end - b.end);
      let last = 0;
      const lastEnd = Float64Array.from(genes, ({ end }) => (last = Math.max(last, end)));
      return [key, { genes, lastEnd }];
    }),
  );
}

function nearestOn({ genes, lastEnd }: Chromosome, peak: PeakPlace) {
  const behind = firstFrom(genes, peak.end);
  let best = { gene: genes[Math.min(behind, genes.length - 1)], distance: Infinity, toStart: Infinity };
  const offer = (gene: GenePlace): void => {
    const distance = Math.max(0, gene.start - peak.end, peak.start - gene.end);
    const starts = gene.reverse ? gene.end : gene.start;
    const toStart = Math.abs(starts - (peak.start + peak.end) / 2);
    if (distance < best.distance || (distance === best.distance && toStart < best.toStart)) {
      best = { gene, distance, toStart };
    }
  };
  for (let i = behind; i < genes.length && genes[i].start - peak.end <= best.distance; i++) offer(genes[i]);
  for (let i = behind - 1; i >= 0 && peak.start - lastEnd[i] <= best.distance; i--) offer(genes[i]);
  return best;
}

/** The first gene that starts at a base or behind it. */
function firstFrom(genes: readonly GenePlace[], base: number): number {
  let [low, high] = [0, genes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (genes[middle].start < base) low = middle + 1;
    else high = middle;
  }
  return low;
}
