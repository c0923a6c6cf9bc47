/** @file Control profiles of the same batches as the perturbed cells, so that batches do not pass for effects. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { profilesOf } from './profiles.ts';
import type { Screen } from './screen.ts';

/** Where the cells are from. */
export interface CellBatches {
  /** -1 where a cell has none: it takes no part. */
  readonly codes: Int32Array; // [cells]
  readonly groups: readonly string[];
}

/** A control profile of each condition. */
export interface MatchedControls {
  readonly controls: readonly Float64Array[]; // [conditions][genes]
  /** Share of each condition's cells whose batch has control cells; where it is 0 the control is that of all batches. */
  readonly matched: Float64Array; // [conditions]
}

/**
 * Means of control cells, batches weighted as each condition's cells fall on them. Batches without control cells count
 * for nothing.
 *
 * @param expression log-normalised values
 */
export async function matchedControls(
  expression: CsrMatrix, // [cells, genes]
  { codes, control, conditions }: Pick<Screen, 'codes' | 'control' | 'conditions'>,
  batches: CellBatches,
): Promise<MatchedControls> {
  const count = batches.groups.length;
  const ofControl = codes.map((code, cell) => (code === control ? batches.codes[cell] : -1));
  const { means, sizes } = await profilesOf(expression, ofControl, count);
  const whole = await profilesOf(
    expression,
    codes.map((code) => (code === control ? 0 : -1)),
    1,
  );
  const cells = conditions.map(() => new Int32Array(count));
  const totals = new Int32Array(conditions.length);
  codes.forEach((code, cell) => {
    if (code < 0) return;
    totals[code]++;
    if (batches.codes[cell] >= 0) cells[code][batches.codes[cell]]++;
  });
  const matched = new Float64Array(conditions.length);
  const controls = cells.map((own, code) => {
    const usable = own.map((number, batch) => (sizes[batch] > 0 ? number : 0));
    const sum = usable.reduce((total, number) => total + number, 0);
    matched[code] = totals[code] > 0 ? sum / totals[code] : 0;
    if (sum === 0) return whole.means[0].slice();
    const profile = new Float64Array(expression.shape[1]);
    usable.forEach((number, batch) => {
      for (let gene = 0; gene < profile.length; gene++) profile[gene] += (number / sum) * means[batch][gene];
    });
    return profile;
  });
  return { controls, matched };
}
