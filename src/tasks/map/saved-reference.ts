/** @file A reference index on disk: an AnnData of labels and embeddings, without expression, that scanpy can read. */

import type { Grouping } from '../../analysis/groups.ts';
import { AnnData, type Unstructured } from '../../single-cell/anndata.ts';
import { DataFrame } from '../../single-cell/data-frame.ts';
import type { Vocabulary } from '../../single-cell/vocabulary.ts';
import { InputError } from '../../support/errors.ts';
import { version } from '../../support/version.ts';
import type { Calibration } from './calibration.ts';
import type { EmbeddedReference } from './reference.ts';

/** Where a saved reference says that it is one. */
const key = 'scgpt_reference';

/** What a saved reference knows of itself. */
export interface SavedReference {
  /** Columns of obs with labels. */
  readonly labels: readonly string[];
  readonly neighbours: number;
  /** By label column, of so many neighbours. */
  readonly calibrations: ReadonlyMap<string, Calibration>;
}

/**
 * A reference as it is saved: obs has the labels, var the model's genes that were embedded, obsm/X_scGPT the
 * embedding, uns/scgpt how it was made, uns/scgpt_reference the labels and the thresholds learnt on held-out cells.
 */
export function referenceToSave(
  { names, labels, points, tokens, record }: EmbeddedReference,
  calibrations: ReadonlyMap<string, Calibration>,
  neighbours: number,
  vocabulary: Vocabulary,
): AnnData {
  return new AnnData({
    obs: new DataFrame(
      names,
      labels.map(({ name, codes, groups }) => [
        name,
        { kind: 'categorical', codes, categories: groups, ordered: false },
      ]),
    ),
    var: new DataFrame(Array.from(tokens, (token) => vocabulary.tokens[token])),
    obsm: [
      [
        'X_scGPT',
        {
          kind: 'dense',
          dtype: points.values instanceof Float64Array ? 'float64' : 'float32',
          shape: [points.count, points.dimensions],
          values: points.values,
        },
      ],
    ],
    uns: [
      ['scgpt', new Map(record)],
      [
        key,
        new Map<string, Unstructured>([
          ['version', version],
          ['labels', { kind: 'strings', shape: [labels.length], values: labels.map(({ name }) => name) }],
          ['neighbours', neighbours],
          ['held_out', new Map(Array.from(calibrations, ([name, of]) => [slot(labels, name), entries(of)]))],
        ]),
      ],
    ],
  });
}

/** Columns may have slashes, keys may not: calibrations go by the place of their column. */
function slot(labels: readonly Grouping[], name: string): string {
  return String(labels.findIndex((label) => label.name === name));
}

/** `usualDistance` as it is written: `usual_distance`. */
const written = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A calibration as entries of uns. */
export function entries(calibration: Calibration): Map<string, Unstructured> {
  return new Map(Object.entries(calibration).map(([field, value]) => [written(field), value]));
}

/** What a saved reference says of itself; null for other data. */
export function savedReference(data: AnnData): SavedReference | null {
  const found = data.uns.get(key);
  if (!(found instanceof Map)) return null;
  const labels = found.get('labels');
  const neighbours = found.get('neighbours');
  const heldOut = found.get('held_out');
  if (!isTextArray(labels) || typeof neighbours !== 'number' || !(heldOut instanceof Map)) {
    throw broken(data, 'labels, neighbours and held_out');
  }
  const names = labels.values.map(String);
  return {
    labels: names,
    neighbours,
    calibrations: new Map(
      Array.from(heldOut, ([place, value]) => [names[Number(place)], calibrationOf(data, value)]),
    ),
  };
}

function isTextArray(value: Unstructured | undefined): value is Extract<Unstructured, { kind: 'strings' }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'strings';
}

function calibrationOf(data: AnnData, value: Unstructured): Calibration {
  const number = (field: keyof Calibration): number => {
    const found = value instanceof Map ? numberOf(value.get(written(field))) : undefined;
    if (found === undefined) throw broken(data, `a number under held_out/.../${written(field)}`);
    return found;
  };
  return {
    cells: number('cells'),
    accuracy: number('accuracy'),
    score: number('score'),
    distance: number('distance'),
    usualDistance: number('usualDistance'),
    keptRight: number('keptRight'),
    rejectedWrong: number('rejectedWrong'),
  };
}

function numberOf(value: Unstructured | undefined): number | undefined {
  if (typeof value === 'number') return value;
  const scalar = typeof value === 'object' && value !== null && 'shape' in value && 'kind' in value;
  return scalar && value.kind === 'dense' && value.shape.length === 0 ? value.values[0] : undefined;
}

function broken(data: AnnData, expected: string): InputError {
  return new InputError({
    what: 'the saved reference is not whole',
    where: `${data.source ?? 'reference'}, uns/${key}`,
    expected,
    advice: 'Save it again with --save-reference',
    reason: 'saved_reference',
  });
}

/**
 * The model's genes that a saved reference was embedded with.
 *
 * @throws InputError when one is no gene of the model
 */
export function savedPanel(data: AnnData, vocabulary: Vocabulary): Int32Array {
  return Int32Array.from(data.var.index, (name) => {
    const token = vocabulary.id(name);
    if (token === undefined) throw broken(data, `genes of the model in var, not '${name}'`);
    return token;
  });
}
