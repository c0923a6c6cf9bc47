/** @file The training loop: epochs of batches, validation after each, the best parameters, checkpoints, and reasons to stop. */

import type { NamedTensors } from '../runtime/executable.ts';
import { breathe } from '../support/breathe.ts';
import { CancelledError, InputError, TrainingError } from '../support/errors.ts';
import { knowingTheLast } from '../support/knowing-the-last.ts';
import type { RunControl } from '../support/progress.ts';
import { copyOf, type StateDict } from '../support/tensor.ts';
import { plural } from '../support/words.ts';
import { addLosses, type EpochSums, meansOf } from './epoch-sums.ts';
import type { MetricsRecord } from './run/metrics.ts';
import type { TrainingProgress, TrainingState } from './run/training-state.ts';
import type { StepResult, Trainer } from './trainer.ts';
import { UpdateSums } from './update-sums.ts';

/** A batch ready for a step. */
export interface ReadyBatch {
  readonly feeds: NamedTensors;
  readonly cells: number;
  /** Tokens that are no padding. */
  readonly tokens: number;
  /** What its mean losses count for in the mean of an epoch: the values they score. */
  readonly weight: number;
  /** Its number in the epoch, from 0. */
  readonly index: number;
  /** The first of its cells, for messages. */
  readonly name: string;
  /** The batch that all its cells are from, where the model normalises its input per batch. */
  readonly domain?: number | undefined;
}

/** Where a run is written; {@link RunFolder} is one. */
export interface RunRecord {
  log(record: MetricsRecord): Promise<void>;
  saveCheckpoint(state: TrainingState): Promise<void>;
  saveBest(parameters: StateDict): Promise<void>;
}

/** A training run. */
export interface TrainingRun {
  readonly trainer: Trainer;
  /** The batches of an epoch from its number `skip` on; the same for the same epoch. */
  training(epoch: number, skip: number): AsyncIterable<ReadyBatch>;
  /** The same batches at every look. */
  validation(): AsyncIterable<ReadyBatch>;
  readonly epochs: number;
  /** Batches of an epoch, as near as is known. */
  readonly batchesPerEpoch: number;
  /** Cells of an epoch, for progress. */
  readonly cellsPerEpoch: number;
  /** @param step updates done before */
  learningRate(step: number): number;
  /**
   * What the best parameters have least of, told of the present ones after each epoch and before the first; without it
   * the validation loss. For aims that no loss on held-out cells tells.
   */
  criterion?(parameters: StateDict): Promise<number>;
  /** Epochs without a better validation loss, or criterion, after which to stop; never without it. */
  readonly patience?: number | undefined;
  readonly record?: RunRecord | undefined;
  /** Seconds between checkpoints inside an epoch. Default 300. */
  readonly checkpointSeconds?: number | undefined;
  /** Where an earlier run stood, and its best parameters; the trainer has the others and the moments. */
  readonly resume?: { readonly progress: TrainingProgress; readonly best: StateDict } | undefined;
}

/** One look at how well it goes. */
export interface EpochRecord {
  /** 0 before any training. */
  readonly epoch: number;
  readonly step: number;
  readonly training: Readonly<Record<string, number>> | null;
  readonly validation: Readonly<Record<string, number>>;
}

/** What came of a run. */
export interface TrainingOutcome {
  /** The parameters with the lowest validation loss, or criterion, copied. */
  readonly best: StateDict;
  /** That loss, or criterion. */
  readonly bestLoss: number;
  readonly bestStep: number;
  readonly history: readonly EpochRecord[];
  readonly stopped: 'all epochs done' | 'no improvement';
  readonly steps: number;
  readonly seconds: number;
}

/**
 * Runs a training to its end.
 *
 * @throws TrainingError when losses or gradients are not finite, naming step, epoch and batch, or when the validation
 *   loss runs away; the last checkpoint and the best parameters are kept
 * @throws InputError when no batch has a value to predict
 * @throws CancelledError when the signal is aborted, after a checkpoint is saved
 */
export async function train(run: TrainingRun, control: RunControl = {}): Promise<TrainingOutcome> {
  return new Loop(run, control).run();
}

/** A validation loss this many times the best one means that training runs away. */
const runawayFactor = 100;

