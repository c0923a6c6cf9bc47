/** @file Soft clusters in which every batch is to be represented as it is among all cells. */

import type { Grouping } from '../groups.ts';
import type { HarmonySettings } from './editions.ts';

/** Cells' memberships of clusters, and how many cells of each batch the clusters have. Directions have unit length. */
export class SoftClusters {
  readonly count: number;
  readonly memberships: Float64Array; // [cells, clusters], rows sum to 1
  /** Cells of each batch in each cluster. */
  readonly observed: Float64Array; // [batches, clusters]
  /** As many as there were if every cluster had batches in the same shares. */
  readonly expected: Float64Array; // [batches, clusters]
  private readonly centroids: Float64Array; // [clusters, dimensions]
  private readonly distances: Float64Array; // [cells, clusters], 2 (1 - cosine)
  private readonly batch: Int32Array; // [cells]
  private readonly shares: Float64Array; // [batches]
  private readonly settings: HarmonySettings;

  /** @param centroids `[clusters, dimensions]`, taken over */
  constructor(batch: Grouping, centroids: Float64Array, settings: HarmonySettings) {
    const cells = batch.codes.length;
    this.count = settings.clusters;
    this.settings = settings;
    this.centroids = centroids;
    this.batch = batch.codes;
    this.memberships = new Float64Array(cells * this.count);
    this.distances = new Float64Array(cells * this.count);
    this.observed = new Float64Array(batch.groups.length * this.count);
    this.expected = new Float64Array(batch.groups.length * this.count);
    this.shares = new Float64Array(batch.groups.length);
    for (const code of batch.codes) this.shares[code] += 1 / cells;
  }

  /** Measures how far cells are from centroids. */
  measure(directions: Float64Array): void {
    const { count, centroids, distances } = this;
    const dimensions = centroids.length / count;
    for (let place = 0, row = 0; row < directions.length; row += dimensions) {
      for (let start = 0; start < centroids.length; start += dimensions) {
        let dot = 0;
        for (let i = 0; i < dimensions; i++) dot += directions[row + i] * centroids[start + i];
        distances[place++] = 2 * (1 - dot);
      }
    }
  }

  /** Puts cells into clusters by distance alone. */
  assign(): void {
    const even = new Float64Array(this.count);
    this.observed.fill(0);
    this.expected.fill(0);
    const totals = new Float64Array(this.count);
    for (let cell = 0; cell < this.batch.length; cell++) {
      this.soften(cell, even, 0);
      this.tally(cell, 1, totals);
    }
    this.expect(totals);
  }

  /**
   * Puts cells into clusters by distance and by how many of their batch the clusters have, which is counted again
   * after each block.
   *
   * @param order all cells, in blocks of a random order
   */
  update(order: Int32Array): void {
    const { blockShare } = this.settings;
    const blocks = Math.ceil(1 / blockShare);
    const size = Math.max(1, Math.floor(order.length * blockShare));
    for (let block = 0; block < blocks && block * size < order.length; block++) {
      const end = block === blocks - 1 ? order.length : (block + 1) * size; // the last has the rest too
      const cells = order.subarray(block * size, end);
      const totals = new Float64Array(this.count);
      for (const cell of cells) this.tally(cell, -1, totals);
      this.expect(totals);
      const bonus = this.bonuses();
      totals.fill(0);
      for (const cell of cells) {
        this.soften(cell, bonus, this.batch[cell] * this.count);
        this.tally(cell, 1, totals);
      }
      this.expect(totals);
    }
  }

  /** Moves each centroid to the mean direction of its cells. */
  centre(directions: Float64Array): void {
    const { count, centroids, memberships } = this;
    const dimensions = centroids.length / count;
    centroids.fill(0);
    for (let place = 0, row = 0; row < directions.length; row += dimensions) {
      for (let start = 0; start < centroids.length; start += dimensions) {
        const membership = memberships[place++];
        for (let i = 0; i < dimensions; i++) centroids[start + i] += membership * directions[row + i];
      }
    }
    scaleToUnit(centroids, dimensions);
  }

  /** Sets a centroid to a direction. */
  place(cluster: number, direction: Float64Array): void {
    this.centroids.set(direction, cluster * direction.length);
    scaleToUnit(
      this.centroids.subarray(cluster * direction.length, (cluster + 1) * direction.length),
      direction.length,
    );
  }

  /** What clustering makes small: distances, less the entropy of memberships, and how uneven batches are. */
  objective(): number {
    const { memberships, distances, observed, settings } = this;
    let distance = 0;
    let entropy = 0;
    for (let place = 0; place < memberships.length; place++) {
      const membership = memberships[place];
      if (membership === 0) continue;
      distance += membership * distances[place];
      entropy += membership * Math.log(membership);
    }
    const bonus = this.bonuses();
    const unevenness = observed.reduce((sum, cells, place) => sum - cells * bonus[place], 0);
    return distance + settings.sigma * (entropy + unevenness);
  }

  /** What the logarithm of a membership gains where its batch is rarer than expected. */
  private bonuses(): Float64Array {
    const { observed, expected, settings } = this;
    return observed.map((seen, place) => {
      const awaited = expected[place];
      const ratio =
        settings.edition === 1 ? (awaited + 1) / (seen + 1) : (2 * awaited + 1) / (seen + awaited + 1);
      return settings.theta * Math.log(ratio);
    });
  }

  /** Sets a cell's memberships to the softmax of -distance / sigma + bonus. */
  private soften(cell: number, bonus: Float64Array, bonusStart: number): void {
    const { count, memberships, distances } = this;
    const { sigma } = this.settings;
    const start = cell * count;
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < count; i++) {
      const logit = bonus[bonusStart + i] - distances[start + i] / sigma;
      memberships[start + i] = logit;
      if (logit > largest) largest = logit;
    }
    let sum = 0;
    for (let i = start; i < start + count; i++) {
      memberships[i] = Math.exp(memberships[i] - largest);
      sum += memberships[i];
    }
    for (let i = start; i < start + count; i++) memberships[i] /= sum;
  }

  /** Adds a cell to what is observed, or takes it out. */
  private tally(cell: number, sign: 1 | -1, totals: Float64Array): void {
    const { count, memberships, observed } = this;
    const start = cell * count;
    const place = this.batch[cell] * count;
    for (let i = 0; i < count; i++) {
      const change = sign * memberships[start + i];
      observed[place + i] += change;
      totals[i] += change;
    }
  }

  private expect(totals: Float64Array): void {
    const { count, expected, shares } = this;
    for (let place = 0; place < expected.length; place++) {
      expected[place] += totals[place % count] * shares[Math.floor(place / count)];
    }
  }
}

/** Scales rows to unit length, in place; rows of zeros stay. */
export function scaleToUnit(values: Float64Array, dimensions: number): Float64Array {
  for (let row = 0; row < values.length; row += dimensions) {
    let square = 0;
    for (let i = row; i < row + dimensions; i++) square += values[i] * values[i];
    if (square === 0) continue;
    const length = Math.sqrt(square);
    for (let i = row; i < row + dimensions; i++) values[i] /= length;
  }
  return values;
}
