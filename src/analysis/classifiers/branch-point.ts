/** @file A point of a class tree where two branches part, and how like a cell is to the classes of each. */

import { rankVector } from './rank-vectors.ts';

/** Genes that tell a class from the other branch. */
const genesOfClass = 200;

/** One class at a branch point: its profile over its own genes, and how reference cells correlate with it. */
export class Candidate {
  readonly code: number;
  private readonly genes: Int32Array;
  private readonly profile: Float32Array; // [genes], ranks
  private own: Float64Array = new Float64Array();
  private others: Float64Array = new Float64Array();
  private readonly values: Float32Array; // [genes], of the cell in hand
  private readonly ranks: Float32Array; // [genes], of the cell in hand

  /**
   * Genes are the 200 whose means differ most, up or down; of equal ones the first columns.
   *
   * @param profile mean log expression of the class
   * @param opposite mean of the profiles across the branch point
   */
  constructor(code: number, profile: Float64Array, opposite: Float64Array) {
    const change = (gene: number) => Math.abs(profile[gene] - opposite[gene]);
    const order = Int32Array.from(profile.keys()).sort((a, b) => change(b) - change(a) || a - b);
    this.code = code;
    this.genes = order.slice(0, genesOfClass);
    this.profile = new Float32Array(this.genes.length);
    this.values = new Float32Array(this.genes.length);
    this.ranks = new Float32Array(this.genes.length);
    rankVector(
      Float64Array.from(this.genes, (gene) => profile[gene]),
      this.profile,
    );
  }

  /** Takes down how the class's own cells and those across the branch point correlate; each at least one. */
  learn(own: readonly number[], others: readonly number[]): void {
    this.own = Float64Array.from(own).sort();
    this.others = Float64Array.from(others).sort();
  }

  /** Spearman correlation of a cell with the profile; 0 where either does not vary. */
  correlation(cell: Float32Array): number {
    const { genes, profile, values, ranks } = this;
    for (let i = 0; i < genes.length; i++) values[i] = cell[genes[i]];
    rankVector(values, ranks);
    let sum = 0;
    for (let i = 0; i < ranks.length; i++) sum += ranks[i] * profile[i];
    return sum;
  }

  /**
   * CHETAH's profile score, -1 .. 1: the share of the class's own cells that correlate no better than the cell, less the
   * share of cells across the branch point that correlate better; 0, which speaks neither for nor against the class, where
   * the cell does not vary over its genes.
   */
  score(cell: Float32Array): number {
    const correlation = this.correlation(cell);
    if (this.ranks.every((rank) => rank === 0)) return 0;
    return shareUpTo(this.own, correlation) + shareUpTo(this.others, correlation) - 1;
  }
}

/** The classes on either side. */
export type BranchPoint = readonly [readonly Candidate[], readonly Candidate[]];

/** Where a cell turns at a branch point. */
export interface Turn {
  readonly branch: 0 | 1;
  /** The highest profile score of the branch less the mean of those of the other, 0 .. 2. */
  readonly confidence: number;
}

/** Sends a cell to the branch with the highest profile score; of equal ones to the first. */
export function turn([first, second]: BranchPoint, cell: Float32Array): Turn {
  const scores = [first, second].map((side) => side.map((candidate) => candidate.score(cell)));
  const [highestOfFirst, highestOfSecond] = scores.map((side) => Math.max(...side));
  const branch = highestOfFirst >= highestOfSecond ? 0 : 1;
  const other = scores[1 - branch];
  const mean = other.reduce((sum, score) => sum + score, 0) / other.length;
  return { branch, confidence: Math.max(highestOfFirst, highestOfSecond) - mean };
}

/** Share of ascending numbers that are at most `limit`. */
function shareUpTo(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low / sorted.length;
}