class Loop {
  private readonly plan: TrainingRun;
  private readonly control: RunControl;
  private readonly history: EpochRecord[] = [];
  private progress: TrainingProgress;
  private best: StateDict;
  private readonly startedAt = performance.now();
  private readonly secondsBefore: number;
  private savedAt = performance.now();
  private cellsDone: number;
  private readonly cellsBefore: number;

  constructor(run: TrainingRun, control: RunControl) {
    this.plan = run;
    this.control = control;
    this.progress = run.resume?.progress ?? {
      step: 0,
      epoch: 1,
      batch: 0,
      bestLoss: null,
      bestStep: null,
      epochsWithoutImprovement: 0,
      elapsedSeconds: 0,
      epochSums: {},
    };
    this.secondsBefore = this.progress.elapsedSeconds;
    this.best = run.resume?.best ?? copyOfAll(run.trainer.state.parameters);
    const perBatch = run.cellsPerEpoch / Math.max(1, run.batchesPerEpoch);
    this.cellsBefore = Math.round(
      (this.progress.epoch - 1) * run.cellsPerEpoch + this.progress.batch * perBatch,
    );
    this.cellsDone = this.cellsBefore;
  }

  async run(): Promise<TrainingOutcome> {
    const { plan } = this;
    if (this.progress.bestLoss === null) await this.look(0, null);
    let stopped: TrainingOutcome['stopped'] = 'all epochs done';
    while (this.progress.epoch <= plan.epochs) {
      if (plan.patience !== undefined && this.progress.epochsWithoutImprovement >= plan.patience) {
        stopped = 'no improvement';
        break;
      }
      const training = await this.epoch();
      await this.look(this.progress.epoch, training);
      this.progress = { ...this.progress, epoch: this.progress.epoch + 1, batch: 0, epochSums: {} };
      await this.save();
    }
    const { bestLoss, bestStep, step } = this.progress;
    return {
      best: this.best,
      bestLoss: bestLoss ?? Number.NaN,
      bestStep: bestStep ?? 0,
      history: this.history,
      stopped,
      steps: step,
      seconds: this.seconds,
    };
  }

  private get seconds(): number {
    return this.secondsBefore + (performance.now() - this.startedAt) / 1000;
  }

  /** Trains for the rest of the epoch; gives its mean losses. */
  private async epoch(): Promise<Record<string, number>> {
    const { plan, progress } = this;
    const sums: EpochSums = { ...progress.epochSums };
    let { step, batch } = progress;
    let update = new UpdateSums();
    let tokens = 0;
    const since = performance.now();
    for await (const [ready, isLast] of knowingTheLast(plan.training(progress.epoch, batch))) {
      await this.pause();
      const rate = plan.learningRate(step);
      const result = await plan.trainer.step(ready.feeds, rate, { update: isLast, domain: ready.domain });
      this.checkFinite(result, ready, step);
      addLosses(sums, result, ready.weight);
      update.add(result, ready);
      batch = ready.index + 1;
      this.cellsDone += ready.cells;
      tokens += ready.tokens;
      this.tell(meansOf(sums).loss, tokens / ((performance.now() - since) / 1000));
      if (!result.updated) continue;
      step++;
      this.progress = { ...this.progress, step, batch, epochSums: { ...sums } };
      await this.log('train', progress.epoch, update.values(result.gradientNorm, rate));
      update = new UpdateSums();
      await this.saveIfDue();
    }
    return this.meansOver(sums, 'the cells to train on');
  }

  /** Measures validation losses, and keeps the parameters when they are the best so far. */
  private async look(epoch: number, training: Record<string, number> | null): Promise<void> {
    const { plan } = this;
    const sums: EpochSums = {};
    for await (const { feeds, weight } of plan.validation()) {
      await this.pause();
      addLosses(sums, await plan.trainer.evaluate(feeds), weight);
    }
    const losses = this.meansOver(sums, 'the held-out cells');
    this.checkRunaway(losses.loss);
    const criterion = await plan.criterion?.(plan.trainer.state.parameters);
    const validation = criterion === undefined ? losses : { ...losses, criterion };
    const judged = criterion ?? losses.loss;
    const { step, bestLoss } = this.progress;
    this.history.push({ epoch, step, training, validation });
    await this.log('validation', epoch, validation);
    if (bestLoss !== null && judged >= bestLoss) {
      const without = this.progress.epochsWithoutImprovement + 1;
      this.progress = { ...this.progress, epochsWithoutImprovement: without };
      return;
    }
    this.progress = {
      ...this.progress,
      bestLoss: judged,
      bestStep: step,
      epochsWithoutImprovement: 0,
    };
    this.best = copyOfAll(plan.trainer.state.parameters);
    await plan.record?.saveBest(this.best);
  }

