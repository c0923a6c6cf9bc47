/** @file The run folder of a fine-tuning for annotation: what decides it, and where an earlier one stood. */

import type { LoadedModel } from '../../model/folder.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { KeyHash } from '../../support/random.ts';
import type { JsonObject } from '../../train/run/json.ts';
import { type OpenRun, openRun, type RunPlace } from '../fine-tuning/run-folder.ts';
import type { AnnotateSettings } from './settings.ts';

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
  place: RunPlace,
  settings: AnnotateSettings,
  model: LoadedModel,
  reference: RunReference,
): Promise<OpenRun> {
  const config: JsonObject = {
    task: 'annotate',
    model: { name: model.name, hash: model.hash },
    settings: { ...settings },
    reference: { source: reference.label, label: reference.column, content: contentHash(reference) },
  };
  return openRun(place, config, free);
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
