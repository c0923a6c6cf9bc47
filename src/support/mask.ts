/** @file Marks of 0 and 1. */

/** How many are marked. */
export function marked(mask: Uint8Array): number {
  return mask.reduce((sum, one) => sum + one, 0);
}
