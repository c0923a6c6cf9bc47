/** @file The Leiden algorithm: communities of a weighted graph that maximise modularity with a resolution. */

import { UsageError } from '../support/errors.ts';
import { type Random, randomStream } from '../support/random.ts';
import {
  aggregate,
  type Level,
  largestFirst,
  renumber,
  strengthsOf,
  sum,
  WeightsTo,
} from './grouped-graph.ts';
import type { WeightedGraph } from './neighbour-graph.ts';

/** How {@link leiden} clusters. */
export interface LeidenOptions {
  /** Above 1 gives more and smaller communities, below 1 fewer and larger ones. Default 1. */
  readonly resolution?: number | undefined;
  /** Seed of the order of visits and of the refinement. Default 0. */
  readonly seed?: number | undefined;
  /** Most rounds of moving, refining and aggregating. Default: until a round moves nothing. */
  readonly iterations?: number | undefined;
}

/** A partition of a graph's points. */
export interface Clustering {
  /** Community of each point, the largest being 0. */
  readonly codes: Int32Array; // [points]
  readonly clusters: number;
  /** See {@link modularity}. */
  readonly modularity: number;
}

/** Improvements below this are rounding: moving for them could go on for ever. */
const negligible = 1e-10;
/** Randomness of the refinement, theta of the paper: the likelihood of a gain g is exp(g / theta). */
const theta = 0.01;

/**
 * Clusters by the Leiden algorithm (Traag, Waltman & van Eck 2019, doi:10.1038/s41598-019-41695-z): points move
 * between communities while that raises modularity, communities are refined so that each is connected, refined
 * communities become the points of a smaller graph, and so on. The result is a function of graph and options.
 *
 * @throws UsageError when the resolution is no positive number, or the iterations no positive whole number
 */
export function leiden(graph: WeightedGraph, options: LeidenOptions = {}): Clustering {
  const { resolution = 1, seed = 0, iterations = Number.POSITIVE_INFINITY } = options;
  checkOptions(resolution, iterations);
  const base: Level = { ...graph, strengths: strengthsOf(graph) };
  const total = sum(base.strengths);
  const search = new Search(total > 0 ? resolution / total : 0, randomStream(seed, 'leiden'));
  let codes: Int32Array = Int32Array.from({ length: graph.count }, (_, point) => point);
  for (let round = 0; round < iterations; round++) {
    const next = search.improve(base, codes);
    if (next === null) break;
    codes = next;
  }
  const { codes: sorted, clusters } = largestFirst(codes);
  return { codes: sorted, clusters, modularity: modularity(graph, sorted, resolution) };
}

/**
 * Modularity with a resolution (Reichardt & Bornholdt 2006): the share of edge weight inside of communities, less
 * `resolution` times the share that random edges between points of the same strengths would have there.
 *
 * @param codes community of each point, from 0
 * @returns NaN for a graph without edges
 */
export function modularity(graph: WeightedGraph, codes: Int32Array, resolution = 1): number {
  const strengths = strengthsOf(graph);
  const total = sum(strengths);
  const ofCommunity = new Float64Array(codes.reduce((most, code) => Math.max(most, code + 1), 0));
  let inside = 0;
  for (let point = 0; point < graph.count; point++) {
    ofCommunity[codes[point]] += strengths[point];
    for (let i = graph.indptr[point]; i < graph.indptr[point + 1]; i++) {
      if (codes[graph.indices[i]] === codes[point]) inside += graph.weights[i];
    }
  }
  return inside / total - resolution * sum(ofCommunity.map((strength) => (strength / total) ** 2));
}

/** One search: what a join costs, and its random numbers. */
class Search {
  /** Resolution over total strength: joining points of strengths a and b costs `penalty * a * b`. */
  private readonly penalty: number;
  private readonly random: Random;

  constructor(penalty: number, random: Random) {
    this.penalty = penalty;
    this.random = random;
  }

  /** One round from a partition of `base`: the better partition, or null when nothing moved. */
  improve(base: Level, start: Int32Array): Int32Array | null {
    let level = base;
    let codes = start.slice(); // [level.count]
    let levelPoint: Int32Array = Int32Array.from(start, (_, point) => point); // where each base point is now
    let moved = false;
    for (;;) {
      moved = this.move(level, codes) || moved;
      const whole = renumber(codes);
      if (whole.clusters === level.count) break;
      const refined = renumber(this.refine(level, codes));
      // a refinement that joined nothing would give the same graph again
      const groups = refined.clusters < level.count ? refined : whole;
      const next = new Int32Array(groups.clusters);
      groups.codes.forEach((group, point) => {
        next[group] = whole.codes[point];
      });
      level = aggregate(level, groups);
      levelPoint = levelPoint.map((point) => groups.codes[point]);
      codes = next;
    }
    return moved ? levelPoint.map((point) => codes[point]) : null;
  }

