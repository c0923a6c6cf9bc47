/** @file Which perturbations have an effect that can be measured at all. */

import { differences, differentGenes, fewestDifferent, mostDifferent } from './differences.ts';
import type { Profiles } from './profiles.ts';
import type { Screen } from './screen.ts';

/** What can be seen of a perturbation. */
export interface Effect {
  readonly condition: number;
  readonly cells: number;
  /** Genes with adjusted p below 0.05 against the control. */
  readonly differentGenes: number;
  /** At least 10 such genes: with fewer, scores of predictions are mostly noise. */
  readonly responds: boolean;
  /** The genes that differ most, by |Welch t|. */
  readonly top: Int32Array;
}

/** Effects of all conditions but the control that have at least two cells. */
export function measuredEffects(
  { conditions, control }: Pick<Screen, 'conditions' | 'control'>,
  profiles: Profiles,
  topGenes = 20,
): Effect[] {
  return [...conditions.keys()]
    .filter((code) => code !== control && profiles.sizes[code] >= 2)
    .map((condition) => {
      const found = differences(profiles, condition, control);
      const count = differentGenes(found);
      return {
        condition,
        cells: profiles.sizes[condition],
        differentGenes: count,
        responds: count >= fewestDifferent,
        top: mostDifferent(found, topGenes),
      };
    });
}
