/**
 * @file Places of a network's nodes by forces (Fruchterman & Reingold 1991): nodes push each other away, edges pull.
 *
 * A pull to the middle keeps parts that no edge joins together; it is stronger across the shorter side, so that the
 * drawing takes the shape of its frame.
 */

import { randomStream } from '../../support/random.ts';

/** Two nodes that an edge pulls together, the more the larger its weight: 0 to 1. */
export interface Pull {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** Options of {@link forceLayout}. */
export interface ForceLayoutOptions {
  readonly width: number;
  readonly height: number;
  /** Nodes keep at least so far from each other, where the frame has room. */
  readonly apart: number;
  readonly seed?: number | undefined;
}

const rounds = 400;
const gravity = 0.06;

/** Places within the frame, `[nodes, 2]`; equal networks have equal places. */
export function forceLayout(
  count: number,
  pulls: readonly Pull[],
  { width, height, apart, seed = 0 }: ForceLayoutOptions,
): Float64Array {
  const random = randomStream(seed, 'force layout');
  const places = Float64Array.from({ length: 2 * count }, () => random.uniform() - 0.5);
  const distance = 1 / Math.sqrt(Math.max(1, count)); // between neighbours, in an area of 1
  const moves = new Float64Array(2 * count);
  for (let round = 0; round < rounds; round++) {
    pushApart(places, moves, distance);
    pullTogether(places, moves, pulls, distance);
    pullToMiddle(places, moves, [gravity, (gravity * width) / height]);
    step(places, moves, 0.1 * (1 - round / rounds));
  }
  intoFrame(places, width, height);
  for (let round = 0; round < 60; round++) {
    separate(places, apart);
    keepWithin(places, width, height);
  }
  return places;
}

function pushApart(places: Float64Array, moves: Float64Array, distance: number): void {
  moves.fill(0);
  for (let a = 0; a < places.length; a += 2) {
    for (let b = 0; b < a; b += 2) {
      const [x, y] = [places[a] - places[b], places[a + 1] - places[b + 1]];
      const force = (distance * distance) / Math.max(x * x + y * y, 1e-9);
      moves[a] += force * x;
      moves[a + 1] += force * y;
      moves[b] -= force * x;
      moves[b + 1] -= force * y;
    }
  }
}

function pullTogether(
  places: Float64Array,
  moves: Float64Array,
  pulls: readonly Pull[],
  distance: number,
): void {
  for (const { from, to, weight } of pulls) {
    const [a, b] = [2 * from, 2 * to];
    const [x, y] = [places[a] - places[b], places[a + 1] - places[b + 1]];
    const force = (weight * Math.hypot(x, y)) / distance;
    moves[a] -= force * x;
    moves[a + 1] -= force * y;
    moves[b] += force * x;
    moves[b + 1] += force * y;
  }
}

function pullToMiddle(places: Float64Array, moves: Float64Array, strength: readonly number[]): void {
  const nodes = places.length / 2;
  for (let i = 0; i < places.length; i++) {
    moves[i] -= strength[i % 2] * Math.sqrt(nodes) * places[i];
  }
}

/** Moves by the forces, no node farther than `most`. */
function step(places: Float64Array, moves: Float64Array, most: number): void {
  for (let i = 0; i < places.length; i += 2) {
    const length = Math.hypot(moves[i], moves[i + 1]);
    const share = length > most ? most / length : 1;
    places[i] += share * moves[i];
    places[i + 1] += share * moves[i + 1];
  }
}

/** Stretches the drawing over the frame: alike both ways up to a third, for shapes are to stay recognisable. */
function intoFrame(places: Float64Array, width: number, height: number): void {
  const ranges = [0, 1].map((axis) => {
    const along = places.filter((_, i) => i % 2 === axis);
    const low = along.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
    const high = along.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    return { middle: (low + high) / 2, extent: Math.max(high - low, 1e-9) };
  });
  const scales = [width / ranges[0].extent, height / ranges[1].extent];
  const least = Math.min(...scales);
  for (let i = 0; i < places.length; i++) {
    const axis = i % 2;
    const scale = Math.min(scales[axis], (4 / 3) * least);
    places[i] = (places[i] - ranges[axis].middle) * scale + (axis === 0 ? width : height) / 2;
  }
}

function separate(places: Float64Array, apart: number): void {
  for (let a = 0; a < places.length; a += 2) {
    for (let b = 0; b < a; b += 2) {
      const [x, y] = [places[a] - places[b], places[a + 1] - places[b + 1]];
      const length = Math.hypot(x, y);
      if (length >= apart) continue;
      const share = (apart - length) / (2 * Math.max(length, 1e-9));
      const [moveX, moveY] = length > 1e-9 ? [share * x, share * y] : [apart / 2, 0];
      places[a] += moveX;
      places[a + 1] += moveY;
      places[b] -= moveX;
      places[b + 1] -= moveY;
    }
  }
}

function keepWithin(places: Float64Array, width: number, height: number): void {
  for (let i = 0; i < places.length; i++) {
    places[i] = Math.max(0, Math.min(i % 2 === 0 ? width : height, places[i]));
  }
}
