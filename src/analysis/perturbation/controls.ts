/** @file Control cells split in two, so that a prediction and the truth do not share their sampling noise. */

import { randomStream } from '../../support/random.ts';

/** Two halves of some cells. */
export interface Halves {
  readonly first: Int32Array;
  readonly second: Int32Array;
}

/**
 * Splits cells: every other one in the given order, or drawn where there is a seed.
 *
 * @param cells rows, such as those of the control
 */
export function halvesOf(cells: Int32Array, seed?: number): Halves {
  const order = cells.slice();
  if (seed !== undefined) randomStream(seed, 'halves').shuffle(order);
  const half = (parity: number) => order.filter((_, i) => i % 2 === parity).sort();
  return { first: half(0), second: half(1) };
}

/**
 * Each condition as two groups, its halves: code 2c and 2c + 1 of condition c, in the order of cells or drawn.
 *
 * @param codes condition of each cell, -1 for none
 */
export function halvedCodes(codes: Int32Array, conditionCount: number, seed?: number): Int32Array {
  const halved = new Int32Array(codes.length).fill(-1);
  const cells = Array.from({ length: conditionCount }, (): number[] => []);
  codes.forEach((code, cell) => {
    if (code >= 0) cells[code].push(cell);
  });
  cells.forEach((own, code) => {
    const { first, second } = halvesOf(Int32Array.from(own), seed);
    for (const cell of first) halved[cell] = 2 * code;
    for (const cell of second) halved[cell] = 2 * code + 1;
  });
  return halved;
}
