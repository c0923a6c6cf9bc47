/** @file Pearson's correlation of two lists, over all places or some. */

/** Deviations below this share of the largest value are rounding. */
const negligible = 1e-6;

/**
 * Pearson's correlation; NaN where either side is constant but for rounding.
 *
 * @param places which entries count; default all
 */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>, places?: ArrayLike<number>): number {
  const count = places === undefined ? a.length : places.length;
  const at = (i: number): number => (places === undefined ? i : places[i]);
  let [meanA, meanB, most] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    meanA += a[at(i)] / count;
    meanB += b[at(i)] / count;
    most = Math.max(most, Math.abs(a[at(i)]), Math.abs(b[at(i)]));
  }
  let [aa, bb, ab] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const da = a[at(i)] - meanA;
    const db = b[at(i)] - meanB;
    aa += da * da;
    bb += db * db;
    ab += da * db;
  }
  const least = count * (negligible * most) ** 2;
  return aa <= least || bb <= least ? Number.NaN : ab / Math.sqrt(aa * bb);
}
