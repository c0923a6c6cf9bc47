/** @file Pre-training from files to a model folder: what `scgpt pretrain` does. */

import type { LoadedModel } from '../../model/folder.ts';
import { writeModelFolder } from '../../model/folder-on-disk.ts';
import type { DeviceName } from '../../runtime/device.ts';
import { loadCensusVocabulary } from '../../single-cell/genes/load.ts';
import { specialTokens, Vocabulary } from '../../single-cell/vocabulary.ts';
import { type Logger, RecordingLogger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { KeyHash } from '../../support/random.ts';
import { plural } from '../../support/words.ts';
import { checkOutput } from '../../support/write-file.ts';
import { addConditions } from '../../train/added-conditions.ts';
import type { EpochRecord } from '../../train/loop.ts';
import type { JsonObject } from '../../train/run/json.ts';
import { RunFolder } from '../../train/run/run-folder.ts';
import { checkSameRun } from '../../train/run/same-run.ts';
import { openModel } from '../model.ts';
import type { CellSource } from '../prepare.ts';
import { type Corpus, closeAll, corpusOf, dataFilesOf, type NamedData, openAll } from './corpus.ts';
import { newModel, type PretrainControl, type Pretrained, pretrain, type StartingPoint } from './pretrain.ts';
import {
  defaultSize,
  type ModelSize,
  type PretrainSettings,
  pretrainDefaults,
  type SomeOf,
} from './settings.ts';

/** Options of {@link pretrainFiles}; settings left out have their defaults. */
export interface PretrainFilesOptions
  extends CellSource,
    RunControl,
    SomeOf<PretrainSettings>,
    SomeOf<ModelSize> {
  /** The model folder to write. */
  readonly output: string;
  /** The folder the run is kept in; default the output's name with `.run` behind it. */
  readonly run?: string | undefined;
  /** A model folder to go on from, instead of random weights. */
  readonly init?: string | undefined;
  /** Columns of obs, or else of var, whose values become condition tokens of the cells or genes. */
  readonly conditionKeys?: readonly string[] | undefined;
  /** Genes in fewer cells get no token. Default 1: those never seen. */
  readonly minCells?: number | undefined;
  /** Go on with the run in the run folder. */
  readonly resume?: boolean | undefined;
  readonly force?: boolean | undefined;
  /** Element type of the weights written. Default float32. */
  readonly dtype?: 'float32' | 'float16' | undefined;
  /** The model card; default one that says what can be told from the configuration. */
  readonly card?: ((trained: Pretrained) => string) | undefined;
  readonly checkpointSeconds?: number | undefined;
  readonly device?: DeviceName | 'auto' | undefined;
  readonly threads?: number | undefined;
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
  const opened = await openAll(await dataFilesOf(inputs), options.logger ?? silent);
  try {
    return await pretrainInto(opened, options);
  } finally {
    await closeAll(opened);
  }
}

/** Pre-trains on data that are open already, as {@link pretrainFiles} does. */
export async function pretrainInto(
  opened: readonly NamedData[],
  options: PretrainFilesOptions,
): Promise<PretrainSummary> {
  const { output, force, resume = false } = options;
  const run = options.run ?? `${output.replace(/[/\\]+$/, '')}.run`;
  await checkOutput(output, { force: force === true || resume, folder: true });
  const logger = new RecordingLogger(options.logger ?? silent);
  const settings = settingsOf(options);
  const init = options.init === undefined ? undefined : await openModel(options.init, { logger });
  const source = { ...options, knownConditions: init?.config.conditions };
  const corpus = await corpusOf(opened, await wholeVocabulary(init), source, { ...options, logger });
  warnOfEmptyCells(corpus, logger);
  const start = await startOf(init, corpus, options, settings);
  const config = runConfig(corpus, start, settings, init);
  const { folder, resumed } = await openRun(run, config, { force, resume, logger });
  const control: PretrainControl = { ...options, record: folder, resume: resumed };
  const trained = await pretrain(corpus, start, settings, control);
  const card = options.card?.(trained) ?? init?.card;
  const replace = force === true || resume;
  await writeModelFolder(output, { ...trained.model, card }, { dtype: options.dtype, force: replace });
  return summaryOf(trained, corpus, { output, run, warnings: logger.warnings });
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

/** The settings of a call: defaults where nothing is said. */
function settingsOf(options: SomeOf<PretrainSettings>): PretrainSettings {
  const said = Object.entries(options).filter(
    ([name, value]) => value !== undefined && name in pretrainDefaults,
  );
  return { ...pretrainDefaults, ...Object.fromEntries(said) };
}

/** All tokens a gene may have: those of the model, or for a new one those of the published vocabulary. */
async function wholeVocabulary(init: LoadedModel | undefined): Promise<Vocabulary> {
  if (init !== undefined) return init.vocabulary;
  return Vocabulary.fromTokens([...(await loadCensusVocabulary()), ...Object.values(specialTokens)]);
}

async function startOf(
  init: LoadedModel | undefined,
  corpus: Corpus,
  size: SomeOf<ModelSize>,
  settings: PretrainSettings,
): Promise<StartingPoint> {
  if (init === undefined) {
    const { embeddingSize = defaultSize.embeddingSize } = size;
    const { layers = defaultSize.layers, heads = defaultSize.heads, hiddenSize = embeddingSize } = size;
    return newModel(corpus, { embeddingSize, layers, heads, hiddenSize }, settings);
  }
  const grown = addConditions(init.config, await init.parameters(), corpus.conditions, settings.seed);
  return { ...grown, vocabulary: init.vocabulary };
}

/** What decides the run's results, for its folder: a run is resumed only with the same. */
function runConfig(
  corpus: Corpus,
  { config }: StartingPoint,
  settings: PretrainSettings,
  init: LoadedModel | undefined,
): JsonObject {
  const { officialArguments: _, conditions, ...fields } = config;
  const model = conditions.length === 0 ? fields : { ...fields, conditions };
  return {
    task: 'pretrain',
    init: init === undefined ? null : init.hash,
    model,
    settings: { ...settings, ratios: [...settings.ratios] } satisfies JsonObject,
    vocabulary: corpus.compact.vocabulary.hash,
    data: corpus.sources.map(({ label, cells, matrixName }, source) => ({
      label,
      cells,
      matrix: matrixName,
      names: namesHash(corpus.cells.sources[source].names),
    })),
  };
}

function namesHash(names: readonly string[]): string {
  const hash = new KeyHash();
  for (const name of names) hash.text(name);
  return hash.hexadecimal();
}

async function openRun(
  path: string,
  config: JsonObject,
  { force, resume, logger }: { force: boolean | undefined; resume: boolean; logger: Logger },
): Promise<{ folder: RunFolder; resumed: PretrainControl['resume'] }> {
  if (!resume) return { folder: await RunFolder.create(path, config, { force, logger }), resumed: undefined };
  const folder = await RunFolder.open(path, { logger });
  checkSameRun(folder.config, config, { where: path });
  const state = await folder.loadCheckpoint();
  if (state === null) {
    logger.warning('the run has no checkpoint yet and begins anew');
    return { folder, resumed: undefined };
  }
  const best = (await folder.loadBest()) ?? state.parameters;
  return { folder, resumed: { state, best } };
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
