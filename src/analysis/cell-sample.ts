/** @file A sample of cells that depends on their names, not on their order. */

import { KeyHash } from '../support/random.ts';

/**
 * Chooses `count` of the cells by the hash of seed and name: the same cells whatever file order or chunk they came
 * in. Cells of one name are told apart by their order.
 *
 * @returns indices into `names`, ascending; all of them when there are no more
 */
export function sampleCells(names: readonly string[], count: number, seed: number): Int32Array {
  const all = Int32Array.from(names, (_, i) => i);
  if (names.length <= count) return all;
  const keys = names.map((name) => new KeyHash().number(seed).text(name).lanes());
  all.sort((a, b) => keys[a][0] - keys[b][0] || keys[a][1] - keys[b][1] || a - b);
  return all.slice(0, count).sort();
}
