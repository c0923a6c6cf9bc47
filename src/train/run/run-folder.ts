/** @file The folder of a training run: settings, log, checkpoints and the best parameters. Node only. */

import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileSource } from '../../model/checkpoint/node-source.ts';
import { InputError, OutputError } from '../../support/errors.ts';
import { type Logger, silent } from '../../support/log.ts';
import type { StateDict } from '../../support/tensor.ts';
import { whyNotOpened } from '../../support/unopened.ts';
import { checkOutput, writeFailure } from '../../support/write-file.ts';
import { newestState, saveState } from './checkpoints-on-disk.ts';
import { exists, isUnfinished, namesIn, removeUnfinished, replaceFile } from './files-on-disk.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { isLogFile, RunLog } from './log-on-disk.ts';
import type { LogPosition } from './log-position.ts';
import type { MetricsRecord } from './metrics.ts';
import { decodeParameters, encodeParameters } from './state-file.ts';
import type { TrainingState } from './training-state.ts';

const configName = 'config.json';
const checkpointsName = 'checkpoints';
const bestName = 'best.safetensors';

/** Changes whenever older folders can no longer be resumed. */
const format = 'scgpt training run 1';

/** Where warnings go. */
export interface OpenRunOptions {
  /** Default: warnings are dropped. */
  readonly logger?: Logger | undefined;
}

/** How to start a run. */
export interface CreateRunOptions extends OpenRunOptions {
  /** Replace a run of that name. Default false; a folder that is no run is never replaced. */
  readonly force?: boolean | undefined;
}

/**
 * What a training run writes, so that it can be stopped at any moment, by a signal or a power failure, and resumed.
 * One process writes to a folder, and awaits each call before the next.
 */
export class RunFolder {
  readonly path: string;
  /** The settings the run was started with. */
  readonly config: JsonObject;
  private readonly logger: Logger;
  private readonly runLog: RunLog;
  /** Where the log is to be cut before the next record, when an earlier state was loaded. */
  private resumedAt: { readonly log: LogPosition; readonly step: number } | undefined;

  private constructor(path: string, config: JsonObject, logger: Logger) {
    this.path = path;
    this.config = config;
    this.logger = logger;
    this.runLog = new RunLog(path);
  }

  /**
   * Starts a run in a new or empty folder.
   *
   * @param config everything that decides the run's results; kept in `config.json`
   * @throws OutputError when the folder is not empty and there is no run to replace in it, or it cannot be written.
   */
  static async create(
    path: string,
    config: JsonObject,
    { force = false, logger = silent }: CreateRunOptions = {},
  ): Promise<RunFolder> {
    await checkNewRun(path, { force });
    try {
      await mkdir(path, { recursive: true });
      await removeRun(path);
      await replaceFile(join(path, configName), [`${JSON.stringify({ format, config }, undefined, 2)}\n`]);
    } catch (cause) {
      throw cause instanceof OutputError ? cause : writeFailure(path, cause);
    }
    return new RunFolder(path, config, logger);
  }

  /**
   * Opens the folder of an earlier run to resume it.
   *
   * @throws InputError when it is no run folder.
   */
  static async open(path: string, { logger = silent }: OpenRunOptions = {}): Promise<RunFolder> {
    const config = await readConfig(path);
    await removeUnfinished(path);
    await removeUnfinished(join(path, checkpointsName));
    return new RunFolder(path, config, logger);
  }

  /**
   * Saves a state; it must not change meanwhile. A crash at any moment leaves the checkpoint before it whole, or this
   * one. The last two are kept.
   *
   * @throws OutputError when the disk is full or the folder cannot be written to.
   */
  async saveCheckpoint(state: TrainingState): Promise<void> {
    await this.cutLog();
    await saveState(join(this.path, checkpointsName), { state, log: await this.runLog.position() });
  }

