/** @file A model that learnt a screen, with the plain predictors beside it, and what it predicts. */

import { createPerturbationPredictor } from '../../model/perturbation-predictor.ts';
import type { Device } from '../../runtime/device.ts';
import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import type { GeneSet } from '../../single-cell/genes/gene-sets.ts';
import type { RunControl } from '../../support/progress.ts';
import { compactVocabulary, reduceModel } from '../../train/compact-vocabulary.ts';
import type { TrainedModel } from '../fine-tuning/grown-model.ts';
import { controlProfile, predictedChanges, type StartingProfile } from './controls.ts';
import { type Basis, type Circumstances, finalChange } from './final-change.ts';
import { methodsFor } from './methods.ts';
import { contextControls, plainAnswers } from './plain-answers.ts';
import type { Recall } from './recall.ts';
import { type PerturbSettings, predictedTogether } from './settings.ts';
import type { StackWeights } from './stack.ts';
import { perturbationOf, sortNames, type Terms } from './terms.ts';

/** A perturbation that was seen in a context. */
export interface KnownChange {
  /** What was perturbed, in alphabetical order. */
  readonly names: readonly string[];
  readonly context: string;
  readonly cells: number;
  /** Mean of the perturbed minus mean of the control cells of the context. */
  readonly change: Float64Array; // [genes]
  /** Sampling variance of the mean of the perturbed cells. */
  readonly samplingVariance: Float64Array; // [genes]
  /** Genes that differ from the control at a false discovery rate of 5 %. */
  readonly differentGenes: number;
}

/** Control cells kept to sample from. */
export interface ControlCells {
  readonly logged: CsrMatrix; // [cells, genes]
  readonly context: Int32Array; // [cells]
}

/** What held-out predictions were worth. */
export interface Worth {
  /** In a sentence. */
  readonly verdict: string;
  /** How often the true perturbation was among the first; null where there were too few. */
  readonly recall: Recall | null;
}

/** A learnt screen. */
export interface PerturbationModel {
  readonly model: TrainedModel;
  readonly terms: Terms;
  readonly contexts: readonly string[];
  readonly starts: readonly StartingProfile[];
  readonly controls: ControlCells;
  readonly known: readonly KnownChange[];
  readonly geneSets: readonly GeneSet[];
  readonly weights: StackWeights;
  readonly settings: PerturbSettings;
  /** Root of the mean squared error of held-out predictions of each gene; null where nothing was held out. */
  readonly errors: Float64Array | null; // [genes]
  /** Null where nothing was held out. */
  readonly worth: Worth | null;
  /** The screen's column and its value of unperturbed cells. */
  readonly condition: { readonly column: string; readonly control: string };
}

/** Ids of the fine-tuned model among predictors, and of all together. */
export const modelId = 'scgpt';
export const stackId = 'stacked';

/** A question in names. */
export interface Question {
  readonly names: readonly string[];
  readonly context: string;
}

/** The answer of every predictor. */
export interface Answer extends Question {
  /** What the final change rests on. */
  readonly basis: Basis;
  /** Changes by predictor: the model, each plain method that has an answer, and the final one. */
  readonly changes: ReadonlyMap<string, Float64Array>; // [genes]
}

/**
 * Answers questions.
 *
 * @param starts control profiles of other cells than the screen's: what was measured in the screen is then carried over
 *   to them, not given as it is
 * @throws InputError for what nothing is known of; CancelledError
 */
export async function answer(
  learnt: PerturbationModel,
  questions: readonly Question[],
  device: Device,
  control: RunControl & {
    readonly starts?: readonly StartingProfile[];
    readonly contexts?: readonly string[];
  } = {},
): Promise<readonly Answer[]> {
  const { model, terms, settings, known, geneSets, weights } = learnt;
  const { starts = learnt.starts, contexts = learnt.contexts } = control;
  const sorted = await sortNames(
    questions.flatMap(({ names }) => names),
    terms,
  );
  const compact = compactVocabulary(
    model.vocabulary,
    [...terms.tokens, ...sorted.genes.values()].filter((t) => t >= 0),
  );
  const reduced = reduceModel(model.config, model.parameters, compact);
  const seen = known.flatMap(({ names }) => names);
  const asked = questions.map(({ names, context }) => {
    const perturbation = perturbationOf(names, sorted, terms, seen);
    return {
      perturbation: { ...perturbation, unmeasured: compact.translate(perturbation.unmeasured) },
      context: contexts.indexOf(context),
    };
  });
  const tokens = compact.translate(terms.tokens);
  const panel = {
    tokens,
    pad: compact.vocabulary.pad,
    groups: predictedTogether(tokens, settings),
  };
  const predictor = await createPerturbationPredictor(device, reduced.config, reduced.parameters, panel);
  try {
    const changes = await predictedChanges(predictor, starts, asked, control);
    const methods = methodsFor(terms, geneSets, [...seen, ...sorted.genes.keys()], sorted);
    const controls = contextControls(learnt.contexts, learnt.starts);
    const plainOf = plainAnswers(methods, known, terms.genes, controls);
    return questions.map((question, i): Answer => {
      const own = controlProfile(starts, asked[i].context);
      const here = control.starts === undefined ? question : inOtherCells(question);
      const plain = plainOf(here, own);
      const all = new Map([
        [modelId, changes[i]],
        ...Array.from(plain, ([id, { change }]) => [id, change] as const),
      ]);
      const alone = { change: changes[i], basis: 'model' as const };
      const { change, basis } = settings.together
        ? finalChange(all, weights, circumstancesOf(known, here), modelId)
        : alone;
      return { ...question, basis, changes: new Map([...all, [stackId, change]]) };
    });
  } finally {
    await predictor.dispose();
  }
}

/** A context of a user's own cells is none of the screen's, whatever its name. */
const inOtherCells = ({ names, context }: Question): Question => ({
  names,
  context: `own cells: ${context}`,
});

const sameNames = (known: KnownChange, names: readonly string[]): boolean =>
  known.names.join('+') === names.join('+');

function circumstancesOf(known: readonly KnownChange[], { names, context }: Question): Circumstances {
  const seen = known.find((each) => sameNames(each, names) && each.context === context);
  const single = (name: string) => known.some((each) => sameNames(each, [name]));
  return {
    measured: seen?.change ?? null,
    sumIsAllThereIs:
      names.length > 1 && names.every(single) && known.every((each) => each.names.length === 1),
  };
}
