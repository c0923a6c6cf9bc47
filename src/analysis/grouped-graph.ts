/** @file Graphs whose points are groups of another graph's points, and how groups are numbered. */

import { groupSizes } from './groups.ts';
import type { WeightedGraph } from './neighbour-graph.ts';

/** A graph whose points may stand for several; edges inside of one are left out, but count in its strength. */
export interface Level extends WeightedGraph {
  readonly strengths: Float64Array; // [count]
}

/** Weights from one point to the communities around it; reused from point to point. */
export class WeightsTo {
  readonly weights: Float64Array;
  /** Communities with an edge to the point, in the order of its edges. */
  readonly reached: number[] = [];
  private readonly seen: Uint8Array;

  constructor(count: number) {
    this.weights = new Float64Array(count);
    this.seen = new Uint8Array(count);
  }

  clear(): void {
    for (const community of this.reached) {
      this.weights[community] = 0;
      this.seen[community] = 0;
    }
    this.reached.length = 0;
  }

  add(community: number, weight: number): void {
    if (this.seen[community] === 0) {
      this.seen[community] = 1;
      this.reached.push(community);
    }
    this.weights[community] += weight;
  }
}

/** The graph whose points are the groups. */
export function aggregate(level: Level, { codes, clusters }: Groups): Level {
  const strengths = new Float64Array(clusters);
  const members: number[][] = Array.from({ length: clusters }, () => []);
  codes.forEach((group, point) => {
    strengths[group] += level.strengths[point];
    members[group].push(point);
  });
  const indptr = new Int32Array(clusters + 1);
  const indices: number[] = [];
  const weights: number[] = [];
  const to = new WeightsTo(clusters);
  members.forEach((points, group) => {
    to.clear();
    for (const point of points) {
      for (let i = level.indptr[point]; i < level.indptr[point + 1]; i++) {
        const other = codes[level.indices[i]];
        if (other !== group) to.add(other, level.weights[i]);
      }
    }
    for (const other of to.reached.sort((a, b) => a - b)) {
      indices.push(other);
      weights.push(to.weights[other]);
    }
    indptr[group + 1] = indices.length;
  });
  return {
    count: clusters,
    indptr,
    indices: Int32Array.from(indices),
    weights: Float64Array.from(weights),
    strengths,
  };
}

/** Groups numbered from 0 without gaps. */
export interface Groups {
  readonly codes: Int32Array;
  readonly clusters: number;
}

/** Numbers groups in the order of their first points. */
export function renumber(codes: Int32Array): Groups {
  const place = new Int32Array(codes.length).fill(-1);
  let clusters = 0;
  const numbered = codes.map((code) => {
    if (place[code] < 0) place[code] = clusters++;
    return place[code];
  });
  return { codes: numbered, clusters };
}

/** Numbers groups by size, those of one size in the order of their first points. */
export function largestFirst(given: Int32Array): Groups {
  const { codes, clusters } = renumber(given);
  const sizes = groupSizes(codes, clusters);
  const place = new Int32Array(clusters);
  [...sizes.keys()]
    .sort((a, b) => sizes[b] - sizes[a] || a - b)
    .forEach((code, i) => {
      place[code] = i;
    });
  return { codes: codes.map((code) => place[code]), clusters };
}

/** The summed weight of each point's edges. */
export function strengthsOf({ count, indptr, weights }: WeightedGraph): Float64Array {
  return Float64Array.from({ length: count }, (_, point) =>
    sum(weights.subarray(indptr[point], indptr[point + 1])),
  );
}

export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}
