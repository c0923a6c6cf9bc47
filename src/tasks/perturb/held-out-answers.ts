/** @file What every predictor said of perturbations while they were held out, and what each is to count for. */

import { meanProfile } from '../../analysis/perturbation/profiles.ts';
import type { GeneSet } from '../../single-cell/genes/gene-sets.ts';
import { controlProfile } from './controls.ts';
import type { Folds } from './folds.ts';
import { methodsFor } from './methods.ts';
import type { OpenScreen } from './open-screen.ts';
import { type KnownChange, modelId, stackId } from './perturbation-model.ts';
import { contextControls, plainAnswers } from './plain-answers.ts';
import type { ScreenData } from './screen-data.ts';
import { type Answers, chooseWeights, type StackWeights, stacked } from './stack.ts';

/** Answers to questions whose truth was held out. */
export interface HeldOutAnswers {
  readonly units: readonly KnownChange[];
  readonly by: Folds['by'];
  /** Of what gives the final prediction, the model and each plain method; the first of all is the final one. */
  readonly answers: readonly Answers[];
  /** Mean change of the training perturbations of each unit's fold. */
  readonly centres: readonly Float64Array[]; // [units]
}

/** What plain methods say where they see what the model saw. */
export function heldOutAnswers(
  open: OpenScreen,
  data: ScreenData,
  folds: Folds,
  known: readonly KnownChange[],
  changes: readonly Float64Array[],
  geneSets: readonly GeneSet[],
): HeldOutAnswers {
  const methods = methodsFor(
    open.terms,
    geneSets,
    known.flatMap(({ names }) => names),
    open.sorted,
  );
  const others = Array.from({ length: folds.count }, (_, fold) =>
    known.filter((_, unit) => folds.of[unit] !== fold),
  );
  const { starts } = open.training;
  const controls = contextControls(data.contexts, starts);
  const answerers = others.map((seen) => plainAnswers(methods, seen, data.genes, controls));
  const plain = known.map((question, unit) =>
    answerers[folds.of[unit]](question, controlProfile(starts, folds.units[unit].context)),
  );
  const names = new Map(plain.flatMap((found) => Array.from(found, ([id, { name }]) => [id, name] as const)));
  const centres = others.map((seen) => meanProfile(seen.map(({ change }) => change)));
  return {
    units: known,
    by: folds.by,
    answers: [
      { id: modelId, name: 'scGPT, fine-tuned', changes },
      ...Array.from(names, ([id, name]) => ({
        id,
        name,
        changes: plain.map((found) => found.get(id)?.change ?? null),
      })),
    ],
    centres: known.map((_, unit) => centres[folds.of[unit]]),
  };
}

/**
 * Weights by held-out answers. No change takes part: weight on it holds changes back that are not sure.
 *
 * @param used the units that count; default all
 */
export function weightsOf(
  { answers, units, centres }: HeldOutAnswers,
  used = [...units.keys()],
): StackWeights {
  return chooseWeights(
    answers.map((each) => ({ ...each, changes: used.map((unit) => each.changes[unit]) })),
    used.map((unit) => units[unit].change),
    used.map((unit) => centres[unit]),
  );
}

/** Answers of all together, each by weights found on the other groups: those found on its own truth would flatter it. */
export function withStack(heldOut: HeldOutAnswers, folds: Folds): HeldOutAnswers {
  const weights = Array.from({ length: folds.count }, (_, fold) =>
    weightsOf(
      heldOut,
      [...folds.of.keys()].filter((unit) => folds.of[unit] !== fold),
    ),
  );
  const changes = heldOut.units.map((_, unit) =>
    stacked(new Map(heldOut.answers.map(({ id, changes: all }) => [id, all[unit]])), weights[folds.of[unit]]),
  );
  return {
    ...heldOut,
    answers: [{ id: stackId, name: 'scGPT and plain methods together', changes }, ...heldOut.answers],
  };
}

/** How far the stack's held-out answers are from the truth, gene by gene. */
export function errorsOf({ units, answers }: HeldOutAnswers): Float64Array {
  const { changes } = answers[0];
  return Float64Array.from(units[0].change, (_, gene) =>
    Math.sqrt(
      units.reduce((sum, { change }, unit) => sum + ((changes[unit]?.[gene] ?? 0) - change[gene]) ** 2, 0) /
        units.length,
    ),
  );
}
