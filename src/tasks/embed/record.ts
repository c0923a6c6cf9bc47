/** @file What a run writes into uns/scgpt, so that its numbers can be traced and repeated. */

import type { LoadedModel } from '../../model/folder.ts';
import type { Unstructured } from '../../single-cell/anndata.ts';
import { KeyHash } from '../../support/random.ts';
import { version } from '../../support/version.ts';
import { modelRecord } from '../model.ts';
import type { EmbedResult } from './embed.ts';
import type { Shard } from './shard.ts';

/** A part of the cells, and the names of all. */
export interface ShardOf {
  readonly shard: Shard;
  readonly cells: readonly string[];
}

/** The entries of uns/scgpt. Thread count and batch size are left out: they change no number. */
export function runRecord(
  { settings, prepared, conditions, emptyCells, fullCells }: EmbedResult,
  model: LoadedModel,
  part?: ShardOf,
): Map<string, Unstructured> {
  const { geneMatch, diagnosis, panel } = prepared;
  const record = new Map<string, Unstructured>([
    ['version', version],
    [
      'model',
      new Map<string, Unstructured>([...modelRecord(model), ['vocabulary_hash', model.vocabulary.hash]]),
    ],
    ['matrix', settings.matrix],
    ['max_length', settings.maxLength],
    ['binning', settings.binning],
    ['bins', settings.bins],
    ['seed', settings.seed],
    ['precision', settings.precision],
    ['device', settings.device],
    ['input', diagnosis.kind],
    [
      'gene_match',
      new Map<string, Unstructured>([
        ['genes', geneMatch.genes],
        ['matched', geneMatch.matched],
        ['tokens', geneMatch.tokens],
        ['count_share', geneMatch.countShare ?? Number.NaN],
        ['names_in', geneMatch.column?.column ?? 'index'],
        ['panel_hash', panelHash(panel.tokenIds)],
      ]),
    ],
    ['cells_without_genes', emptyCells.length],
    ['cells_at_max_length', fullCells],
  ]);
  if (conditions.length > 0) {
    record.set('conditions', new Map(conditions.map(({ name, from }) => [name, from ?? 'not given'])));
  }
  if (part !== undefined) {
    record.set(
      'shard',
      new Map<string, Unstructured>([
        ['index', part.shard.index],
        ['count', part.shard.count],
        ['cells_hash', cellsHash(part.cells)],
      ]),
    );
  }
  return record;
}

/** The names of all cells that were split: parts with another hash belong to other data. */
function cellsHash(cells: readonly string[]): string {
  const hash = new KeyHash();
  for (const cell of cells) hash.text(cell);
  return hash.hexadecimal();
}

/** The set of genes the model could see: bins depend on it, so embeddings of equal cells differ between panels. */
export function panelHash(tokenIds: Int32Array): string {
  const hash = new KeyHash();
  for (const id of tokenIds) hash.word(id);
  return hash.hexadecimal();
}
