/** @file The run folder of a fine-tuning for annotation: what decides it, and where an earlier one stood. */

import type { LoadedModel } from '../../model/folder.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { UsageError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import { KeyHash } from '../../support/random.ts';
import type { JsonObject } from '../../train/run/json.ts';
import { checkNewRun, RunFolder } from '../../train/run/run-folder.ts';
import { checkSameRun } from '../../train/run/same-run.ts';
import type { FitOptions } from './fit.ts';
import type { AnnotateSettings } from './settings.ts';

/** Where the run is kept. */
export interface RunPlace {
  readonly run?: string | undefined;
  readonly resume?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly logger: Logger;
}

/** The reference of a run. */
export interface RunReference {
  readonly data: AnnData;
  readonly label: string;
  /** The column with the labels. */
  readonly column: string;
}

/** What may change when a run is resumed. */
const free = ['model.name', 'reference.source'];

/**
 * Opens the folder of a run; nothing without one.
 *
 * @throws UsageError for a resume without a folder
 * @throws InputError when an earlier run there was another
 * @throws OutputError when there is something else
 */
export async function openAnnotationRun(
  { run, resume = false, force, logger }: RunPlace,
  settings: AnnotateSettings,
  model: LoadedModel,
  reference: RunReference,
): Promise<Pick<FitOptions, 'record' | 'resume'>> {
  if (run === undefined) {
    if (!resume) return {};
    throw new UsageError({
      what: 'it is not said which run to go on with',
      expected: '--run with the folder of the run',
      reason: 'run',
    });
  }
  const config: JsonObject = {
    task: 'annotate',
    model: { name: model.name, hash: model.hash },
    settings: { ...settings },
    reference: { source: reference.label, label: reference.column, content: contentHash(reference) },
  };
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

/** A hash of cells' names and labels. */
function contentHash({ data, column }: RunReference): string {
  const hash = new KeyHash();
  const labels = data.obs.columns.has(column) ? data.obs.strings(column) : [];
  data.obs.index.forEach((name, cell) => {
    hash.text(name).text(labels[cell] ?? '');
  });
  return hash.hexadecimal();
}
