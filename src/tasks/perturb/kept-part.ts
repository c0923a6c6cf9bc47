/** @file One training of a screen as it is kept, so that it can be stopped and gone on with. */

import type { RunRecord } from '../../train/loop.ts';
import type { ResumedTraining } from '../fine-tuning/run-folder.ts';

/** Predicted changes of held-out perturbations, in their order. */
export type HeldOutChanges = readonly Float64Array[]; // [held out][genes]

/** A place to write to, and what was there. */
export interface KeptPart {
  readonly record: RunRecord;
  readonly resume: ResumedTraining | undefined;
  /** Keeps what was predicted at a look, 0 being that before training. */
  saveChanges(look: number, changes: HeldOutChanges): Promise<void>;
  changesAt(look: number): Promise<HeldOutChanges>;
}

/** Opens a part by its name, such as `fold-1`. */
export type OpenPart = (part: string) => Promise<KeptPart>;

/** Looks that an earlier run had taken. */
export function looksTaken(kept: Pick<KeptPart, 'resume'> | undefined): number {
  const progress = kept?.resume?.state.progress;
  return progress === undefined || progress.bestLoss === null ? 0 : progress.epoch;
}
