/** @file Which peaks or proteins take part: those open in most cells, or those that vary most. */

import type { Matrix } from '../../single-cell/matrix.ts';
import { checkExpression, eachBlock } from '../../single-cell/preprocess/pass.ts';
import { byFallingScore } from '../../single-cell/preprocess/rank.ts';
import type { RunControl } from '../../support/progress.ts';

/** How features are chosen. */
export type FeatureChoice = 'accessibility' | 'variability';

/**
 * The features in most cells, or those whose presence varies most: of a share p of cells, p (1 - p), which is largest
 * for those in half of all cells. Features in fewer than 3 cells are left out.
 *
 * @returns columns, ascending
 * @throws InputError for values that are negative or not finite
 */
export async function chosenFeatures(
  matrix: Matrix,
  count: number,
  by: FeatureChoice,
  control?: RunControl,
): Promise<Int32Array> {
  const [cells, features] = matrix.shape;
  const seenIn = new Float64Array(features);
  await eachBlock(
    matrix,
    'counting features',
    (block) => {
      checkExpression(block);
      for (let i = 0; i < block.indices.length; i++) if (block.values[i] > 0) seenIn[block.indices[i]]++;
    },
    control,
  );
  const score = (seen: number) => (by === 'accessibility' ? seen : (seen / cells) * (1 - seen / cells));
  const enough = byFallingScore(seenIn.map(score)).filter((feature) => seenIn[feature] >= 3);
  return enough.subarray(0, count).slice().sort();
}
