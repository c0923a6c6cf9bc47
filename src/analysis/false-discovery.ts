/** @file p-values adjusted for how many there are. */

/**
 * Adjusts p-values by the procedure of Benjamini & Hochberg (1995): the share of false discoveries among those that are
 * as small or smaller.
 *
 * @returns in the order given, each at least the p-value and at most 1
 */
export function falseDiscoveryRates(p: Float64Array): Float64Array {
  const order = [...p.keys()].sort((a, b) => p[b] - p[a]); // largest first
  const adjusted = new Float64Array(p.length);
  let least = 1;
  order.forEach((test, i) => {
    least = Math.min(least, (p[test] * p.length) / (p.length - i));
    adjusted[test] = least;
  });
  return adjusted;
}
