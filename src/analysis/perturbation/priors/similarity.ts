/** @file How alike two genes are before any of them is perturbed: by the gene sets they share, or by their features. */

import type { GeneSet } from '../../../single-cell/genes/gene-sets.ts';
import type { GeneFeatures } from './features.ts';

/** Similarity of genes, at most 1; a valid kernel: no combination of genes has a negative variance under it. */
export interface GeneSimilarity {
  /** What it rests on, for reports. */
  readonly name: string;
  similarity(a: string, b: string): number;
}

/** The sets of each gene. */
function setsOfGenes(sets: readonly GeneSet[]): ReadonlyMap<string, ReadonlySet<number>> {
  const found = new Map<string, Set<number>>();
  sets.forEach(({ genes }, set) => {
    for (const gene of genes) {
      const own = found.get(gene) ?? new Set();
      own.add(set);
      found.set(gene, own);
    }
  });
  return found;
}

/** Shared sets over all sets of either gene. */
export function jaccardSimilarity(sets: readonly GeneSet[]): GeneSimilarity {
  const own = setsOfGenes(sets);
  return {
    name: 'gene sets (Jaccard)',
    similarity(a, b) {
      const [one, other] = [own.get(a), own.get(b)];
      if (one === undefined || other === undefined) return 0;
      const shared = [...one].filter((set) => other.has(set)).length;
      return shared / (one.size + other.size - shared);
    },
  };
}

/**
 * Cosine of memberships, a set counting by its number of genes to the power of `-exponent`: with 1, sharing a pathway of
 * ten genes says ten times as much as sharing one of a hundred.
 */
export function setSimilarity(sets: readonly GeneSet[], exponent: number): GeneSimilarity {
  const own = setsOfGenes(sets);
  const squares = sets.map(({ genes }) => genes.length ** (-2 * exponent));
  const lengths = new Map<string, number>();
  for (const [gene, its] of own) {
    lengths.set(gene, Math.sqrt([...its].reduce((sum, set) => sum + squares[set], 0)));
  }
  return {
    name: exponent === 0 ? 'gene sets' : `gene sets, by size to the power of ${-exponent}`,
    similarity(a, b) {
      const [one, other] = [own.get(a), own.get(b)];
      if (one === undefined || other === undefined) return 0;
      const shared = [...one].reduce((sum, set) => (other.has(set) ? sum + squares[set] : sum), 0);
      return shared / (lengths.get(a)! * lengths.get(b)!);
    },
  };
}

/** Cosine of features about their mean over all genes that have some, such as a model's gene embeddings. */
export function featureSimilarity({ values, count, name }: GeneFeatures): GeneSimilarity {
  const mean = new Float64Array(count);
  for (const row of values.values()) for (let k = 0; k < count; k++) mean[k] += row[k] / values.size;
  const unit = new Map(
    Array.from(values, ([gene, row]) => {
      const centred = row.map((value, k) => value - mean[k]);
      const length = Math.hypot(...centred);
      return [gene, centred.map((value) => (length > 0 ? value / length : 0))];
    }),
  );
  return {
    name,
    similarity(a, b) {
      const [one, other] = [unit.get(a), unit.get(b)];
      return one === undefined || other === undefined
        ? 0
        : one.reduce((sum, value, k) => sum + value * other[k], 0);
    },
  };
}
