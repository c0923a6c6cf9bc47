/** @file Reading an HDF5 file as MuData: its modalities under `mod/`, each laid out as an h5ad file. */

import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import { AnnData } from '../anndata.ts';
import { readParts, readTables } from '../encoding/read.ts';
import { type ElementStore, join } from '../encoding/store.ts';
import { MuData } from './mudata.ts';

/** True for a store that holds modalities. */
export function holdsModalities(store: ElementStore): boolean {
  return store.isGroup('mod');
}

/**
 * Reads tables and opens matrices of every modality. Names of cells of a modality are its own: `obsmap` is not needed,
 * and not trusted where it disagrees with names.
 *
 * @throws InputError when there is no modality, or one is broken
 */
export async function readMuData(store: ElementStore, logger: Logger): Promise<MuData> {
  const names = modalityNames(store);
  if (names.length === 0) {
    throw new InputError({
      what: 'there is no modality',
      where: store.where('mod'),
      expected: 'groups such as mod/rna and mod/atac',
      reason: 'no_modality',
    });
  }
  const modalities: [string, AnnData][] = [];
  for (const name of names) {
    const { onClose: _, ...parts } = await readParts(within(store, join('mod', name)), logger);
    modalities.push([name, new AnnData(parts)]);
  }
  const whole = store.has('obs') && store.has('var') ? await readTables(store, logger) : undefined;
  return new MuData({
    modalities,
    ...whole,
    source: store.path,
    onClose: () => store.close(),
  });
}

/** In the order that the file states, else by name. */
function modalityNames(store: ElementStore): string[] {
  const names = store.keys('mod');
  const order = store.attribute('mod', 'mod-order');
  if (!Array.isArray(order)) return names;
  return [...order.filter((name) => names.includes(name)), ...names.filter((name) => !order.includes(name))];
}

/** A group of a store as a store of its own. */
function within(store: ElementStore, root: string): ElementStore {
  const at = (path: string) => join(root, path);
  return {
    path: store.where(root),
    where: (path) => store.where(at(path)),
    has: (path) => store.has(at(path)),
    isGroup: (path) => store.isGroup(at(path)),
    isDataset: (path) => store.isDataset(at(path)),
    keys: (path) => store.keys(at(path)),
    attribute: (path, name) => store.attribute(at(path), name),
    text: (path, name) => store.text(at(path), name),
    dataset: (path) => store.dataset(at(path)),
    target: (path, reference) => store.target(at(path), reference),
    close: () => undefined,
  };
}