  /** Moves points to the community that gains most, until none gains; changes `codes`. */
  private move(level: Level, codes: Int32Array): boolean {
    const { count, indptr, indices, weights, strengths } = level;
    const strength = new Float64Array(count); // of each community
    const size = new Int32Array(count);
    codes.forEach((community, point) => {
      strength[community] += strengths[point];
      size[community]++;
    });
    const empty: number[] = [];
    for (let community = count - 1; community >= 0; community--) {
      if (size[community] === 0) empty.push(community);
    }
    const to = new WeightsTo(count);
    const queue = Array.from(this.random.shuffle(Int32Array.from(codes, (_, point) => point)));
    const queued = new Uint8Array(count).fill(1);
    let moved = false;
    for (let first = 0; first < queue.length; first++) {
      const point = queue[first];
      queued[point] = 0;
      const own = codes[point];
      strength[own] -= strengths[point];
      if (--size[own] === 0) empty.push(own);
      to.clear();
      for (let i = indptr[point]; i < indptr[point + 1]; i++) to.add(codes[indices[i]], weights[i]);
      const cost = this.penalty * strengths[point];
      let best = own;
      let gain = to.weights[own] - cost * strength[own] + negligible;
      for (const community of to.reached) {
        const other = to.weights[community] - cost * strength[community];
        if (other > gain) [best, gain] = [community, other];
      }
      if (gain < 0) best = empty[empty.length - 1]; // alone gains nothing and loses nothing
      strength[best] += strengths[point];
      if (size[best]++ === 0) empty.pop();
      if (best === own) continue;
      moved = true;
      codes[point] = best;
      for (let i = indptr[point]; i < indptr[point + 1]; i++) {
        const other = indices[i];
        if (queued[other] === 1 || codes[other] === best) continue;
        queued[other] = 1;
        queue.push(other);
      }
    }
    return moved;
  }

  /**
   * Splits communities into well connected parts: single points join, within their community, a part at random,
   * better gains being likelier.
   *
   * @returns the part of each point, named by one of its points
   */
  private refine(level: Level, codes: Int32Array): Int32Array {
    const { count, indptr, indices, weights, strengths } = level;
    const whole = new Float64Array(count); // strength of each community
    const part = Int32Array.from(codes, (_, point) => point);
    const strength = strengths.slice(); // of each part
    const outward = new Float64Array(count); // weight from each part to the rest of its community
    const single = new Uint8Array(count).fill(1);
    for (let point = 0; point < count; point++) {
      whole[codes[point]] += strengths[point];
      for (let i = indptr[point]; i < indptr[point + 1]; i++) {
        if (codes[indices[i]] === codes[point]) outward[point] += weights[i];
      }
    }
    const wellConnected = (name: number, community: number): boolean =>
      outward[name] >= this.penalty * strength[name] * (whole[community] - strength[name]);
    const to = new WeightsTo(count);
    for (const point of this.random.shuffle(Int32Array.from(codes, (_, i) => i))) {
      if (single[point] === 0 || !wellConnected(point, codes[point])) continue;
      to.clear();
      for (let i = indptr[point]; i < indptr[point + 1]; i++) {
        if (codes[indices[i]] === codes[point]) to.add(part[indices[i]], weights[i]);
      }
      const cost = this.penalty * strengths[point];
      const gainOf = (name: number) => to.weights[name] - cost * strength[name];
      const possible = to.reached.filter((name) => gainOf(name) >= 0 && wellConnected(name, codes[point]));
      const chosen = this.draw(possible, possible.map(gainOf));
      if (chosen === null) continue;
      part[point] = chosen;
      strength[chosen] += strengths[point];
      outward[chosen] += outward[point] - 2 * to.weights[chosen];
      single[chosen] = 0;
    }
    return part;
  }

  /** One of the names, or null for staying alone, which gains 0, with likelihoods exp(gain / theta). */
  private draw(names: readonly number[], gains: readonly number[]): number | null {
    const largest = Math.max(0, ...gains); // subtracted, or the exponentials would overflow
    const likelihoods = gains.map((gain) => Math.exp((gain - largest) / theta));
    let left = this.random.uniform() * (sum(likelihoods) + Math.exp(-largest / theta));
    for (let i = 0; i < names.length; i++) {
      left -= likelihoods[i];
      if (left < 0) return names[i];
    }
    return null;
  }
}

function checkOptions(resolution: number, iterations: number): void {
  if (!(resolution > 0 && resolution < Number.POSITIVE_INFINITY)) {
    throw new UsageError({
      what: `the resolution is ${resolution}`,
      expected: 'a positive number',
      reason: 'resolution',
    });
  }
  if (iterations !== Number.POSITIVE_INFINITY && !(Number.isInteger(iterations) && iterations >= 1)) {
    throw new UsageError({
      what: `the number of iterations is ${iterations}`,
      expected: 'a whole number of at least 1',
      reason: 'iterations',
    });
  }
}
