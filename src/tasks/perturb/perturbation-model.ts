/** @file A model that learnt a screen, with the plain predictors beside it, and what it predicts. */

import type { PerturbationMethod, TrainingProfiles } from '../../analysis/perturbation/predictor.ts';
import { createPerturbationPredictor } from '../../model/perturbation-predictor.ts';
import type { Device } from '../../runtime/device.ts';
import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import type { GeneSet } from '../../single-cell/genes/gene-sets.ts';
import type { RunControl } from '../../support/progress.ts';
import { compactVocabulary, reduceModel } from '../../train/compact-vocabulary.ts';
import { geneGroups } from '../../train/perturbation/batches.ts';
import type { TrainedModel } from '../fine-tuning/grown-model.ts';
import { predictedChanges, type StartingProfile } from './controls.ts';
import { methodsFor } from './methods.ts';
import type { PerturbSettings } from './settings.ts';
import { type StackWeights, stacked } from './stack.ts';
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
  /** Changes by predictor: the model, each plain method that has an answer, and the stack. */
  readonly changes: ReadonlyMap<string, Float64Array>; // [genes]
}

/** The mean of a context's control cells, of all of them where the context is -1. */
export function controlProfile(starts: readonly StartingProfile[], context: number): Float64Array {
  const used = starts.filter((start) => context < 0 || start.context === context);
  const cells = used.reduce((sum, start) => sum + start.cells, 0);
  const mean = new Float64Array(starts[0].values.length);
  for (const { values, cells: own } of used) {
    for (let gene = 0; gene < mean.length; gene++) mean[gene] += (own / cells) * values[gene];
  }
  return mean;
}

/**
 * What plain methods learn from for a context: perturbations seen in it; where there are none, or for a perturbation seen
 * elsewhere alone, changes of other contexts on top of this one's control.
 */
export function trainingFor(
  known: readonly KnownChange[],
  genes: readonly string[],
  control: Float64Array,
  { names, context }: Question,
): TrainingProfiles | null {
  const same = known.filter((each) => each.names.join('+') === names.join('+') && each.context !== context);
  const here = known.filter((each) => each.context === context);
  const used = same.length > 0 ? same : here.length > 0 ? here : known;
  if (used.length === 0) return null;
  return {
    genes,
    control,
    conditions: used.map((each) => each.names),
    profiles: used.map(({ change }) => change.map((by, gene) => by + control[gene])),
    samplingVariances: used.map(({ samplingVariance }) => samplingVariance),
  };
}

/** Answers of plain methods. */
export function plainAnswers(
  methods: readonly PerturbationMethod[],
  known: readonly KnownChange[],
  genes: readonly string[],
  control: Float64Array,
  question: Question,
): ReadonlyMap<string, Float64Array> {
  const training = trainingFor(known, genes, control, question);
  if (training === null) return new Map();
  return new Map(
    methods.map((method) => {
      const profile = method.fit(training).predict(question.names);
      return [method.id, profile.map((value, gene) => value - control[gene])];
    }),
  );
}

/**
 * Answers questions.
 *
 * @param starts other control profiles than those of the screen, such as of a user's own cells
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
  const asked = questions.map(({ names, context }) => {
    const perturbation = perturbationOf(names, sorted, terms);
    return {
      perturbation: { ...perturbation, unmeasured: compact.translate(perturbation.unmeasured) },
      context: contexts.indexOf(context),
    };
  });
  const tokens = compact.translate(terms.tokens);
  const panel = {
    tokens,
    pad: compact.vocabulary.pad,
    groups: geneGroups(tokens, settings.maxLength, settings.seed),
  };
  const predictor = await createPerturbationPredictor(device, reduced.config, reduced.parameters, panel);
  try {
    const changes = await predictedChanges(predictor, starts, asked, control);
    const methods = methodsFor(
      terms,
      geneSets,
      [...known.flatMap(({ names }) => names), ...sorted.genes.keys()],
      sorted,
    );
    return questions.map((question, i): Answer => {
      const own = controlProfile(starts, asked[i].context);
      const all = new Map([
        [modelId, changes[i]],
        ...plainAnswers(methods, known, terms.genes, own, question),
      ]);
      const together = stacked(all, weights);
      return { ...question, changes: together === null ? all : new Map([...all, [stackId, together]]) };
    });
  } finally {
    await predictor.dispose();
  }
}
