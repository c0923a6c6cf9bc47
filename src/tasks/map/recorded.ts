/** @file What an AnnData says of the embedding it comes with, and whether query cells can be embedded alike. */

import type { LoadedModel } from '../../model/folder.ts';
import type { AnnData, DenseArray, Unstructured } from '../../single-cell/anndata.ts';
import type { BinningMode } from '../../single-cell/binning.ts';
import { DataFrame } from '../../single-cell/data-frame.ts';
import { InputError, UsageError } from '../../support/errors.ts';
import type { EmbedOptions } from '../embed/embed.ts';

/** The choices that cells must share to be compared. */
export interface ComparableSettings {
  readonly maxLength: number;
  readonly binning: BinningMode;
  readonly seed: number;
  readonly precision: 'float32' | 'int8';
}

/** An embedding and how it was made. */
export interface RecordedEmbedding {
  readonly embedding: DenseArray; // [cells, d]
  /** uns/scgpt as it was found. */
  readonly record: ReadonlyMap<string, Unstructured>;
  readonly settings: ComparableSettings;
  /** The set of the model's genes that it was made from. */
  readonly panelHash: string;
}

/**
 * The embedding that a reference comes with, if it is by scgpt; null without one.
 *
 * @throws InputError when it is by another model, or only a part of what was embedded
 * @throws UsageError when the options ask for other settings
 */
export function recordedEmbedding(
  reference: AnnData,
  model: LoadedModel,
  options: EmbedOptions,
): RecordedEmbedding | null {
  const embedding = reference.obsm.get('X_scGPT');
  const record = reference.uns.get('scgpt');
  if (embedding === undefined || embedding instanceof DataFrame || !('kind' in embedding)) return null;
  if (!(record instanceof Map)) return null;
  const where = `${reference.source ?? 'reference'}, uns/scgpt`;
  checkModel(record, model, where);
  const settings = settingsOf(record, where);
  checkSettings(settings, options, where);
  const match = record.get('gene_match');
  return {
    embedding,
    record,
    settings,
    panelHash: match instanceof Map ? String(match.get('panel_hash')) : '',
  };
}

const again =
  'Embed the reference again with --embed-again, which needs its expression, or give what it was embedded with';

function checkModel(record: ReadonlyMap<string, Unstructured>, model: LoadedModel, where: string): void {
  const by = record.get('model');
  const hash = by instanceof Map ? by.get('hash') : undefined;
  if (hash === model.hash) return;
  const name = by instanceof Map ? String(by.get('name')) : 'an unknown model';
  throw new InputError({
    what: `the reference was embedded with another model: ${name} (${String(hash).slice(0, 12)})`,
    where,
    expected: `${model.name} (${model.hash.slice(0, 12)}), the model of this run; embeddings by different models cannot be compared`,
    advice: again,
    reason: 'other_model',
  });
}

function settingsOf(record: ReadonlyMap<string, Unstructured>, where: string): ComparableSettings {
  const [maxLength, seed] = [record.get('max_length'), record.get('seed')];
  const [binning, precision] = [record.get('binning'), record.get('precision')];
  const known =
    typeof maxLength === 'number' &&
    typeof seed === 'number' &&
    (binning === 'left' || binning === 'random' || binning === 'midpoint') &&
    (precision === 'float32' || precision === 'int8');
  if (known) return { maxLength, seed, binning, precision };
  throw new InputError({
    what: 'the record of how the reference was embedded is not whole',
    where,
    expected: 'max_length, binning, seed and precision',
    advice: again,
    reason: 'record',
  });
}

/** Settings that were not asked for are taken from the reference. */
function checkSettings(settings: ComparableSettings, options: EmbedOptions, where: string): void {
  for (const name of ['maxLength', 'binning', 'seed', 'precision'] as const) {
    if (options[name] === undefined || options[name] === settings[name]) continue;
    throw new UsageError({
      what: `the reference was embedded with ${name} ${settings[name]}, and ${options[name]} is asked for`,
      where,
      expected: 'the same settings on both sides: leave the option out to take those of the reference',
      advice: again,
      reason: 'other_settings',
    });
  }
}
