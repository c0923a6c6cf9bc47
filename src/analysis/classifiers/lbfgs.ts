/** @file Minimises a smooth convex function by L-BFGS. */

import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';

/** Returns the value at a place and writes the gradient there into `gradient`. */
export type Objective = (place: Float64Array, gradient: Float64Array) => number;

export interface MinimiseOptions {
  /** Names the work in progress reports. */
  readonly stage: string;
  /** Stops when no entry of the gradient is larger. */
  readonly tolerance: number;
  readonly iterations: number;
}

export interface Minimum {
  readonly place: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** False when it stopped at the most iterations. */
  readonly converged: boolean;
}

/** Pairs of steps and gradient changes that stand for the curvature; scipy keeps 10, with which fits take twice as many steps. */
const memory = 30;
/** Armijo's and Wolfe's constants of Nocedal & Wright (2006), chapter 3. */
const sufficientDecrease = 1e-4;
const curvature = 0.9;
const mostTrials = 30;

/** A place with the value and gradient found there. */
interface Point {
  readonly place: Float64Array;
  readonly gradient: Float64Array;
  readonly value: number;
}

interface Correction {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** Their dot product; positive. */
  readonly product: number;
}

/**
 * Limited-memory BFGS (Nocedal & Wright 2006, algorithm 7.5) with a line search for the Wolfe conditions. Stops early,
 * as converged, where rounding leaves no lower value along the direction.
 *
 * @throws CancelledError when the control's signal is aborted
 */
export async function minimise(
  objective: Objective,
  start: Float64Array,
  options: MinimiseOptions,
  control: RunControl = {},
): Promise<Minimum> {
  const { stage, tolerance, iterations } = options;
  const corrections: Correction[] = [];
  let at = evaluate(objective, start);
  let done = 0;
  let converged = largest(at.gradient) <= tolerance;
  while (!converged && done < iterations) {
    await breathe();
    if (control.signal?.aborted === true) throw new CancelledError({ what: `stopped while ${stage}` });
    const direction = descent(at.gradient, corrections);
    const first = corrections.length === 0 ? Math.min(1, 1 / norm(at.gradient)) : 1;
    const next = lineSearch(objective, at, direction, first);
    if (next === null) return { place: at.place, value: at.value, iterations: done, converged: true };
    remember(corrections, at, next);
    at = next;
    done++;
    converged = largest(at.gradient) <= tolerance;
    control.onProgress?.({ stage, done, total: iterations, unit: 'iterations' });
  }
  return { place: at.place, value: at.value, iterations: done, converged };
}

function evaluate(objective: Objective, place: Float64Array): Point {
  const gradient = new Float64Array(place.length);
  return { place, gradient, value: objective(place, gradient) };
}

/** Minus the inverse curvature times the gradient, by the two loops over the corrections. */
function descent(gradient: Float64Array, corrections: readonly Correction[]): Float64Array {
  const direction = gradient.map((entry) => -entry);
  const shares = new Float64Array(corrections.length);
  for (let i = corrections.length - 1; i >= 0; i--) {
    const { step, change, product } = corrections[i];
    shares[i] = dot(step, direction) / product;
    add(direction, change, -shares[i]);
  }
  const last = corrections.at(-1);
  if (last !== undefined) scale(direction, last.product / dot(last.change, last.change));
  corrections.forEach(({ step, change, product }, i) => {
    add(direction, step, shares[i] - dot(change, direction) / product);
  });
  return direction;
}

function remember(corrections: Correction[], from: Point, to: Point): void {
  const step = to.place.map((entry, i) => entry - from.place[i]);
  const change = to.gradient.map((entry, i) => entry - from.gradient[i]);
  const product = dot(step, change);
  if (product <= 0) return;
  corrections.push({ step, change, product });
  if (corrections.length > memory) corrections.shift();
}

/**
 * A point along the direction where the value has fallen enough and the slope is much flatter, by widening and
 * halving the interval that holds one; the lowest point found when the trials run out, null where there is none.
 */
function lineSearch(objective: Objective, from: Point, direction: Float64Array, first: number): Point | null {
  const slope = dot(from.gradient, direction);
  let [low, high] = [0, Number.POSITIVE_INFINITY];
  let length = first;
  let best: Point | null = null;
  for (let trial = 0; trial < mostTrials; trial++) {
    const place = from.place.map((entry, i) => entry + length * direction[i]);
    const point = evaluate(objective, place);
    // written so that values that are no numbers count as too high
    if (!(point.value <= from.value + sufficientDecrease * length * slope)) {
      high = length;
    } else {
      if (best === null || point.value < best.value) best = point;
      const slopeHere = dot(point.gradient, direction);
      if (slopeHere < curvature * slope) low = length;
      else if (slopeHere > -curvature * slope) high = length;
      else return point;
    }
    length = high === Number.POSITIVE_INFINITY ? 2 * low : (low + high) / 2;
  }
  return best;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function norm(values: Float64Array): number {
  return Math.sqrt(dot(values, values));
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}

/** target += factor * values */
function add(target: Float64Array, values: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] += factor * values[i];
}

function scale(values: Float64Array, factor: number): void {
  for (let i = 0; i < values.length; i++) values[i] *= factor;
}
