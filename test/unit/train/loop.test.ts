/** @file The training loop over a trainer that only counts: what it keeps, logs, saves, and when it stops. */

import { describe, expect, it } from 'vitest';
import { CancelledError, InputError, TrainingError } from '../../../src/support/errors.ts';
import type { StateDict } from '../../../src/support/tensor.ts';
import { type ReadyBatch, type RunRecord, type TrainingRun, train } from '../../../src/train/loop.ts';
import type { MetricsRecord } from '../../../src/train/run/metrics.ts';
import type { TrainingProgress, TrainingState } from '../../../src/train/run/training-state.ts';
import type { StepResult, Trainer } from '../../../src/train/trainer.ts';

/** How the pretended training goes. */
interface Course {
  /** Validation losses by the number of the look. */
  readonly validation?: readonly number[];
  readonly trainingLoss?: (step: number) => number;
  readonly accumulate?: number;
  readonly batches?: number;
}

/** A run whose only parameter holds the number of updates, and everything it wrote. */
function pretended(course: Course, more: Partial<TrainingRun> = {}) {
  const { validation = [10, 9, 8, 7], trainingLoss = () => 5, accumulate = 1, batches = 3 } = course;
  const parameter = new Float32Array(1);
  const parameters: StateDict = new Map([['w', { dtype: 'float32', shape: [1], data: parameter }]]);
  let step = more.resume?.progress.step ?? 0;
  parameter[0] = step;
  let summed = 0;
  let looks = more.resume === undefined ? 0 : more.resume.progress.epoch;
  const taken: string[] = [];
  const domains: (number | undefined)[] = [];
  const log: MetricsRecord[] = [];
  const saved: TrainingProgress[] = [];
  const bests: number[] = [];
  const trainer: Trainer = {
    trained: ['w'],
    get state() {
      return { parameters, firstMoments: new Map(), secondMoments: new Map(), step };
    },
    async step(feeds, rate, { update = false, domain } = {}): Promise<StepResult> {
      domains.push(domain);
      taken.push(`${Object.keys(feeds)[0]} ${rate}`);
      summed++;
      const updated = update || summed === accumulate;
      const total = trainingLoss(step);
      const gradientNorm = 2 * summed;
      if (updated && Number.isFinite(total)) {
        parameter[0] = ++step;
        summed = 0;
      }
      return { total, parts: { gep: total }, gradientNorm, updated };
    },
    async evaluate() {
      const total = validation[looks++];
      return { total, parts: { gep: total } };
    },
    async dispose() {},
  };
  const batch = (name: string, index: number): ReadyBatch => ({
    feeds: { [name]: { dtype: 'float32', shape: [0], data: new Float32Array(0) } },
    cells: 2,
    tokens: 20,
    weight: 8,
    index,
    name: `cell ${name}`,
  });
  const record: RunRecord = {
    async log(one) {
      log.push(one);
    },
    async saveCheckpoint({ progress }: TrainingState) {
      saved.push(progress);
    },
    async saveBest(best) {
      bests.push(best.get('w')!.data[0] as number);
    },
  };
  const run: TrainingRun = {
    trainer,
    async *training(epoch, skip) {
      for (let index = skip; index < batches; index++) yield batch(`${epoch}.${index}`, index);
    },
    async *validation() {
      yield batch('held', 0);
    },
    epochs: 3,
    batchesPerEpoch: batches,
    cellsPerEpoch: 2 * batches,
    learningRate: (done) => 0.1 * done,
    record,
    ...more,
  };
  return { run, taken, domains, log, saved, bests };
}

