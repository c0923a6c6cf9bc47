/** @file New points like those of a cloud: the smoothed bootstrap, with the spread of the neighbourhood. */

import type { RunControl } from '../../support/progress.ts';
import type { Random } from '../../support/random.ts';
import type { Grouping } from '../groups.ts';
import { cellsOf } from '../groups.ts';
import { nearestNeighbours } from '../neighbours.ts';
import { type Points, takeRows } from '../points.ts';

/** Points that tell how the cloud spreads around one. */
const neighbourhood = 30;
/** The share of a neighbourhood's variance that is drawn anew; the rest is that of the points themselves. */
const drawnShare = 0.5;

/** Writes a new point of a kind and returns the row of the one it was made from. */
export type DrawPoint = (kind: number, random: Random, into: Float64Array) => number;

/**
 * Draws a point of the kind and moves it: toward the mean of its neighbours of that kind, and from there by a random
 * combination of how they differ, so that mean and covariance of neighbourhoods stay as they are (Silverman & Young
 * 1987). Kinds of one point have copies of it.
 */
export async function smoothedSample(
  points: Points,
  kinds: Grouping,
  control?: RunControl,
): Promise<DrawPoint> {
  const clouds = await Promise.all(
    kinds.groups.map((_, kind) => cloudOf(points, cellsOf(kinds, kind), control)),
  );
  const { dimensions } = points;
  return (kind, random, into) => {
    const { members, near, k } = clouds[kind];
    const chosen = random.integer(members.length);
    const around = [chosen, ...near.subarray(chosen * k, (chosen + 1) * k)].map((place) => members[place]);
    const own = members[chosen] * dimensions;
    const factors = around.map(
      () => Math.sqrt(drawnShare / Math.max(1, around.length - 1)) * random.normal(),
    );
    for (let d = 0; d < dimensions; d++) {
      let mean = 0;
      for (const row of around) mean += points.values[row * dimensions + d] / around.length;
      let value = mean + Math.sqrt(1 - drawnShare) * (points.values[own + d] - mean);
      around.forEach((row, i) => {
        value += factors[i] * (points.values[row * dimensions + d] - mean);
      });
      into[d] = value;
    }
    return members[chosen];
  };
}

async function cloudOf(points: Points, members: Int32Array, control?: RunControl) {
  const k = Math.min(neighbourhood, members.length - 1);
  if (k < 1) return { members, near: new Int32Array(0), k: 0 };
  const { indices } = await nearestNeighbours(takeRows(points, members), k, 'euclidean', control);
  return { members, near: indices, k };
}
