/** @file Nulls for gene networks: what other genes would score as regulators, and what shuffled conditions would differ. */

import type { Random } from '../../support/random.ts';
import type { Similarity } from './similarity.ts';

/**
 * How often another gene in the regulator's place scores as high for a target: `(1 + others as high) / genes`.
 *
 * @param attention row the gene that asks, column the one asked, `[genes, genes]`
 * @returns one for each target, 1 for the regulator itself; `[genes]`
 */
export function otherRegulatorsNull(attention: Float32Array, genes: number, regulator: number): Float64Array {
  return Float64Array.from({ length: genes }, (_, target) => {
    if (target === regulator) return 1;
    const row = attention.subarray(target * genes, (target + 1) * genes);
    let high = 0;
    for (let other = 0; other < genes; other++) {
      if (other !== regulator && other !== target && row[other] >= row[regulator]) high++;
    }
    return (1 + high) / (genes - 1);
  });
}

/** Options of {@link shuffledConditionsNull}. */
export interface ShuffledConditionsOptions {
  readonly permutations: number;
  readonly random: Random;
}

/**
 * How often the difference of two conditions' means is as large, either way, when cells are dealt to conditions at
 * random: `(1 + as large) / (1 + permutations)`.
 *
 * @param values of each cell, `[cells, width]`
 * @param inFirst 1 for cells of the first condition, 0 for those of the second, `[cells]`
 * @returns difference first - second, and p, `[width]`
 */
export function shuffledConditionsNull(
  values: Float32Array,
  inFirst: Uint8Array,
  { permutations, random }: ShuffledConditionsOptions,
): { readonly difference: Float64Array; readonly p: Float64Array } {
  const cells = inFirst.length;
  const width = values.length / cells;
  const difference = differenceOf(values, inFirst, width);
  const asLarge = new Float64Array(width);
  const dealt = inFirst.slice();
  for (let round = 0; round < permutations; round++) {
    for (let i = cells - 1; i > 0; i--) {
      const j = Math.floor(random.uniform() * (i + 1));
      [dealt[i], dealt[j]] = [dealt[j], dealt[i]];
    }
    const drawn = differenceOf(values, dealt, width);
    for (let i = 0; i < width; i++) {
      // What is equal but for the order of a sum counts as equal.
      if (Math.abs(drawn[i]) >= Math.abs(difference[i]) - 1e-12) asLarge[i]++;
    }
  }
  return { difference, p: asLarge.map((count) => (1 + count) / (1 + permutations)) };
}

function differenceOf(values: Float32Array, inFirst: Uint8Array, width: number): Float64Array {
  const first = inFirst.reduce((sum, flag) => sum + flag, 0);
  const difference = new Float64Array(width);
  for (let cell = 0; cell < inFirst.length; cell++) {
    const share = inFirst[cell] === 1 ? 1 / first : -1 / (inFirst.length - first);
    for (let i = 0; i < width; i++) difference[i] += share * values[cell * width + i];
  }
  return difference;
}

/**
 * How often as many genes drawn at random are as alike as a program's, by their mean similarity:
 * `(1 + as alike) / (1 + permutations)`.
 */
export function programCohesionNull(
  { count, values }: Similarity,
  program: Int32Array,
  { permutations, random }: ShuffledConditionsOptions,
): { readonly cohesion: number; readonly p: number } {
  const meanOf = (genes: Int32Array): number => {
    let sum = 0;
    for (let i = 0; i < genes.length; i++) {
      for (let j = 0; j < i; j++) sum += values[genes[i] * count + genes[j]];
    }
    return (2 * sum) / (genes.length * (genes.length - 1));
  };
  const cohesion = meanOf(program);
  let asAlike = 0;
  for (let round = 0; round < permutations; round++) {
    if (meanOf(random.sample(count, program.length)) >= cohesion) asAlike++;
  }
  return { cohesion, p: (1 + asAlike) / (1 + permutations) };
}
