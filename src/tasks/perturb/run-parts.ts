/** @file The run folder of a screen's training: one run for each group that is held out and one for all. Node only. */

import { join } from 'node:path';
import { fileSource } from '../../model/checkpoint/node-source.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { KeyHash } from '../../support/random.ts';
import { exists, replaceFile } from '../../train/run/files-on-disk.ts';
import type { JsonObject } from '../../train/run/json.ts';
import { RunFolder } from '../../train/run/run-folder.ts';
import { checkSameRun } from '../../train/run/same-run.ts';
import { decodeParameters, encodeParameters } from '../../train/run/state-file.ts';
import { openRun, type ResumedTraining, type RunPlace } from '../fine-tuning/run-folder.ts';
import type { HeldOutChanges, KeptPart, OpenPart } from './kept-part.ts';
import type { ScreenOfFile } from './screen-data.ts';
import type { PerturbSettings } from './settings.ts';

/** What may change when a run is resumed. */
const free = ['model.name'];

/** What decides a run's result. */
export interface ScreenRun {
  readonly screen: ScreenOfFile;
  readonly model: Pick<LoadedModel, 'name' | 'hash'>;
  readonly settings: PerturbSettings;
  /** The text of the gene sets. */
  readonly geneSets: string;
}

/**
 * Opens the folder of a run; nothing without one.
 *
 * @throws UsageError for a resume without a folder
 * @throws InputError when an earlier run there was another
 * @throws OutputError when there is something else
 */
export async function openScreenRun(place: RunPlace, about: ScreenRun): Promise<OpenPart | undefined> {
  const { run, resume = false, logger } = place;
  const config = configOf(about);
  if (run === undefined || !resume) {
    await (await openRun(place, config, free)).record?.();
  } else {
    checkSameRun((await RunFolder.open(run, { logger })).config, config, { free, where: run });
  }
  if (run === undefined) return undefined;
  return async (part) => {
    const path = join(run, part);
    const isThere = resume && (await exists(path));
    const folder = isThere
      ? await RunFolder.open(path, { logger })
      : await RunFolder.create(path, { ...config, part }, { force: true, logger });
    return keptPart(path, folder, isThere ? await stateOf(folder) : undefined);
  };
}

/** Where it stood; undefined before its first checkpoint. */
async function stateOf(folder: RunFolder): Promise<ResumedTraining | undefined> {
  const state = await folder.loadCheckpoint();
  return state === null ? undefined : { state, best: (await folder.loadBest()) ?? state.parameters };
}

function keptPart(path: string, record: RunFolder, resume: ResumedTraining | undefined): KeptPart {
  const fileOf = (look: number): string => join(path, `held-out-${look}.safetensors`);
  return {
    record,
    resume,
    async saveChanges(look, changes) {
      await replaceFile(fileOf(look), encodeParameters(asTensors(changes)));
    },
    async changesAt(look) {
      const read = await decodeParameters(await fileSource(fileOf(look)));
      return [...read.values()].map(({ data }) => data as Float64Array);
    },
  };
}

function asTensors(changes: HeldOutChanges) {
  return new Map(
    changes.map((data, unit) => [`${unit}`, { dtype: 'float64' as const, shape: [data.length], data }]),
  );
}

function configOf({ screen, model, settings, geneSets }: ScreenRun): JsonObject {
  const { column, conditions, control } = screen.screen;
  return {
    task: 'perturb',
    model: { name: model.name, hash: model.hash },
    settings: { ...settings },
    screen: { column, control: conditions[control].name, content: contentHash(screen) },
    geneSets: new KeyHash().text(geneSets).hexadecimal(),
  };
}

/** A hash of genes, cells, what was done to them, where they belong, and mean profiles of control cells. */
function contentHash({ genes, screen, strata, contextOf, profiles }: ScreenOfFile): string {
  const hash = new KeyHash();
  for (const gene of genes) hash.text(gene);
  for (const code of screen.codes) hash.number(code);
  strata.forEach(({ name, control, perturbed }, stratum) => {
    hash.text(name).number(contextOf[stratum]);
    for (const rows of perturbed.values()) for (const row of rows) hash.number(row);
    for (const value of profiles.mean(control)) hash.number(value);
  });
  return hash.hexadecimal();
}
