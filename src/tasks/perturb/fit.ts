/** @file Learns a screen: the model fine-tuned on folds and on all of it, plain methods beside it, and what each counts for. */

import type { Device } from '../../runtime/device.ts';
import type { GeneSet } from '../../single-cell/genes/gene-sets.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { plural } from '../../support/words.ts';
import { restoreModel } from '../../train/compact-vocabulary.ts';
import type { Included } from '../../train/perturbation/batches.ts';
import type { TrainedModel } from '../fine-tuning/grown-model.ts';
import { controlProfile } from './controls.ts';
import { type HeldOut, tuneOn } from './fine-tuning.ts';
import { type Folds, foldsOf, type Unit } from './folds.ts';
import { errorsOf, type HeldOutAnswers, heldOutAnswers, weightsOf, withStack } from './held-out-answers.ts';
import { type HeldOutScores, heldOutScores } from './held-out-scores.ts';
import type { OpenPart } from './kept-part.ts';
import { knownChanges } from './known-changes.ts';
import { type OpenScreen, openScreen } from './open-screen.ts';
import { type KnownChange, modelId, type PerturbationModel } from './perturbation-model.ts';
import { recallOf } from './recall.ts';
import { sampledControls } from './sampled-cells.ts';
import type { ScreenData } from './screen-data.ts';
import { epochsFor, type PerturbSettings } from './settings.ts';

/** How {@link fitScreen} runs. */
export interface FitOptions extends RunControl {
  readonly device: Device;
  readonly settings: PerturbSettings;
  readonly geneSets: readonly GeneSet[];
  readonly logger: Logger;
  /** Where each training is kept; default nowhere. */
  readonly openPart?: OpenPart | undefined;
}

/** A learnt screen. */
export interface FittedScreen {
  readonly learnt: PerturbationModel;
  /** Null where nothing could be held out. */
  readonly heldOut: HeldOutAnswers | null;
  /** What those answers are worth. */
  readonly heldOutScores: HeldOutScores | null;
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
    { ...options, epochs: epochsFor(settings, folds.by) },
    known.flatMap(({ names }) => names),
  );
  const control = { onProgress, signal, openPart };
  const byFold = await tunedFolds(open, data, folds, known, control);
  const epochs = byFold === null ? open.training.epochs : Math.max(1, bestEpoch(byFold.scores));
  const { parameters } = await tuneOn(
    open.training,
    { included: () => true, heldOut: [], heldOutBatches: () => true, epochs },
    { onProgress, signal, kept: await openPart?.('all') },
  );
  const heldOut =
    byFold === null ? null : heldOutAnswers(open, data, folds, known, byFold.answers[epochs], geneSets);
  const weights = heldOut === null || !settings.together ? new Map([[modelId, 1]]) : weightsOf(heldOut);
  const complete = heldOut && (settings.together ? withStack(heldOut, folds) : heldOut);
  const scores = complete && (await heldOutScores(data, complete));
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
      worth: scores && { verdict: scores.verdict, recall: complete && recallOf(complete) },
      condition: { column: data.screen.column, control: data.screen.conditions[data.screen.control].name },
    },
    heldOut: complete,
    heldOutScores: scores,
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
  const { epochs } = open.training;
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
