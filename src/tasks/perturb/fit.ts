/** @file Learns a screen: the model fine-tuned on folds and on all of it, plain methods beside it, and what each counts for. */

import { meanProfile } from '../../analysis/perturbation/profiles.ts';
import type { Device } from '../../runtime/device.ts';
import type { GeneSet } from '../../single-cell/genes/gene-sets.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { plural } from '../../support/words.ts';
import { restoreModel } from '../../train/compact-vocabulary.ts';
import type { Included } from '../../train/perturbation/batches.ts';
import type { TrainedModel } from '../fine-tuning/grown-model.ts';
import { type HeldOut, tuneOn } from './fine-tuning.ts';
import { type Folds, foldsOf, type Unit } from './folds.ts';
import type { OpenPart } from './kept-part.ts';
import { knownChanges } from './known-changes.ts';
import { methodsFor } from './methods.ts';
import { type OpenScreen, openScreen } from './open-screen.ts';
import {
  contextControls,
  controlProfile,
  type KnownChange,
  modelId,
  type PerturbationModel,
  plainAnswers,
  stackId,
} from './perturbation-model.ts';
import { sampledControls } from './sampled-cells.ts';
import type { ScreenData } from './screen-data.ts';
import type { PerturbSettings } from './settings.ts';
import { type Answers, chooseWeights, type StackWeights, stacked } from './stack.ts';

/** How {@link fitScreen} runs. */
export interface FitOptions extends RunControl {
  readonly device: Device;
  readonly settings: PerturbSettings;
  readonly geneSets: readonly GeneSet[];
  readonly logger: Logger;
  /** Where each training is kept; default nowhere. */
  readonly openPart?: OpenPart | undefined;
}

/** Answers to questions whose truth was held out. */
export interface HeldOutAnswers {
  readonly units: readonly KnownChange[];
  readonly by: Folds['by'];
  /** Of what gives the final prediction, the model and each plain method; the first of all is the final one. */
  readonly answers: readonly Answers[];
  /** Mean change of the training perturbations of each unit's fold. */
  readonly centres: readonly Float64Array[]; // [units]
}

/** A learnt screen. */
export interface FittedScreen {
  readonly learnt: PerturbationModel;
  /** Null where nothing could be held out. */
  readonly heldOut: HeldOutAnswers | null;
  /** Mean score of the model on held-out units by epoch, epoch 0 first. */
  readonly scores: readonly number[];
  /** Epochs that the model was trained for. */
  readonly epochs: number;
  readonly seconds: number;
}

/** @throws InputError, TrainingError, CancelledError */
export async function fitScreen(
  data: ScreenData,
  pretrained: TrainedModel,
  options: FitOptions,
): Promise<FittedScreen> {
  const { settings, geneSets, logger, openPart, onProgress, signal } = options;
  const startedAt = performance.now();
  const folds = foldsOf(data, settings.folds);
  tellFolds(folds, data, logger);
  const known = await knownChanges(data, folds.units);
  const open = await openScreen(
    data,
    pretrained,
    options,
    known.flatMap(({ names }) => names),
  );
  const control = { onProgress, signal, openPart };
  const byFold = await tunedFolds(open, data, folds, known, control);
  const epochs = byFold === null ? settings.epochs : Math.max(1, bestEpoch(byFold.scores));
  const { parameters } = await tuneOn(
    open.training,
    { included: () => true, heldOut: [], heldOutBatches: () => true, epochs },
    { onProgress, signal, kept: await openPart?.('all') },
  );
  const heldOut =
    byFold === null ? null : heldOutAnswers(open, data, folds, known, byFold.answers[epochs], geneSets);
  const weights = heldOut === null || !settings.together ? new Map([[modelId, 1]]) : weightsOf(heldOut);
  const complete = heldOut && (settings.together ? withStack(heldOut, folds) : heldOut);
  return {
    learnt: {
      model: { ...open.model, parameters: restoreModel(open.model.parameters, parameters, open.compact) },
      terms: open.terms,
      contexts: data.contexts,
      starts: open.training.starts,
      controls: await sampledControls(data, settings.seed),
      known,
      geneSets,
      weights,
      settings,
      errors: complete && errorsOf(complete),
      condition: { column: data.screen.column, control: data.screen.conditions[data.screen.control].name },
    },
    heldOut: complete,
    scores: byFold?.scores ?? [],
    epochs,
    seconds: (performance.now() - startedAt) / 1000,
  };
}