  /**
   * The newest state that is whole; null when none was saved yet. What was logged after it is cut off before the
   * next record is logged or the next state is saved, so that the log reads as if the run had never stopped.
   *
   * @throws CheckpointError when there are checkpoints and all are damaged.
   */
  async loadCheckpoint(): Promise<TrainingState | null> {
    const saved = await newestState(join(this.path, checkpointsName), this.logger);
    this.resumedAt = { log: saved?.log ?? {}, step: saved?.state.progress.step ?? 0 };
    return saved?.state ?? null;
  }

  /** Saves the parameters that were best on the validation cells, in place of those before. */
  async saveBest(parameters: StateDict): Promise<void> {
    await replaceFile(join(this.path, bestName), encodeParameters(parameters));
  }

  /**
   * The best parameters; null when none were saved yet.
   *
   * @throws CheckpointError when the file is damaged.
   */
  async loadBest(): Promise<StateDict | null> {
    const path = join(this.path, bestName);
    return (await exists(path)) ? decodeParameters(await fileSource(path)) : null;
  }

  /**
   * Adds a record to `metrics.jsonl` and to the TensorBoard events.
   *
   * @throws OutputError when the disk is full; no half record is left.
   */
  async log(record: MetricsRecord): Promise<void> {
    await this.cutLog();
    await this.runLog.append(record);
  }

  private async cutLog(): Promise<void> {
    if (this.resumedAt === undefined) return;
    await this.runLog.cut(this.resumedAt.log, this.resumedAt.step);
    this.resumedAt = undefined;
  }
}

/**
 * Refuses a folder that no new run can be started in, before any work is done for it.
 *
 * @throws OutputError when it is no folder, or holds something else, or a run that is not to be replaced.
 */
export async function checkNewRun(
  path: string,
  { force = false }: Pick<CreateRunOptions, 'force'> = {},
): Promise<void> {
  await checkOutput(path, { force: true, folder: true });
  const names = await namesIn(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOTDIR') throw writeFailure(path, cause);
    throw new OutputError({
      what: 'a file of that name exists, and a folder is to be made',
      where: path,
      advice: 'Choose another name',
      reason: 'output_is_file',
      cause,
    });
  });
  if (names.some((name) => !isUnfinished(name))) await checkReplaced(path, force);
}

/** Refuses to replace what is no run, and a run that nobody asked to replace. */
async function checkReplaced(path: string, force: boolean): Promise<void> {
  const isRun = await readConfig(path).then(
    () => true,
    () => false,
  );
  if (isRun && force) return;
  throw new OutputError({
    what: isRun ? 'the folder holds a run already' : 'the folder is not empty, and what it holds is no run',
    where: path,
    advice: isRun
      ? 'Resume that run, replace it with --force, or choose another name'
      : 'Choose another name',
    reason: 'output_exists',
  });
}

/** Removes what a run wrote but its settings, by which the folder is known as a run until others replace them. */
async function removeRun(path: string): Promise<void> {
  const isWritten = (name: string) => name === checkpointsName || name === bestName || isLogFile(name);
  for (const name of (await namesIn(path)).filter(isWritten)) await rm(join(path, name), { recursive: true });
  await removeUnfinished(path);
}

async function readConfig(path: string): Promise<JsonObject> {
  const text = await readFile(join(path, configName), 'utf8').catch(async (cause: NodeJS.ErrnoException) => {
    const isThere = cause.code === 'ENOENT' && (await exists(path));
    throw noRun(path, isThere ? `it has no ${configName}` : whyNotOpened(cause, 'folder'), cause);
  });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw noRun(path, `its ${configName} is damaged`, cause);
  }
  if (!isJsonObject(content) || content.format !== format || !isJsonObject(content.config)) {
    throw noRun(path, `its ${configName} is not that of a run, or of another version`);
  }
  return content.config;
}

function noRun(path: string, why: string, cause?: unknown): InputError {
  return new InputError({
    what: `there is no run to resume here: ${why}`,
    where: path,
    expected: 'the folder of an earlier training run',
    reason: 'no_run',
    cause,
  });
}
