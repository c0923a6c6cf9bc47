/** @file How like held-out cells generated ones are: their means, how they scatter, whether they can be told apart. */

import type { RunControl } from '../../support/progress.ts';
import { randomStream } from '../../support/random.ts';
import { correlation } from '../correlation.ts';
import { cellsOf, groupSizes } from '../groups.ts';
import { chosenCells } from '../imputation/chosen-cells.ts';
import { geneSums } from '../imputation/gene-means.ts';
import type { IncompleteExpression } from '../imputation/incomplete-expression.ts';
import { transferLabels } from '../label-transfer.ts';
import { nearestNeighbours } from '../neighbours.ts';
import { energyDistance } from '../perturbation/distances.ts';
import type { Points } from '../points.ts';
import { drawnCells, joinedCells } from './drawn-cells.ts';
import type { DrawCell, KnownCells } from './population.ts';

/** Held-out cells of a kind that tell something. */
export const fewestHeldOut = 5;
/** Profiles of more generated cells are not steadier than those of held-out cells. */
const cellsOfProfile = 200;
/** More cells of a kind are not compared one by one. */
const mostCompared = 200;
const voters = 15;
const nearest = 10;

/** What is compared; means over kinds in a table, and of each kind. */
export interface GenerationScores {
  /**
   * Correlation over genes of mean log-normalised expression, generated and held out, each as it differs from the mean
   * of its kinds; 0 where generated kinds do not differ.
   */
  readonly profile: number;
  /**
   * Energy distance of generated from held-out cells, as a share of that between held-out cells and cells of all kinds:
   * 0 where they are one distribution, 1 where any cells would do as well.
   */
  readonly distance: number;
  /** The share of the nearest cells that are of the same origin, generated or held out; 0.5 cannot be told apart. */
  readonly toldApart: number;
  /** The share of generated cells whose nearest training cells are mostly of their kind. */
  readonly recognised: number;
}

/** The scores of each kind, NaN for kinds with too few held-out cells. */
export interface ScoredGenerator {
  readonly kinds: readonly GenerationScores[];
  readonly mean: GenerationScores;
}

/** What generated cells are compared with. */
export interface HeldOutCells {
  readonly training: KnownCells;
  readonly heldOut: KnownCells;
}

const scoreNames = ['profile', 'distance', 'toldApart', 'recognised'] as const;

/** Draws cells of every kind and compares them with those that were held out of what the generator learnt from. */
export async function generationScores(
  draw: DrawCell,
  { training, heldOut }: HeldOutCells,
  seed: number,
  control?: RunControl,
): Promise<ScoredGenerator> {
  const { groups } = training.kinds;
  const space = await training.expression.space(control);
  const sizes = groupSizes(heldOut.kinds.codes, groups.length);
  const scored = [...groups.keys()].filter((kind) => sizes[kind] >= fewestHeldOut);
  const drawn = scored.map((kind) =>
    drawnCells(
      draw,
      kind,
      cellsOfProfile,
      training.expression.genes,
      randomStream(seed, 'scored cells', kind),
    ),
  );
  const generated = await Promise.all(drawn);
  const held = await Promise.all(
    scored.map((kind) => chosenCells(heldOut.expression, cellsOf(heldOut.kinds, kind))),
  );
  const profiles = profileScores(generated.map(meanProfile), held.map(meanProfile));
  const any = await chosenCells(training.expression, everyNth(training.expression.cells, mostCompared));
  const kinds: GenerationScores[] = groups.map(() => nothingScored);
  for (const [i, kind] of scored.entries()) {
    const count = Math.min(held[i].cells, mostCompared, cellsOfProfile);
    const real = await chosenCells(held[i], everyNth(held[i].cells, count));
    const made = await chosenCells(generated[i], everyNth(generated[i].cells, count));
    const projected = { made: space.project(made), real: space.project(real) };
    const labels = await transferLabels(
      space.points,
      training.kinds,
      space.project(generated[i]),
      voters,
      control,
    );
    kinds[kind] = {
      profile: profiles[i],
      distance: (await distanceOf(made, real)) / (await distanceOf(any, real)),
      toldApart: await sameOrigin(projected.made, projected.real, control),
      recognised: labels.filter((label) => label === kind).length / labels.length,
    };
  }
  return { kinds, mean: meanScores(scored.map((kind) => kinds[kind])) };
}

const nothingScored: GenerationScores = {
  profile: Number.NaN,
  distance: Number.NaN,
  toldApart: Number.NaN,
  recognised: Number.NaN,
};

/** Mean log-normalised expression. */
export function meanProfile(expression: IncompleteExpression): Float64Array {
  return geneSums(expression).sums.map((sum) => sum / expression.cells);
}

/** Correlations of profiles, each side centred by the mean of its kinds; 0 where a side has no differences. */
export function profileScores(
  generated: readonly Float64Array[],
  heldOut: readonly Float64Array[],
): readonly number[] {
  const centred = (profiles: readonly Float64Array[]): Float64Array[] =>
    profiles.map((profile) =>
      profile.map(
        (value, gene) => value - profiles.reduce((sum, other) => sum + other[gene], 0) / profiles.length,
      ),
    );
  const [own, truth] = [centred(generated), centred(heldOut)];
  return own.map((profile, i) => {
    const value = correlation(profile, truth[i]);
    return Number.isNaN(value) ? 0 : value;
  });
}

function everyNth(cells: number, count: number): Int32Array {
  const kept = Math.min(cells, count);
  return Int32Array.from({ length: kept }, (_, i) => Math.floor((i * cells) / kept));
}

async function distanceOf(a: IncompleteExpression, b: IncompleteExpression): Promise<number> {
  const both = await joinedCells(a, b);
  const rows = { ...both.rows, values: both.logged };
  const range = (start: number, end: number) => Int32Array.from({ length: end - start }, (_, i) => start + i);
  return energyDistance(rows, range(0, a.cells), range(a.cells, both.cells));
}

async function sameOrigin(a: Points, b: Points, control?: RunControl): Promise<number> {
  const values = Float64Array.from([...a.values, ...b.values]);
  const all = { values, count: a.count + b.count, dimensions: a.dimensions };
  const k = Math.min(nearest, all.count - 1);
  const { indices } = await nearestNeighbours(all, k, 'euclidean', control);
  let same = 0;
  indices.forEach((other, i) => {
    const [ofA, otherOfA] = [Math.floor(i / k) < a.count, other < a.count];
    if (ofA === otherOfA) same++;
  });
  return same / indices.length;
}

function meanScores(kinds: readonly GenerationScores[]): GenerationScores {
  const mean = (name: (typeof scoreNames)[number]): number =>
    kinds.reduce((sum, scores) => sum + scores[name] / kinds.length, 0);
  return {
    profile: mean('profile'),
    distance: mean('distance'),
    toldApart: mean('toldApart'),
    recognised: mean('recognised'),
  };
}
