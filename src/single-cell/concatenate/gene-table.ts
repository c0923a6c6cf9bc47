/** @file The var tables of several inputs as one: what they agree on. */

import { type Column, categorical, columnStrings, DataFrame } from '../data-frame.ts';
import { columnRows } from '../subset.ts';
import { sameFields } from './equal.ts';
import type { GeneJoin } from './genes.ts';

/**
 * The columns that every input has and in which they agree wherever they share a gene.
 *
 * @param dropped takes the paths of the other columns
 */
export function joinGeneTables(
  frames: readonly DataFrame[],
  genes: GeneJoin,
  path: 'var' | 'raw/var',
  dropped: string[],
): DataFrame {
  const names = new Set(frames.flatMap((frame) => [...frame.columns.keys()]));
  const columns: [string, Column][] = [];
  for (const name of names) {
    const parts = frames.flatMap((frame) => frame.columns.get(name) ?? []);
    const joined = parts.length === frames.length ? agreed(parts, genes) : undefined;
    if (joined === undefined) dropped.push(`${path}/${name}`);
    else columns.push([name, joined]);
  }
  const indexNames = new Set(frames.map(({ indexName }) => indexName));
  return new DataFrame(genes.names, columns, indexNames.size === 1 ? frames[0].indexName : null);
}

function agreed(parts: readonly Column[], genes: GeneJoin): Column | undefined {
  if (genes.identical && parts.every((part) => sameFields(part, parts[0]))) return parts[0];
  return textKinds(parts) ? agreedText(parts, genes) : agreedNumbers(parts, genes);
}

const textKinds = (parts: readonly Column[]) =>
  parts.every(({ kind }) => kind === 'string' || kind === 'categorical');

function agreedText(parts: readonly Column[], genes: GeneJoin): Column | undefined {
  const values = new Array<string | null | undefined>(genes.names.length).fill(undefined);
  for (const [i, part] of parts.entries()) {
    for (const [own, value] of columnStrings(part).entries()) {
      const place = genes.places[i][own];
      if (place < 0) continue;
      if (values[place] !== undefined && values[place] !== value) return undefined;
      values[place] = value;
    }
  }
  const texts = values as (string | null)[]; // every gene is of some input
  return parts.every(({ kind }) => kind === 'categorical')
    ? categorical(texts)
    : { kind: 'string', values: texts };
}

/** For numbers and truth values of one kind and dtype: takes each gene's value from the first input that has it. */
function agreedNumbers(parts: readonly Column[], genes: GeneJoin): Column | undefined {
  const [first] = parts;
  const alike = parts.every(
    (part) => part.kind === first.kind && (!('dtype' in part) || part.dtype === (first as typeof part).dtype),
  );
  if (!alike || (first.kind !== 'number' && first.kind !== 'boolean')) return undefined;
  const values = new Float64Array(genes.names.length);
  const known = new Uint8Array(genes.names.length);
  for (const [i, part] of (parts as (typeof first)[]).entries()) {
    for (let own = 0; own < part.values.length; own++) {
      const place = genes.places[i][own];
      if (place < 0) continue;
      if (known[place] === 1 && !Object.is(values[place], part.values[own])) return undefined;
      known[place] = 1;
      values[place] = part.values[own];
    }
  }
  const shaped = columnRows(first, new Int32Array(values.length)); // an array of the right kind and length
  (shaped as typeof first).values.set(values);
  return shaped;
}