describe('a run to its end', () => {
  it('looks before training and after every epoch, and saves after each', async () => {
    const { run, taken, log, saved, bests } = pretended({});
    const outcome = await train(run);
    expect(outcome).toMatchObject({ bestLoss: 7, bestStep: 9, steps: 9, stopped: 'all epochs done' });
    expect(outcome.history.map(({ epoch, step, validation }) => [epoch, step, validation.loss])).toEqual([
      [0, 0, 10],
      [1, 3, 9],
      [2, 6, 8],
      [3, 9, 7],
    ]);
    expect(taken.slice(0, 4)).toEqual(['1.0 0', '1.1 0.1', '1.2 0.2', `2.0 ${0.1 * 3}`]);
    expect(bests).toEqual([0, 3, 6, 9]);
    expect(saved.map(({ epoch, batch, step }) => [epoch, batch, step])).toEqual([
      [2, 0, 3],
      [3, 0, 6],
      [4, 0, 9],
    ]);
    expect(log.filter(({ split }) => split === 'train').map(({ step }) => step)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect(log[1].values).toMatchObject({ loss: 5, gep: 5, cells: 2, tokens: 20, gradientNorm: 2 });
  });

  it('gives the best parameters, copied, not the last', async () => {
    const { run, bests } = pretended({ validation: [10, 4, 6, 5] });
    const outcome = await train(run);
    expect(outcome).toMatchObject({ bestLoss: 4, bestStep: 3, steps: 9 });
    expect(outcome.best.get('w')!.data[0]).toBe(3);
    expect(bests).toEqual([0, 3]);
  });

  it('tells the trainer which batch the cells are from, where they are from one', async () => {
    const ready = (index: number, domain?: number): ReadyBatch => ({
      feeds: { [`b${index}`]: { dtype: 'float32', shape: [0], data: new Float32Array(0) } },
      cells: 2,
      tokens: 20,
      weight: 8,
      index,
      name: 'cell',
      domain,
    });
    const { run, domains } = pretended(
      {},
      {
        epochs: 1,
        async *training() {
          yield ready(0, 2);
          yield ready(1, 0);
          yield ready(2);
        },
      },
    );
    await train(run);
    expect(domains).toEqual([2, 0, undefined]);
  });

  it('stops when patience is at its end', async () => {
    const { run } = pretended({ validation: [10, 4, 6, 5, 4, 3] }, { epochs: 9, patience: 2 });
    expect(await train(run)).toMatchObject({ stopped: 'no improvement', steps: 9, bestLoss: 4 });
  });

  it('ends an epoch with an update from what is left, and logs what each update was made of', async () => {
    const { run, log } = pretended({ accumulate: 2 }, { epochs: 1 });
    expect(await train(run)).toMatchObject({ steps: 2 });
    const updates = log.filter(({ split }) => split === 'train').map(({ values }) => values);
    expect(updates.map(({ cells, tokens, gradientNorm }) => [cells, tokens, gradientNorm])).toEqual([
      [4, 40, 2],
      [2, 20, 2],
    ]);
  });

  it('tells cells done and their rate', async () => {
    const told: string[] = [];
    const { run } = pretended({}, { epochs: 1 });
    await train(run, {
      onProgress: ({ done, total, unit, note }) => told.push(`${done}/${total} ${unit} ${note}`),
    });
    expect(told[0]).toMatch(/^2\/6 cells epoch 1\/1 {2}loss 5\.000 {2}\d+ tokens\/s$/);
    expect(told.at(-1)).toMatch(/^6\/6 /);
  });
});

describe('a run with a criterion', () => {
  /** Criteria by the number of updates done; what the loop asked them of. */
  function judged(criteria: Readonly<Record<number, number>>) {
    const asked: number[] = [];
    const criterion = async (parameters: StateDict) => {
      const step = Number(parameters.get('w')!.data[0]);
      asked.push(step);
      return criteria[step];
    };
    return { asked, criterion };
  }

  it('keeps the parameters with the least of it, whatever validation losses say', async () => {
    const { asked, criterion } = judged({ 0: -0.5, 3: -0.8, 6: -0.7, 9: -0.6 });
    const { run, log, bests } = pretended({ validation: [10, 9, 8, 7] }, { criterion });
    const outcome = await train(run);
    expect(asked).toEqual([0, 3, 6, 9]);
    expect(outcome).toMatchObject({ bestLoss: -0.8, bestStep: 3, steps: 9 });
    expect(outcome.best.get('w')!.data[0]).toBe(3);
    expect(bests).toEqual([0, 3]);
    expect(outcome.history.map(({ validation }) => [validation.loss, validation.criterion])).toEqual([
      [10, -0.5],
      [9, -0.8],
      [8, -0.7],
      [7, -0.6],
    ]);
    const looks = log.filter(({ split }) => split === 'validation');
    expect(looks.map(({ values }) => values.criterion)).toEqual([-0.5, -0.8, -0.7, -0.6]);
  });

  it('may keep the parameters of before any training', async () => {
    const { criterion } = judged({ 0: 1, 3: 2, 6: 1, 9: 3 }); // the first of equals
    const outcome = await train(pretended({}, { criterion }).run);
    expect(outcome).toMatchObject({ bestLoss: 1, bestStep: 0, steps: 9 });
    expect(outcome.best.get('w')!.data[0]).toBe(0);
  });

  it('counts patience by it', async () => {
    const { criterion } = judged({ 0: 3, 3: 2, 6: 2.5, 9: 2.5 });
    const { run } = pretended({ validation: [10, 9, 8, 7, 6] }, { criterion, epochs: 9, patience: 2 });
    expect(await train(run)).toMatchObject({ stopped: 'no improvement', steps: 9, bestLoss: 2 });
  });

  it('takes any finite validation loss, but none that is no number', async () => {
    const { criterion } = judged({ 0: 0, 3: -1, 6: -2 });
    const high = pretended({ validation: [10, 5000, 6000] }, { criterion, epochs: 2 });
    expect(await train(high.run)).toMatchObject({ bestLoss: -2, steps: 6 });
    const none = pretended({ validation: [10, Number.NaN] }, { criterion, epochs: 2 });
    await expect(train(none.run)).rejects.toMatchObject({ reason: 'diverged' });
  });
});

describe('a run that is resumed', () => {
  it('goes on behind the batches that are done, with the sums of the epoch', async () => {
    const progress: TrainingProgress = {
      step: 4,
      epoch: 2,
      batch: 1,
      bestLoss: 9,
      bestStep: 3,
      epochsWithoutImprovement: 0,
      elapsedSeconds: 100,
      epochSums: { weight: 8, loss: 80, gep: 80 },
    };
    const best: StateDict = new Map([['w', { dtype: 'float32', shape: [1], data: Float32Array.of(3) }]]);
    const { run, taken } = pretended({ validation: [10, 9, 9.5, 9.2] }, { resume: { progress, best } });
    const outcome = await train(run);
    expect(taken.map((batch) => batch.split(' ')[0])).toEqual(['2.1', '2.2', '3.0', '3.1', '3.2']);
    expect(outcome.history[0].training).toEqual({ loss: (80 + 40 + 40) / 24, gep: (80 + 40 + 40) / 24 });
    expect(outcome).toMatchObject({ bestLoss: 9, bestStep: 3, steps: 9 });
    expect(outcome.best).toBe(best);
    expect(outcome.seconds).toBeGreaterThanOrEqual(100);
  });

  it('saves where it stands when it is stopped, and says how to go on', async () => {
    const stop = new AbortController();
    const { run, saved } = pretended({ accumulate: 2, batches: 5 });
    let batches = 0;
    const onProgress = () => {
      if (++batches === 4) stop.abort(); // a batch that is summed and not yet used
    };
    const failure = await train(run, { onProgress, signal: stop.signal }).catch((error) => error);
    expect(failure).toBeInstanceOf(CancelledError);
    expect(failure.message).toMatch(/stopped in epoch 1 after 2 steps\. Go on with --resume\./);
    expect(saved).toHaveLength(1);
    expect(saved[0]).toMatchObject({ step: 2, epoch: 1, batch: 4 });
  });

  it('saves inside an epoch when it is time', async () => {
    const { run, saved } = pretended({}, { checkpointSeconds: 0, epochs: 1 });
    await train(run);
    expect(saved.map(({ epoch, batch }) => [epoch, batch])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 0],
    ]);
  });
});