function tellFolds({ by, units }: Folds, { screen, contexts }: ScreenData, logger: Logger): void {
  const perturbations = screen.conditions.length - 1;
  if (by === 'perturbation') return;
  if (by === 'context') {
    logger.warning(
      `${plural(perturbations, 'perturbation')} tell nothing of others: the model learns what they do in other contexts, and only that is scored`,
    );
    return;
  }
  logger.warning(
    `there ${perturbations === 1 ? 'is one perturbation' : `are ${perturbations} perturbations`} in ${plural(contexts.length, 'context')}: nothing can be held out, so nothing can be said of how well unseen ones are predicted${units.length === 0 ? '' : '; name cell types with --context-key to learn across them'}`,
  );
}

interface TunedFolds {
  /** Changes after each epoch. */
  readonly answers: readonly (readonly Float64Array[])[]; // [looks][units][genes]
  readonly scores: readonly number[]; // [looks]
}

/** Trains once for each fold, on the others. */
async function tunedFolds(
  open: OpenScreen,
  data: ScreenData,
  folds: Folds,
  known: readonly KnownChange[],
  { onProgress, signal, openPart }: RunControl & Pick<FitOptions, 'openPart'>,
): Promise<TunedFolds | null> {
  if (folds.count === 0) return null;
  const { epochs } = open.training.settings;
  const answers = Array.from({ length: epochs + 1 }, () => new Array<Float64Array>(known.length));
  const scores = new Float64Array(epochs + 1);
  for (let fold = 0; fold < folds.count; fold++) {
    const chosen = folds.units.flatMap((_, unit) => (folds.of[unit] === fold ? [unit] : []));
    const left = new Set(chosen.map((unit) => keyOf(folds.units[unit])));
    const isLeft: Included = (perturbation, stratum) =>
      left.has(keyOf({ perturbation, context: data.contextOf[stratum] }));
    const heldOut = chosen.map(
      (unit): HeldOut => ({
        perturbation: open.perturbations[folds.units[unit].perturbation],
        context: folds.units[unit].context,
        change: known[unit].change,
        control: controlProfile(open.training.starts, folds.units[unit].context),
      }),
    );
    const tuned = await tuneOn(
      open.training,
      { included: (p, s) => !isLeft(p, s), heldOut, heldOutBatches: isLeft, epochs },
      {
        signal,
        kept: await openPart?.(`fold-${fold + 1}`),
        onProgress: (progress) =>
          onProgress?.({ ...progress, stage: `training, fold ${fold + 1} of ${folds.count}` }),
      },
    );
    tuned.answers.forEach((found, look) => {
      scores[look] += (tuned.scores[look] * chosen.length) / known.length;
      chosen.forEach((unit, place) => {
        answers[look][unit] = found[place];
      });
    });
  }
  return { answers, scores: [...scores] };
}

const keyOf = ({ perturbation, context }: Pick<Unit, 'perturbation' | 'context'>): string =>
  `${perturbation} ${context}`;

function bestEpoch(scores: readonly number[]): number {
  return scores.indexOf(Math.max(...scores));
}

/** What plain methods say where they see what the model saw. */
function heldOutAnswers(
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
  const others = known.map((_, unit) => known.filter((_, other) => folds.of[other] !== folds.of[unit]));
  const { starts } = open.training;
  const controls = contextControls(data.contexts, starts);
  const plain = known.map((question, unit) =>
    plainAnswers(
      methods,
      others[unit],
      data.genes,
      controls,
      controlProfile(starts, folds.units[unit].context),
      question,
    ),
  );
  const names = new Map(plain.flatMap((found) => Array.from(found, ([id, { name }]) => [id, name] as const)));
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
    centres: others.map((each) => meanProfile(each.map(({ change }) => change))),
  };
}

/**
 * Weights by held-out answers. No change takes part: weight on it holds changes back that are not sure.
 *
 * @param used the units that count; default all
 */
function weightsOf({ answers, units, centres }: HeldOutAnswers, used = [...units.keys()]): StackWeights {
  return chooseWeights(
    answers.map((each) => ({ ...each, changes: used.map((unit) => each.changes[unit]) })),
    used.map((unit) => units[unit].change),
    used.map((unit) => centres[unit]),
  );
}

/** Answers of all together, each by weights found on the other groups: those found on its own truth would flatter it. */
function withStack(heldOut: HeldOutAnswers, folds: Folds): HeldOutAnswers {
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
function errorsOf({ units, answers }: HeldOutAnswers): Float64Array {
  const { changes } = answers[0];
  return Float64Array.from(units[0].change, (_, gene) =>
    Math.sqrt(
      units.reduce((sum, { change }, unit) => sum + ((changes[unit]?.[gene] ?? 0) - change[gene]) ** 2, 0) /
        units.length,
    ),
  );
}