  /** Lets signals arrive, and stops if one asks to. */
  private async pause(): Promise<void> {
    await breathe();
    if (this.control.signal?.aborted !== true) return;
    await this.save();
    throw new CancelledError({
      what: `stopped in epoch ${this.progress.epoch} after ${plural(this.progress.step, 'step')}`,
      advice: this.plan.record === undefined ? undefined : 'Go on with --resume',
    });
  }

  private meansOver(sums: EpochSums, cells: string): Record<string, number> {
    if (sums.weight !== undefined) return meansOf(sums);
    throw new InputError({
      what: `${cells} have too few genes above zero: there is none to predict`,
      advice: 'Use more cells, or cells with more genes that the vocabulary has',
      reason: 'nothing_to_predict',
    });
  }

  private async log(
    split: MetricsRecord['split'],
    epoch: number,
    values: MetricsRecord['values'],
  ): Promise<void> {
    const { step } = this.progress;
    await this.plan.record?.log({ step, epoch, seconds: this.seconds, split, values });
  }

  private async saveIfDue(): Promise<void> {
    const { checkpointSeconds = 300 } = this.plan;
    if (performance.now() - this.savedAt >= 1000 * checkpointSeconds) await this.save();
  }

  private async save(): Promise<void> {
    this.progress = { ...this.progress, elapsedSeconds: this.seconds };
    const { parameters, firstMoments, secondMoments } = this.plan.trainer.state;
    await this.plan.record?.saveCheckpoint({
      parameters,
      firstMoments,
      secondMoments,
      progress: this.progress,
    });
    this.savedAt = performance.now();
  }

  private tell(loss: number, tokensPerSecond: number): void {
    const { epochs, cellsPerEpoch } = this.plan;
    this.control.onProgress?.({
      stage: 'training',
      done: Math.min(this.cellsDone, epochs * cellsPerEpoch),
      total: epochs * cellsPerEpoch,
      unit: 'cells',
      before: this.cellsBefore,
      note: `epoch ${this.progress.epoch}/${epochs}  loss ${loss.toPrecision(4)}  ${Math.round(tokensPerSecond)} tokens/s`,
    });
  }

  private checkFinite(result: StepResult, ready: ReadyBatch, step: number): void {
    if (Number.isFinite(result.total) && Number.isFinite(result.gradientNorm)) return;
    const which = Number.isFinite(result.total)
      ? `the gradient norm is ${result.gradientNorm}`
      : `the loss is ${result.total}`;
    throw new TrainingError({
      what: which,
      where: `step ${step + 1}, epoch ${this.progress.epoch}, the batch of ${ready.name}`,
      expected: 'finite numbers',
      advice: diverged,
      reason: 'not_finite',
    });
  }

  /** A criterion has another scale than losses: then only numbers that are none are refused. */
  private checkRunaway(loss: number): void {
    const best = this.plan.criterion === undefined ? this.progress.bestLoss : null;
    if (best === null ? Number.isFinite(loss) : loss <= runawayFactor * best) return;
    const before = best === null ? '' : `, and was ${best.toPrecision(4)} at best`;
    throw new TrainingError({
      what: `the validation loss is ${loss.toPrecision(4)}${before}`,
      where: `epoch ${this.progress.epoch}`,
      expected: 'a loss that falls',
      advice: diverged,
      reason: 'diverged',
    });
  }
}

/** What to do about a run that diverged. */
const diverged =
  'Lower the learning rate; the last checkpoint and the best parameters are kept in the run folder';

function copyOfAll(parameters: StateDict): StateDict {
  return new Map([...parameters].map(([name, tensor]) => [name, copyOf(tensor)]));
}
