/** @file Fine-tuning on part of a screen, and what the model predicts of other parts after every epoch. */

import { correlation } from '../../analysis/correlation.ts';
import type { ModelConfig } from '../../model/config.ts';
import { createPerturbationPredictor } from '../../model/perturbation-predictor.ts';
import type { Perturbation } from '../../model/perturbed-cells.ts';
import { Dropout } from '../../nn/dropout.ts';
import type { Device } from '../../runtime/device.ts';
import type { RunControl } from '../../support/progress.ts';
import type { StateDict } from '../../support/tensor.ts';
import type { ReadyBatch } from '../../train/loop.ts';
import { type TrainingOutcome, train } from '../../train/loop.ts';
import { objectives } from '../../train/objectives.ts';
import {
  batchesOfPass,
  endlessBatches,
  type Included,
  type PerturbationBatches,
} from '../../train/perturbation/batches.ts';
import { learningRateAt } from '../../train/schedule.ts';
import { freezeOf, trainable } from '../../train/trainable.ts';
import { createTrainer } from '../../train/trainer.ts';
import { scheduleOf } from '../fine-tuning/settings.ts';
import { type Asked, predictedChanges, type StartingProfile } from './controls.ts';
import { type HeldOutChanges, type KeptPart, looksTaken } from './kept-part.ts';
import { type PerturbSettings, predictedTogether } from './settings.ts';

/** Everything that a fine-tuning reads. */
export interface PerturbationTraining {
  readonly device: Device;
  readonly config: ModelConfig;
  readonly start: StateDict;
  readonly making: PerturbationBatches;
  readonly starts: readonly StartingProfile[];
  readonly settings: PerturbSettings;
  /** The most looks that any part is trained for. */
  readonly epochs: number;
  /** Updates between looks. */
  readonly stepsOfEpoch: number;
}

/** A question whose answer is known. */
export interface HeldOut extends Asked {
  readonly perturbation: Perturbation;
  readonly change: Float64Array; // [genes]
  /** The mean profile of the unperturbed. */
  readonly control: Float64Array; // [genes]
}

/** What is learnt from, and looked at after each epoch. */
export interface Part {
  readonly included: Included;
  /** Questions to answer after every epoch; without any, the last epoch is kept. */
  readonly heldOut: readonly HeldOut[];
  readonly heldOutBatches: Included;
  readonly epochs: number;
}

/** What came of it. */
export interface Tuned {
  readonly outcome: TrainingOutcome;
  /** The parameters that were kept. */
  readonly parameters: StateDict;
  /** Answers after each epoch, the state before training first. */
  readonly answers: readonly HeldOutChanges[]; // [looks]
  /** Mean correlation after each epoch. */
  readonly scores: readonly number[]; // [looks]
}

/** Batches that losses on held-out cells are measured on. */
const batchesOfLook = 4;

/** @throws TrainingError, CancelledError */
export async function tuneOn(
  { device, config, start, making, starts, settings, epochs: most, stepsOfEpoch }: PerturbationTraining,
  { included, heldOut, heldOutBatches, epochs }: Part,
  { kept, ...control }: RunControl & { readonly kept?: KeptPart | undefined } = {},
): Promise<Tuned> {
  const { freeze, clipNorm, seed, selection, dropout } = settings;
  const resume = kept?.resume;
  const width = Math.max(config.embeddingSize, config.hiddenSize);
  const losses = (training: boolean) =>
    objectives(config, {
      weights: { gep: 1 },
      training: training
        ? (graph) => ({
            dropout: dropout > 0 ? new Dropout(graph, { rate: dropout, width }) : undefined,
            probabilities: 'stored',
          })
        : undefined,
    });
  const trainer = await createTrainer(
    device,
    { training: losses(true), evaluation: losses(false) },
    resume?.state.parameters ?? start,
    {
      adam: { weightDecay: 0 },
      clipNorm,
      seed,
      trains: trainable(config, { freeze: freezeOf(freeze) }),
    },
    resume && { ...resume.state, step: resume.state.progress.step },
  );
  const panel = {
    tokens: making.tokens,
    pad: making.pad,
    groups: predictedTogether(making.tokens, settings),
  };
  const answers: HeldOutChanges[] = [];
  for (let taken = 0; taken < looksTaken(kept); taken++) {
    answers.push((await kept?.changesAt(taken)) ?? []);
  }
  const scores = answers.map((found) => meanCorrelation(heldOut, found, selection));
  const look = async (parameters: StateDict): Promise<number> => {
    if (heldOut.length === 0) {
      await kept?.saveChanges(answers.length, []);
      return -answers.push([]); // the last epoch is the best
    }
    const predictor = await createPerturbationPredictor(device, config, parameters, panel);
    try {
      const found = await predictedChanges(predictor, starts, heldOut, { signal: control.signal });
      await kept?.saveChanges(answers.length, found);
      answers.push(found);
      scores.push(meanCorrelation(heldOut, found, selection));
      return 1 - scores[scores.length - 1];
    } finally {
      await predictor.dispose();
    }
  };
  const totalSteps = most * stepsOfEpoch;
  const schedule = scheduleOf(settings, totalSteps);
  try {
    const outcome = await train(
      {
        trainer,
        async *training(epoch, skip) {
          const begin = (epoch - 1) * stepsOfEpoch;
          for (const batch of endlessBatches(making, included, begin + skip)) {
            if (batch.index >= begin + stepsOfEpoch) return;
            yield { ...batch, index: batch.index - begin };
          }
        },
        async *validation() {
          yield* some(
            batchesOfPass(making, heldOut.length > 0 ? heldOutBatches : included, 0),
            batchesOfLook,
          );
        },
        epochs,
        batchesPerEpoch: stepsOfEpoch,
        cellsPerEpoch: stepsOfEpoch * settings.batchSize,
        learningRate: (step) => learningRateAt(schedule, step, stepsOfEpoch, totalSteps),
        criterion: look,
        record: kept?.record,
        resume: resume && { progress: resume.state.progress, best: resume.best },
      },
      control,
    );
    return { outcome, parameters: outcome.best, answers, scores };
  } finally {
    await trainer.dispose();
  }
}

function* some(batches: Generator<ReadyBatch>, count: number): Generator<ReadyBatch> {
  let given = 0;
  for (const batch of batches) {
    yield batch;
    if (++given >= count) return;
  }
}

/** The mean over questions; a prediction of no change at all counts as 0. */
export function meanCorrelation(
  heldOut: readonly HeldOut[],
  found: readonly Float64Array[],
  selection: PerturbSettings['selection'],
): number {
  const each = heldOut.map(({ change, control }, i) => {
    const value =
      selection === 'change'
        ? correlation(found[i], change)
        : correlation(
            found[i].map((by, gene) => by + control[gene]),
            change.map((by, gene) => by + control[gene]),
          );
    return Number.isNaN(value) ? 0 : value;
  });
  return each.reduce((sum, value) => sum + value, 0) / each.length;
}
