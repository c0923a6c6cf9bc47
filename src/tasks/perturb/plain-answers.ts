/** @file What plain methods say of perturbations: those of other contexts carried over, else learnt from other perturbations. */

import type { PerturbationPredictor } from '../../analysis/perturbation/predictor.ts';
import { changeOf } from '../../analysis/perturbation/profiles.ts';
import { controlProfile, type StartingProfile } from './controls.ts';
import type { PlainMethods } from './methods.ts';
import type { KnownChange, Question } from './perturbation-model.ts';

/** A control profile of each context by name. */
export type ContextControls = ReadonlyMap<string, Float64Array>;

/** The control profiles of contexts by their names. */
export function contextControls(
  contexts: readonly string[],
  starts: readonly StartingProfile[],
): ContextControls {
  return new Map(contexts.map((name, place) => [name, controlProfile(starts, place)]));
}

/** What a plain method says. */
export interface PlainAnswer {
  readonly name: string;
  readonly change: Float64Array; // [genes]
}

/**
 * Answers of plain methods, as changes: where the perturbation was seen in other contexts, of methods that carry it over;
 * else of methods that learn from other perturbations of the context, or of all contexts where it has none. What is
 * learnt of a context serves all its questions.
 *
 * @param controls of the contexts that perturbations are known in
 * @returns answers by method, for a question and the control profile of its context
 */
export function plainAnswers(
  { ofGenes, ofContexts }: PlainMethods,
  known: readonly KnownChange[],
  genes: readonly string[],
  controls: ContextControls,
): (question: Question, control: Float64Array) => ReadonlyMap<string, PlainAnswer> {
  const learnt = new Map<string, readonly PerturbationPredictor[]>();

  const learnOf = (context: string, control: Float64Array): readonly PerturbationPredictor[] => {
    const here = known.filter((each) => each.context === context);
    const used = here.length > 0 ? here : known;
    if (used.length === 0) return [];
    const training = {
      genes,
      control,
      conditions: used.map((each) => each.names),
      profiles: used.map(({ change }) => added(control, change)),
      samplingVariances: used.map(({ samplingVariance }) => samplingVariance),
    };
    return ofGenes.map((method) => method.fit(training));
  };

  return ({ names, context }, control) => {
    const same = known.filter((each) => each.names.join('+') === names.join('+'));
    if (same.length > 0 && !same.some((each) => each.context === context)) {
      const from = same.map((each) => controls.get(each.context) ?? control);
      const training = { control: from, perturbed: same.map(({ change }, i) => added(from[i], change)) };
      return new Map(
        ofContexts.map((method) => {
          const change = changeOf(method.fit(training).predict(control), control);
          return [method.id, { name: method.name, change }];
        }),
      );
    }
    const predictors = learnt.get(context) ?? learnOf(context, control);
    learnt.set(context, predictors);
    return new Map(
      predictors.map((predictor, i) => [
        ofGenes[i].id,
        { name: ofGenes[i].name, change: changeOf(predictor.predict(names), control) },
      ]),
    );
  };
}

const added = (control: Float64Array, change: Float64Array): Float64Array =>
  change.map((by, gene) => by + control[gene]);
