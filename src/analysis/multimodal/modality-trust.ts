/** @file Which modalities have a say in a joint embedding: those that repeat themselves, or tell of a better one. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import { selectCells } from '../../single-cell/preprocess/views.ts';
import type { RunControl } from '../../support/progress.ts';
import { randomStream } from '../../support/random.ts';
import { nearestNeighbours } from '../neighbours.ts';
import { finiteRows, type Points, takeRows } from '../points.ts';
import { type ComponentsOf, explainedByNeighbours, reproducibility } from './reproducibility.ts';

/** A modality as it is judged. */
export interface JudgedModality {
  readonly name: string;
  /** Components of all cells; rows of NaN where a cell lacks the modality. */
  readonly points: Points; // [cells, components]
  /** Values of the cells that have it, in their order, which components are made of. */
  readonly values: CsrMatrix; // [members, features]
  readonly componentsOf: ComponentsOf;
}

/** What is known of how far a modality can be trusted, without labels. */
export interface ModalityTrust {
  readonly name: string;
  /** Share of the variance of half of its features' components that neighbours by the other half explain. */
  readonly reproducibility: number;
  /** Share of the other modality's variance that neighbours by this one explain; NaN where no cells have both. */
  readonly explainsOther: number;
  /** 1 where it has a say, else 0. */
  readonly trust: 0 | 1;
  /** Why, in words. */
  readonly reason: string;
}

/** A sample tells shares of variance well, and comparing all pairs of more cells takes long. */
const judgedCells = 3000;
const predictors = 15;
/** A modality that repeats itself half as well as the better one may tell something of its own. */
const enoughReproducibility = 0.5;

/**
 * The better modality, by how well it repeats itself, always has a say. The other has one if cells that are neighbours
 * by it agree in the better one at all (better than the mean of all cells predicts), or if it repeats itself at least
 * half as well. Thresholds are fixed: nothing is tuned on a data set.
 */
export async function modalityTrust(
  modalities: readonly [JudgedModality, JudgedModality],
  { seed, ...control }: RunControl & { readonly seed: number },
): Promise<readonly [ModalityTrust, ModalityTrust]> {
  const paired = sampled(bothOf(modalities), seed);
  const points = modalities.map((modality) => takeRows(modality.points, paired));
  const near =
    paired.length > predictors
      ? await Promise.all(points.map((some) => nearestNeighbours(some, predictors, 'euclidean', control)))
      : null;
  const own: number[] = [];
  for (const modality of modalities) {
    const members = sampled(
      Int32Array.from({ length: modality.values.shape[0] }, (_, i) => i),
      seed,
    );
    const values = await inMemory(selectCells(modality.values, members), control);
    own.push(await reproducibility(values, modality.componentsOf, { seed, ...control }));
  }
  const explains = [0, 1].map((side) =>
    near === null ? Number.NaN : explainedByNeighbours(points[1 - side], near[side]),
  );
  const better = own[1] > own[0] ? 1 : 0;
  const judged = (side: 0 | 1): ModalityTrust => {
    const { trust, reason } = verdict(side === better, own[side], own[better], explains[side]);
    const { name } = modalities[side];
    return { name, reproducibility: own[side], explainsOther: explains[side], trust, reason };
  };
  return [judged(0), judged(1)];
}

function verdict(isBetter: boolean, own: number, best: number, explains: number) {
  if (isBetter) return { trust: 1, reason: 'repeats itself best' } as const;
  if (explains > 0) return { trust: 1, reason: 'neighbours by it agree in the other modality' } as const;
  if (own >= enoughReproducibility * best) {
    return { trust: 1, reason: 'repeats itself at least half as well as the other' } as const;
  }
  return {
    trust: 0,
    reason: 'neighbours by it do not agree in the other modality, and it hardly repeats itself',
  } as const;
}

function bothOf([first, second]: readonly [JudgedModality, JudgedModality]): Int32Array {
  const has = new Set(finiteRows(second.points));
  return finiteRows(first.points).filter((row) => has.has(row));
}

function sampled(rows: Int32Array, seed: number): Int32Array {
  if (rows.length <= judgedCells) return rows;
  const places = randomStream(seed, 'cells that judge modalities').sample(rows.length, judgedCells);
  return Int32Array.from(places, (place) => rows[place]).sort();
}
