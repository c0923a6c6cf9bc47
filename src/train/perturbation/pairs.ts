/** @file Pairs to learn from: unperturbed cells and perturbed ones of the same stratum, each the mean of several. */

import { randomStream } from '../../support/random.ts';
import type { Profiles, ScreenCells } from './cells.ts';

/** How unperturbed cells are chosen for perturbed ones: of the same stratum, or of all as in the reference. */
export type Pairing = 'matched' | 'random';

/** An input and what it is to become. */
export interface Pair {
  readonly before: Float32Array; // [genes]
  readonly after: Float32Array; // [genes]
  readonly perturbation: number;
  readonly stratum: number;
}

/** How pairs are drawn. */
export interface PairOptions {
  readonly pairing: Pairing;
  /** Cells whose mean stands for one: 1 as in the reference; more take away noise that no input explains. */
  readonly averaged: number;
  readonly seed: number;
}

/** One target of an epoch: some cells of one perturbation in one stratum. */
interface Target {
  readonly perturbation: number;
  readonly stratum: number;
  readonly rows: Int32Array;
}

/**
 * The pairs of a pass, shuffled: every perturbed cell that is learnt from is in one of them. Which cells come together
 * follows from seed and pass. Means are made as they are asked for.
 *
 * @param included which perturbations are learnt from in which strata
 */
export function* pairsOfEpoch(
  { strata }: ScreenCells,
  profiles: Profiles,
  included: (perturbation: number, stratum: number) => boolean,
  pass: number,
  { pairing, averaged, seed }: PairOptions,
): Generator<Pair> {
  const random = randomStream(seed, 'pairs', pass);
  const targets: Target[] = [];
  strata.forEach(({ perturbed, control }, stratum) => {
    if (pairing === 'matched' && control.length === 0) return;
    for (const [perturbation, rows] of perturbed) {
      if (!included(perturbation, stratum)) continue;
      const shuffled = random.shuffle(rows.slice());
      const parts = Math.max(1, Math.round(rows.length / averaged));
      for (let part = 0; part < parts; part++) {
        const [start, end] = [part, part + 1].map((edge) => Math.round((edge * rows.length) / parts));
        targets.push({ perturbation, stratum, rows: shuffled.subarray(start, end) });
      }
    }
  });
  random.shuffle(targets);
  const everyControl = Int32Array.from(strata.flatMap(({ control }) => [...control]));
  for (const { perturbation, stratum, rows } of targets) {
    const controls = pairing === 'random' ? everyControl : strata[stratum].control;
    const chosen = random.sample(controls.length, Math.min(averaged, controls.length));
    yield {
      before: profiles.mean(chosen.map((place) => controls[place])),
      after: profiles.mean(rows),
      perturbation,
      stratum,
    };
  }
}
