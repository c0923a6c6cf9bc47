/** @file Pre-training from files to a model folder: what `scgpt pretrain` does. */

import { writeModelFolder } from '../../model/folder-on-disk.ts';
import { isScgptError, OutputError } from '../../support/errors.ts';
import { type Logger, RecordingLogger, silent } from '../../support/log.ts';
import type { EpochRecord } from '../../train/loop.ts';
import { RunFolder } from '../../train/run/run-folder.ts';
import { type Corpus, closeAll, dataFilesOf, type NamedData, openAll } from './corpus.ts';
import { type PretrainPlan, planOf } from './plan.ts';
import { type PreparedPretraining, type PretrainChoices, preparePretraining } from './prepare.ts';
import { type PretrainControl, type Pretrained, pretrain } from './pretrain.ts';
import { checkResumed, runConfig } from './run-config.ts';

/** Options of {@link pretrainFiles}: the choices, and how the model is written. */
export interface PretrainFilesOptions extends PretrainChoices {
  /** Element type of the weights written. Default float32. */
  readonly dtype?: 'float32' | 'float16' | undefined;
  /** The model card; default one that says what can be told from the configuration. */
  readonly card?: ((trained: Pretrained) => string) | undefined;
  readonly checkpointSeconds?: number | undefined;
  readonly logger?: Logger | undefined;
}

/** What was done. */
export interface PretrainSummary {
  readonly output: string;
  readonly run: string;
  readonly cells: { readonly training: number; readonly validation: number };
  readonly tokens: number;
  /** Conditions of the model, and how many values it knows of each. */
  readonly conditions: readonly {
    readonly name: string;
    readonly of: 'cells' | 'genes';
    readonly values: number;
  }[];
  readonly parameters: number;
  readonly steps: number;
  readonly stopped: string;
  readonly seconds: number;
  /** Losses on held-out cells: before training (null after a resume), and the best. */
  readonly validationLoss: {
    readonly before: number | null;
    readonly best: number;
    readonly bestStep: number;
  };
  readonly history: readonly EpochRecord[];
  readonly warnings: readonly string[];
}

/**
 * Pre-trains a model on data files and writes it as a model folder, with the run beside it.
 *
 * @param inputs data files, or folders of them
 * @throws UsageError, InputError, CheckpointError, OutputError, TrainingError, CancelledError
 */
export async function pretrainFiles(
  inputs: readonly string[],
  options: PretrainFilesOptions,
): Promise<PretrainSummary> {
  return withData(inputs, options, (opened) => pretrainInto(opened, options));
}

/** Pre-trains on data that are open already, as {@link pretrainFiles} does. */
export async function pretrainInto(
  opened: readonly NamedData[],
  options: PretrainFilesOptions,
): Promise<PretrainSummary> {
  const { output, force } = options;
  const logger = new RecordingLogger(options.logger ?? silent);
  const prepared = await preparePretraining(opened, options, logger);
  const { run, settings, corpus, start, init } = prepared;
  const { resume: _, ...control } = options;
  const earlier = await openRun(prepared, { force, logger });
  const trained = await pretrain(corpus, start, settings, { ...control, ...earlier });
  const card = options.card?.(trained) ?? init?.model.card;
  await writeModelFolder(output, { ...trained.model, card }, { dtype: options.dtype, force }).catch(
    (cause) => {
      throw notWritten(cause);
    },
  );
  return summaryOf(trained, corpus, { output, run, warnings: logger.warnings });
}

/**
 * Reads the data, takes a step of a typical batch and tells what the run would be. Writes nothing.
 *
 * @param inputs data files, or folders of them
 * @throws as {@link pretrainFiles} does
 */
export async function planPretraining(
  inputs: readonly string[],
  options: PretrainFilesOptions,
): Promise<PretrainPlan> {
  return withData(inputs, options, async (opened) => {
    const logger = new RecordingLogger(options.logger ?? silent);
    return planOf(await preparePretraining(opened, options, logger), options, logger);
  });
}

async function withData<Result>(
  inputs: readonly string[],
  { logger = silent }: PretrainFilesOptions,
  work: (opened: readonly NamedData[]) => Promise<Result>,
): Promise<Result> {
  const opened = await openAll(await dataFilesOf(inputs), logger);
  try {
    return await work(opened);
  } finally {
    await closeAll(opened);
  }
}

/** The folder of the run, and where an earlier run stood. */
async function openRun(
  { run, resumed, corpus, start, settings, source, init }: PreparedPretraining,
  { force, logger }: { readonly force: boolean | undefined; readonly logger: Logger },
): Promise<Pick<PretrainControl, 'record' | 'resume'>> {
  const initial = init === undefined ? null : { path: init.path, hash: init.model.hash };
  const config = runConfig(corpus, start, settings, source, initial);
  if (resumed === undefined) {
    return { record: () => RunFolder.create(run, config, { force, logger }), resume: undefined };
  }
  checkResumed(resumed.config, config, run);
  const record = async () => resumed;
  const state = await resumed.loadCheckpoint();
  if (state === null) {
    logger.warning('the run has no checkpoint yet and begins anew');
    return { record, resume: undefined };
  }
  const best = (await resumed.loadBest()) ?? state.parameters;
  return { record, resume: { state, best } };
}

/** The model is trained and lies in the run folder: all is not lost. */
function notWritten(cause: unknown): OutputError {
  const { what, where, reason } = isScgptError(cause) ? cause : ({ what: String(cause) } as OutputError);
  return new OutputError({
    what: `the trained model could not be written: ${what}`,
    where,
    advice: 'Put right what is wrong, then run the command again with --resume: training is done',
    reason,
    cause,
  });
}

function summaryOf(
  { model, outcome, trainingCells, validationCells }: Pretrained,
  corpus: Corpus,
  rest: Pick<PretrainSummary, 'output' | 'run' | 'warnings'>,
): PretrainSummary {
  const [first] = outcome.history;
  return {
    ...rest,
    cells: { training: trainingCells, validation: validationCells },
    tokens: corpus.compact.vocabulary.size,
    conditions: model.config.conditions.map(({ name, of, values }) => ({ name, of, values: values.length })),
    parameters: [...model.parameters.values()].reduce((total, { data }) => total + data.length, 0),
    steps: outcome.steps,
    stopped: outcome.stopped,
    seconds: outcome.seconds,
    validationLoss: {
      before: first?.epoch === 0 ? first.validation.loss : null,
      best: outcome.bestLoss,
      bestStep: outcome.bestStep,
    },
    history: outcome.history,
  };
}
