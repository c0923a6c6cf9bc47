/** @file Applies a change in linear space: counts are multiplied, not logged values shifted. */

/** Added to counts per 10,000 before ratios are taken: a gene that is hardly there does not change a hundredfold. */
export const usualPseudocount = 0.1;

/**
 * The control's counts times the ratio of perturbed to control counts elsewhere, in logged values; never below 0.
 *
 * @param pseudocount added to counts on both sides and taken away again
 */
export function withFoldChange(
  control: Float64Array,
  { from, to }: { readonly from: Float64Array; readonly to: Float64Array },
  pseudocount: number,
): Float64Array {
  return control.map((value, gene) => {
    const ratio = (Math.expm1(to[gene]) + pseudocount) / (Math.expm1(from[gene]) + pseudocount);
    return Math.log1p(Math.max(0, (Math.expm1(value) + pseudocount) * ratio - pseudocount));
  });
}

/** The control plus the change elsewhere, in logged values. */
export function withShift(
  control: Float64Array,
  { from, to }: { readonly from: Float64Array; readonly to: Float64Array },
): Float64Array {
  return control.map((value, gene) => value + to[gene] - from[gene]);
}
