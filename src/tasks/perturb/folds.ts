/** @file What is held out in turn: perturbations, or where there are too few of them, contexts. */

import type { ScreenData } from './screen-data.ts';

/** A perturbation in a context: what is predicted and scored. */
export interface Unit {
  /** Number of the condition in the screen. */
  readonly perturbation: number;
  readonly context: number;
  readonly cells: number;
}

/** Units in groups; each group is held out once. */
export interface Folds {
  readonly units: readonly Unit[];
  /** The group of each unit. */
  readonly of: Int32Array; // [units]
  readonly count: number;
  /** What is held out: unseen perturbations, contexts that are unseen for a perturbation, or nothing, as there is one of each. */
  readonly by: 'perturbation' | 'context' | 'nothing';
}

/** With fewer perturbations, one of them says nothing of the others. */
const fewestPerturbations = 4;

/** Perturbations in contexts where both they and control cells were seen. */
export function unitsOf({ strata, contextOf, contexts, screen }: ScreenData): readonly Unit[] {
  const units: Unit[] = [];
  const controls = new Int32Array(contexts.length);
  strata.forEach(({ control }, stratum) => {
    controls[contextOf[stratum]] += control.length;
  });
  screen.conditions.forEach((_, perturbation) => {
    if (perturbation === screen.control) return;
    contexts.forEach((_, context) => {
      const cells = strata.reduce(
        (sum, { perturbed }, stratum) =>
          sum + (contextOf[stratum] === context ? (perturbed.get(perturbation)?.length ?? 0) : 0),
        0,
      );
      if (cells > 0 && controls[context] > 0) units.push({ perturbation, context, cells });
    });
  });
  return units;
}

/** Sorts units into groups by their names' order, so that groups do not depend on numbers of cells. */
export function foldsOf(data: ScreenData, wanted: number): Folds {
  const units = unitsOf(data);
  const perturbations = [...new Set(units.map(({ perturbation }) => perturbation))];
  const contexts = [...new Set(units.map(({ context }) => context))];
  if (perturbations.length >= fewestPerturbations) {
    const count = Math.min(wanted, perturbations.length);
    const of = Int32Array.from(units, ({ perturbation }) => perturbations.indexOf(perturbation) % count);
    return { units, of, count, by: 'perturbation' };
  }
  if (contexts.length >= 2) {
    const count = Math.min(wanted, contexts.length);
    const of = Int32Array.from(units, ({ context }) => contexts.indexOf(context) % count);
    return { units, of, count, by: 'context' };
  }
  return { units, of: new Int32Array(units.length), count: 0, by: 'nothing' };
}
