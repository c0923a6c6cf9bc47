/** @file What is settled before a pre-training begins: its places, its settings, its cells and the model it starts from. */

import { freemem } from 'node:os';
import { isAbsolute, relative } from 'node:path';
import type { LoadedModel } from '../../model/folder.ts';
import { checkModelOutput } from '../../model/folder-on-disk.ts';
import { type DeviceName, openDevice } from '../../runtime/device.ts';
import { loadCensusVocabulary } from '../../single-cell/genes/load.ts';
import { specialTokens, Vocabulary } from '../../single-cell/vocabulary.ts';
import { UsageError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { plural } from '../../support/words.ts';
import { checkNewRun, RunFolder } from '../../train/run/run-folder.ts';
import { freezeOf, trainable } from '../../train/trainable.ts';
import { openModel } from '../model.ts';
import { refuseReplacing } from '../output.ts';
import { type Corpus, corpusOf, type NamedData } from './corpus.ts';
import { batchSizeWithin } from './memory.ts';
import {
  type PretrainSource,
  type RememberedChoices,
  rememberedChoices,
  settingsOf,
  sizeOf,
  sourceOf,
} from './run-config.ts';
import { defaultSize, type ModelSize, type PretrainSettings, type SomeOf } from './settings.ts';
import { continuedModel, generativeConfig, newModel, type StartingPoint } from './starting-point.ts';
import { splitOf } from './training.ts';

/**
 * Options of a pre-training from files. Settings left out have their defaults; when a run is resumed, settings, source
 * and size left out are those it was started with.
 */
export interface PretrainChoices
  extends RunControl,
    Omit<SomeOf<PretrainSettings>, 'batchSize'>,
    SomeOf<PretrainSource>,
    SomeOf<ModelSize> {
  /** The model folder to write. */
  readonly output: string;
  /** The folder the run is kept in; default the output's name with `.run` behind it. */
  readonly run?: string | undefined;
  /** A model folder to go on from, instead of random weights. */
  readonly init?: string | undefined;
  /** Cells of a batch; `auto`: as many as fit into `memory`. */
  readonly batchSize?: number | 'auto' | undefined;
  /** Bytes that a run may take. Default half of what is free. */
  readonly memory?: number | undefined;
  /** Go on with the run in the run folder. */
  readonly resume?: boolean | undefined;
  /** Replace a model and a run of these names. */
  readonly force?: boolean | undefined;
  readonly device?: DeviceName | 'auto' | undefined;
  readonly threads?: number | undefined;
}

/** A pre-training that is ready to begin. */
export interface PreparedPretraining {
  /** The folder of the run. */
  readonly run: string;
  /** The run to resume, opened. */
  readonly resumed: RunFolder | undefined;
  readonly settings: PretrainSettings;
  readonly source: PretrainSource;
  /** The model to go on from. */
  readonly init: { readonly path: string; readonly model: LoadedModel } | undefined;
  readonly corpus: Corpus;
  readonly start: StartingPoint;
}

/**
 * Checks the choices of a call, first those that need no data, then reads every cell once.
 *
 * @throws UsageError, InputError, CheckpointError, OutputError, CancelledError
 */
export async function preparePretraining(
  opened: readonly NamedData[],
  options: PretrainChoices,
  logger: Logger,
): Promise<PreparedPretraining> {
  const { output, resume = false } = options;
  const run = options.run ?? `${output.replace(/[/\\]+$/, '')}.run`;
  await checkPlaces(output, run, options);
  await openDevice(options); // refuses one that is not here
  const resumed = resume ? await RunFolder.open(run, { logger }) : undefined;
  const remembered = resumed && rememberedChoices(resumed.config, run);
  const init = await openInit(options.init ?? remembered?.init?.path, output, logger);
  const settings = settingsFor(options, remembered, init?.model);
  const source = sourceOf(options, remembered?.source);

  const vocabulary = await wholeVocabulary(init?.model);
  const reading = { ...source, groupKey: settings.groupKey, knownConditions: init?.model.config.conditions };
  const corpus = await corpusOf(opened, vocabulary, reading, { ...options, logger });
  warnOfEmptyCells(corpus, logger);
  splitOf(corpus, settings); // refuses cells that cannot be split
  const start =
    init === undefined
      ? newModel(corpus, wholeSize(options, remembered), settings)
      : await continuedModel(init.model, corpus, settings.seed, logger);
  const automatic = options.batchSize === 'auto' && remembered === undefined;
  const batchSize = automatic
    ? batchSizeWithin(options.memory ?? freemem() / 2, corpus, start, settings)
    : settings.batchSize;
  if (automatic) logger.info(`batches of ${plural(batchSize, 'cell')}`);
  return { run, resumed, settings: { ...settings, batchSize }, source, init, corpus, start };
}

/** Refuses places that results cannot be written to, or that would replace what the run needs. */
async function checkPlaces(output: string, run: string, { force, resume }: PretrainChoices): Promise<void> {
  await checkModelOutput(output, { force });
  await refuseReplacing(run, [output]);
  const inside = relative(output, run);
  if (!inside.startsWith('..') && !isAbsolute(inside)) {
    throw new UsageError({
      what: 'the run would lie inside the model folder, which is written whole when the run is done',
      where: run,
      expected: 'a folder beside it',
      reason: 'run_inside_output',
    });
  }
  if (resume !== true) await checkNewRun(run, { force });
}

async function openInit(
  path: string | undefined,
  output: string,
  logger: Logger,
): Promise<PreparedPretraining['init']> {
  if (path === undefined) return undefined;
  await refuseReplacing(output, [path]);
  const model = await openModel(path, { logger });
  generativeConfig(model.config); // refuses what cannot be pre-trained, before the data are read
  return { path, model };
}

function settingsFor(
  { batchSize, memory, ...said }: PretrainChoices,
  remembered: RememberedChoices | undefined,
  init: LoadedModel | undefined,
): PretrainSettings {
  if (memory !== undefined && batchSize !== 'auto') {
    throw new UsageError({
      what: '--memory is about the batch size, which is given',
      expected: '--batch-size auto with --memory',
      reason: 'memory',
    });
  }
  const typed = batchSize === 'auto' ? said : { ...said, batchSize };
  const settings = settingsOf(typed, { remembered: remembered?.settings, init });
  const freeze = freezeOf(settings.freeze);
  if (freeze !== 'none' && init === undefined) {
    throw new UsageError({
      what: 'a new model has learnt nothing that could be held fixed',
      expected: '--freeze with --init, a model to go on from',
      reason: 'freeze',
    });
  }
  if (init !== undefined) refuseSize(said);
  if (init !== undefined) trainable(init.config, { freeze }); // refuses more layers than there are
  if (freeze !== 'low-rank' && (said.loraRank ?? said.loraAlpha) !== undefined) {
    throw new UsageError({
      what: '--lora-rank and --lora-alpha are about low-rank adaptation, which is off',
      expected: '--freeze low-rank with them',
      reason: 'low_rank',
    });
  }
  return settings;
}

function refuseSize(said: SomeOf<ModelSize>): void {
  const typed = Object.keys(sizeOf(said));
  if (typed.length === 0) return;
  throw new UsageError({
    what: `${typed.join(', ')} cannot be chosen for a model that training goes on from`,
    expected: 'the size of the model given to --init',
    advice: 'Leave it out, or leave out --init to begin with a new model',
    reason: 'model_size',
  });
}

function wholeSize(said: SomeOf<ModelSize>, remembered: RememberedChoices | undefined): ModelSize {
  const size = sizeOf(said, remembered?.model);
  const { embeddingSize = defaultSize.embeddingSize } = size;
  const { layers = defaultSize.layers, heads = defaultSize.heads, hiddenSize = embeddingSize } = size;
  return { embeddingSize, layers, heads, hiddenSize };
}

/** All tokens a gene may have: those of the model, or for a new one those of the published vocabulary. */
async function wholeVocabulary(init: LoadedModel | undefined): Promise<Vocabulary> {
  if (init !== undefined) return init.vocabulary;
  return Vocabulary.fromTokens([...(await loadCensusVocabulary()), ...Object.values(specialTokens)]);
}

function warnOfEmptyCells({ cells }: Corpus, logger: Logger): void {
  const { emptyCells } = cells;
  if (emptyCells.length === 0) return;
  const names = Array.from(emptyCells.slice(0, 3), (cell) => cells.nameOf(cell));
  const more = emptyCells.length > names.length ? ', ...' : '';
  logger.warning(
    `${plural(emptyCells.length, 'cell')} without any known gene above zero are left out: ${names.join(', ')}${more}`,
  );
}
