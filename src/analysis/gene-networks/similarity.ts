/** @file How alike genes are: cosine of embeddings, correlation of expression, and their mean. */

import { InputError, UsageError } from '../../support/errors.ts';
import { unitLength } from '../neighbours.ts';
import type { Points } from '../points.ts';

/** Every gene beside every gene; symmetric, 1 on the diagonal. */
export interface Similarity {
  readonly count: number;
  readonly values: Float32Array; // [genes, genes]
}

/** Genes above this need more than 1.6 GB for one table. */
const mostGenes = 20_000;

/**
 * Cosine of every two genes' embeddings.
 *
 * @param genes one a row, `[genes, d]`
 * @throws InputError when an embedding is all zeros
 * @throws UsageError when there are more than 20,000 genes: the table would not fit
 */
export function cosineSimilarity(genes: Points): Similarity {
  const { count } = genes;
  if (count > mostGenes) {
    throw new UsageError({
      what: `similarities of ${count} genes are asked for`,
      expected: `at most ${mostGenes}`,
      reason: 'too_many_genes',
    });
  }
  return products(unitLength(genes));
}

/**
 * Cosine of every two genes' embeddings less the mean of all: what every gene has is no likeness.
 *
 * @param genes one a row, `[genes, d]`
 * @throws InputError when a gene is the mean of all
 */
export function embeddingSimilarity({ values, count, dimensions }: Points): Similarity {
  const means = new Float64Array(dimensions);
  values.forEach((value, i) => {
    means[i % dimensions] += value / count;
  });
  const centred = Float64Array.from(values, (value, i) => value - means[i % dimensions]);
  return cosineSimilarity({ values: centred, count, dimensions });
}

/**
 * Pearson correlation of every two genes: the cosine of profiles that have mean 0.
 *
 * @param profiles one gene a row, `[genes, cells]`
 * @throws InputError when a gene is the same in all cells and correlates with nothing
 */
export function correlationSimilarity(profiles: Points, names?: readonly string[]): Similarity {
  return cosineSimilarity(centredRows(profiles, names));
}

/** Spearman correlation: that of ranks within each gene, tied values sharing their mean rank. */
export function rankCorrelationSimilarity(profiles: Points, names?: readonly string[]): Similarity {
  const { values, count, dimensions } = profiles;
  const ranks = new Float32Array(values.length);
  for (let gene = 0; gene < count; gene++) {
    ranks.set(meanRanks(values.subarray(gene * dimensions, (gene + 1) * dimensions)), gene * dimensions);
  }
  return correlationSimilarity({ values: ranks, count, dimensions }, names);
}

/**
 * The mean of several similarities, each scaled to mean 0 and variance 1 over pairs first, so that none outweighs the
 * others by its spread.
 *
 * @throws UsageError when they are of different genes
 */
export function meanSimilarity(parts: readonly Similarity[]): Similarity {
  const [{ count }] = parts;
  if (parts.some((part) => part.count !== count)) {
    throw new UsageError({ what: 'similarities of different numbers of genes cannot be averaged' });
  }
  const values = new Float32Array(count * count);
  for (const part of parts) {
    const { mean, deviation } = spreadOfPairs(part);
    for (let i = 0; i < values.length; i++) {
      values[i] += (part.values[i] - mean) / (deviation * parts.length);
    }
  }
  return { count, values };
}

function spreadOfPairs({ count, values }: Similarity): { readonly mean: number; readonly deviation: number } {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      sum += values[i * count + j];
      squares += values[i * count + j] ** 2;
    }
  }
  const pairs = Math.max(1, (count * (count - 1)) / 2);
  const mean = sum / pairs;
  return { mean, deviation: Math.sqrt(Math.max(squares / pairs - mean ** 2, 1e-20)) };
}

/** Profiles with each gene's mean taken off. */
function centredRows({ values, count, dimensions }: Points, names?: readonly string[]): Points {
  const centred = new Float32Array(values.length);
  for (let row = 0; row < count; row++) {
    const start = row * dimensions;
    let sum = 0;
    for (let i = start; i < start + dimensions; i++) sum += values[i];
    const mean = sum / dimensions;
    let largest = 0;
    for (let i = start; i < start + dimensions; i++) {
      centred[i] = values[i] - mean;
      largest = Math.max(largest, Math.abs(centred[i]));
    }
    if (largest > 1e-7 * Math.abs(mean)) continue;
    throw new InputError({
      what: 'the gene is the same in all cells, so it correlates with nothing',
      where: `gene ${names?.[row] ?? row}`,
      advice: 'Leave genes out that do not vary',
      reason: 'constant_gene',
    });
  }
  return { values: centred, count, dimensions };
}

/** Ranks from 0; tied values share their mean rank. */
export function meanRanks(values: Float32Array | Float64Array): Float32Array {
  const order = Int32Array.from(values.keys()).sort((a, b) => values[a] - values[b]);
  const ranks = new Float32Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]] === values[order[start]]) end++;
    for (let i = start; i < end; i++) ranks[order[i]] = (start + end - 1) / 2;
    start = end;
  }
  return ranks;
}

/** Rows beside each other that stay in the processor's cache. */
const tile = 32;

function products({ values, count, dimensions }: Points): Similarity {
  const similar = new Float32Array(count * count);
  for (let first = 0; first < count; first += tile) {
    for (let j = first; j < count; j++) {
      for (let i = first; i < Math.min(first + tile, j + 1); i++) {
        let [sum, a, b] = [0, i * dimensions, j * dimensions];
        for (let k = 0; k < dimensions; k++) sum += values[a++] * values[b++];
        similar[i * count + j] = sum;
        similar[j * count + i] = sum;
      }
    }
  }
  for (let i = 0; i < count; i++) similar[i * count + i] = 1;
  return { count, values: similar };
}
