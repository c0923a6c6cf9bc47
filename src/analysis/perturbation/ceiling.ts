/** @file The best that can be scored: one half of a perturbation's cells predicts the other. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { halvedCodes } from './controls.ts';
import { profilesOf } from './profiles.ts';
import { type PredictionScores, predictionScores, type TrueProfile } from './scores.ts';
import type { Screen } from './screen.ts';

/** Scores that a prediction can hardly pass, of one condition. */
export interface Ceiling {
  readonly condition: number;
  readonly scores: PredictionScores;
  /** Pearson-delta with separate halves of the control cells too. */
  readonly separateControls: number;
}

/**
 * Halves are every other cell, or drawn where there is a seed. Pessimistic: a half has half the cells, so more noise
 * than a prediction learnt from many perturbations.
 *
 * @param truth what is known of each condition; conditions without are left out, as are those of fewer than two cells
 */
export async function splitHalfCeiling(
  expression: CsrMatrix, // [cells, genes]
  { codes, control, conditions }: Pick<Screen, 'codes' | 'control' | 'conditions'>,
  truth: ReadonlyMap<number, Omit<TrueProfile, 'profile'>>,
  seed?: number,
): Promise<Ceiling[]> {
  const halves = await profilesOf(
    expression,
    halvedCodes(codes, conditions.length, seed),
    2 * conditions.length,
  );
  const [first, second] = [halves.means[2 * control], halves.means[2 * control + 1]];
  return [...truth]
    .filter(([condition]) => halves.sizes[2 * condition + 1] > 0)
    .map(([condition, known]) => {
      const predicted = halves.means[2 * condition];
      const profile = halves.means[2 * condition + 1];
      const separate = predictionScores(predicted, { ...known, profile, control: second }, first);
      return {
        condition,
        scores: predictionScores(predicted, { ...known, profile }),
        separateControls: separate.pearsonDelta,
      };
    });
}