describe('a run that goes wrong', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'stops at a loss of %d and names the batch',
    async (loss) => {
      const { run, saved } = pretended({ trainingLoss: (step) => (step === 4 ? loss : 5) });
      const failure = await train(run).catch((error) => error);
      expect(failure).toBeInstanceOf(TrainingError);
      expect(failure.message).toContain(`step 5, epoch 2, the batch of cell 2.1: the loss is ${loss}`);
      expect(failure.message).toContain('Lower the learning rate');
      expect(saved).toHaveLength(1);
    },
  );

  it.each([
    ['far above the best', [10, 2, 300], /the validation loss is 300\.0, and was 2\.000 at best/],
    ['no number', [10, Number.NaN], /the validation loss is NaN, and was 10\.00 at best/],
    ['no number from the start', [Number.NaN], /the validation loss is NaN/],
  ])('stops when the validation loss is %s', async (_, validation, words) => {
    const { run } = pretended({ validation });
    const failure = await train(run).catch((error) => error);
    expect(failure).toBeInstanceOf(TrainingError);
    expect(failure.message).toMatch(words);
  });

  it('says when there is nothing to predict', async () => {
    const none = async function* (): AsyncGenerator<ReadyBatch> {};
    for (const more of [{ validation: none }, { training: none }]) {
      const failure = await train(pretended({}, more).run).catch((error) => error);
      expect(failure).toBeInstanceOf(InputError);
      expect(failure.message).toMatch(/too few genes above zero/);
    }
  });
});
