/** @file The run folder of a fine-tuning: a new one, or an earlier run's that is gone on with. */

import { UsageError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { StateDict } from '../../support/tensor.ts';
import type { RunRecord } from '../../train/loop.ts';
import type { JsonObject } from '../../train/run/json.ts';
import { checkNewRun, RunFolder } from '../../train/run/run-folder.ts';
import { checkSameRun } from '../../train/run/same-run.ts';
import type { TrainingState } from '../../train/run/training-state.ts';

/** Where the run is kept. */
export interface RunPlace {
  readonly run?: string | undefined;
  readonly resume?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly logger: Logger;
}

/** Where an earlier run stood. */
export interface ResumedTraining {
  readonly state: TrainingState;
  readonly best: StateDict;
}

/** A place to write to, and what was there. */
export interface OpenRun {
  readonly record?: (() => Promise<RunRecord>) | undefined;
  readonly resume?: ResumedTraining | undefined;
}

/**
 * Opens the folder of a run; nothing without one.
 *
 * @param config what decides the run's result
 * @param free entries of it that may change when a run is resumed
 * @throws UsageError for a resume without a folder
 * @throws InputError when an earlier run there was another
 * @throws OutputError when there is something else
 */
export async function openRun(
  { run, resume = false, force, logger }: RunPlace,
  config: JsonObject,
  free: readonly string[],
): Promise<OpenRun> {
  if (run === undefined) {
    if (!resume) return {};
    throw new UsageError({
      what: 'it is not said which run to go on with',
      expected: '--run with the folder of the run',
      reason: 'run',
    });
  }
  if (!resume) {
    await checkNewRun(run, { force });
    return { record: () => RunFolder.create(run, config, { force, logger }) };
  }
  const folder = await RunFolder.open(run, { logger });
  checkSameRun(folder.config, config, { free, where: run });
  const record = async () => folder;
  const state = await folder.loadCheckpoint();
  if (state === null) {
    logger.warning('the run has no checkpoint yet and begins anew');
    return { record };
  }
  return { record, resume: { state, best: (await folder.loadBest()) ?? state.parameters } };
}
