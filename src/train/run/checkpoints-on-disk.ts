/** @file The checkpoints of a run: the last two, each one file. Node only. */

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileSource } from '../../model/checkpoint/node-source.ts';
import { CheckpointError, isScgptError, OutputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import { writeFailure } from '../../support/write-file.ts';
import { namesIn, replaceFile } from './files-on-disk.ts';
import { decodeState, encodeState, type SavedState } from './state-file.ts';

/** Two, so that one is left when the newest turns out to be damaged. */
const kept = 2;
const namePattern = /^step-(\d{9,})\.safetensors$/;

/**
 * Saves a state beside those before it, then removes all but the last two of its course. Checkpoints of later steps
 * belong to a course that was left, because they were damaged, and are removed too.
 *
 * @throws OutputError when the disk is full or the folder cannot be written to; the checkpoints before stay.
 */
export async function saveState(folder: string, saved: SavedState): Promise<void> {
  const { step } = saved.state.progress;
  const name = `step-${String(step).padStart(9, '0')}.safetensors`;
  const parts = encodeState(saved);
  try {
    await mkdir(folder, { recursive: true });
    await replaceFile(join(folder, name), parts);
    const there = await checkpointsIn(folder);
    const course = there.filter((checkpoint) => checkpoint.step <= step).slice(0, kept);
    for (const checkpoint of there) if (!course.includes(checkpoint)) await rm(join(folder, checkpoint.name));
  } catch (cause) {
    const { what, where, reason } = isScgptError(cause) ? cause : writeFailure(folder, cause);
    throw new OutputError({
      what: `the checkpoint of step ${step} could not be saved: ${what}`,
      where,
      advice: 'The checkpoints before it are whole: put right what is wrong, then resume the run',
      reason,
      cause,
    });
  }
}

/**
 * Reads the newest state that is whole, with a warning for each that is not; null when none was saved yet.
 *
 * @throws CheckpointError when there are checkpoints and all are damaged.
 */
export async function newestState(folder: string, logger: Logger): Promise<SavedState | null> {
  const there = await checkpointsIn(folder);
  const failures: CheckpointError[] = [];
  for (const { name, step } of there) {
    try {
      const saved = await decodeState(await fileSource(join(folder, name)));
      if (failures.length > 0)
        logger.warning(`The run goes on from the checkpoint of step ${step}, before it.`);
      return saved;
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      logger.warning(`The checkpoint of step ${step} cannot be used. ${error.message}`);
      failures.push(error);
    }
  }
  if (failures.length === 0) return null;
  throw new CheckpointError({
    what: `none of its checkpoints can be used: ${failures[0].what}`,
    where: folder,
    advice: 'Restore them from a copy, or start a new run',
    reason: 'training_state',
    cause: failures[0],
  });
}

/** The checkpoints in a folder, the newest first. */
async function checkpointsIn(folder: string): Promise<{ name: string; step: number }[]> {
  return (await namesIn(folder))
    .flatMap((name) => {
      const step = namePattern.exec(name)?.[1];
      return step === undefined ? [] : [{ name, step: Number(step) }];
    })
    .sort((a, b) => b.step - a.step);
}
