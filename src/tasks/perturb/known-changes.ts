/** @file What the perturbations of a screen changed, measured. */

import { differences, differentGenes } from '../../analysis/perturbation/differences.ts';
import { changeOf, profilesOf } from '../../analysis/perturbation/profiles.ts';
import type { Unit } from './folds.ts';
import type { KnownChange } from './perturbation-model.ts';
import type { ScreenData } from './screen-data.ts';

/** Mean changes of units against the control cells of their context, with genes that differ. */
export async function knownChanges(
  { logged, screen, context, contexts }: ScreenData,
  units: readonly Unit[],
): Promise<readonly KnownChange[]> {
  const found = new Map<number, KnownChange>();
  for (const place of contexts.keys()) {
    const codes = screen.codes.map((code, cell) => ((context?.codes[cell] ?? 0) === place ? code : -1));
    const profiles = await profilesOf(logged, codes, screen.conditions.length);
    units.forEach((unit, i) => {
      if (unit.context !== place) return;
      const { perturbation, cells } = unit;
      found.set(i, {
        names: screen.conditions[perturbation].genes,
        context: contexts[place],
        cells,
        change: changeOf(profiles.means[perturbation], profiles.means[screen.control]),
        samplingVariance: profiles.variances[perturbation].map((variance) =>
          Number.isNaN(variance) ? 0 : variance / profiles.sizes[perturbation],
        ),
        differentGenes: differentGenes(differences(profiles, perturbation, screen.control)),
      });
    });
  }
  return units.map((_, i) => found.get(i) as KnownChange);
}
