/** @file Which labelled cells train, which are held out, and how often each is shown. */

import { randomStream } from '../../support/random.ts';

/** Rows of labelled cells, ascending. */
export interface LabelledSplit {
  readonly training: Int32Array;
  readonly heldOut: Int32Array;
}

/** Classes of fewer cells have all of them in training: what is left would be too little to learn from. */
const fewestToShare = 2;

/**
 * Holds out the same share of every class, rounded up, but never all its cells; a class of one cell stays in training.
 *
 * @param codes class of each cell, -1 for none: these are on neither side
 */
export function splitByClass(
  codes: Int32Array,
  { share, seed }: { readonly share: number; readonly seed: number },
): LabelledSplit {
  const training: number[] = [];
  const heldOut: number[] = [];
  for (const [code, rows] of rowsByClass(codes)) {
    const wanted =
      rows.length < fewestToShare ? 0 : Math.min(rows.length - 1, Math.ceil(rows.length * share));
    const chosen = new Set(randomStream(seed, 'held-out cells of a class', code).sample(rows.length, wanted));
    rows.forEach((row, place) => {
      (chosen.has(place) ? heldOut : training).push(row);
    });
  }
  return { training: Int32Array.from(training).sort(), heldOut: Int32Array.from(heldOut).sort() };
}

function rowsByClass(codes: Int32Array): Map<number, number[]> {
  const rows = new Map<number, number[]>();
  codes.forEach((code, row) => {
    if (code < 0) return;
    const known = rows.get(code);
    if (known === undefined) rows.set(code, [row]);
    else known.push(row);
  });
  return rows;
}

/** One cell is shown at most so often in an epoch: more would have it learnt by heart. */
const mostRepeats = 10;

/**
 * The cells of an epoch, some of them several times: as many in all as there are, each class in proportion to
 * (its cells)^(1 - balance). Which cells of a frequent class take part is drawn anew in each epoch.
 *
 * @param rows the cells to train on
 * @param codes class of every cell
 */
export function shownCells(
  rows: Int32Array,
  codes: Int32Array,
  { balance, seed, epoch }: { readonly balance: number; readonly seed: number; readonly epoch: number },
): Int32Array {
  if (balance === 0) return rows;
  const classes = rowsByClass(Int32Array.from(rows, (row) => codes[row]));
  const weights = [...classes.values()].map(({ length }) => length ** (1 - balance));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const shown: number[] = [];
  [...classes].forEach(([code, places], i) => {
    const wanted = Math.min(mostRepeats * places.length, Math.round((rows.length * weights[i]) / total));
    const random = randomStream(seed, 'shown cells', code, epoch);
    for (let repeat = 0; repeat < Math.floor(wanted / places.length); repeat++) shown.push(...places);
    const rest = wanted % places.length;
    for (const place of random.sample(places.length, rest)) shown.push(places[place]);
  });
  return Int32Array.from(shown, (place) => rows[place]).sort();
}
