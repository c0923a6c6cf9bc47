/** @file Whether annotations of two inputs say the same, so that one of them can stand for both. */

import type { Annotation, Unstructured } from '../anndata.ts';
import { DataFrame } from '../data-frame.ts';
import type { NumericArray } from '../matrix.ts';

/** Compares by content; matrices that are read lazily are the same only if they are one object. */
export function sameContent(a: Annotation | Unstructured, b: Annotation | Unstructured): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Map || b instanceof Map) {
    return a instanceof Map && b instanceof Map && sameEntries(a, b);
  }
  if (a instanceof DataFrame || b instanceof DataFrame) {
    return a instanceof DataFrame && b instanceof DataFrame && sameFrame(a, b);
  }
  return 'kind' in a && 'kind' in b && sameFields(a, b);
}

function sameEntries(a: ReadonlyMap<string, Unstructured>, b: ReadonlyMap<string, Unstructured>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.has(key) && sameContent(value, b.get(key)!));
}

function sameFrame(a: DataFrame, b: DataFrame): boolean {
  return (
    sameList(a.index, b.index) &&
    a.columns.size === b.columns.size &&
    [...a.columns].every(([name, column]) => b.columns.has(name) && sameFields(column, b.columns.get(name)!))
  );
}

/** Objects of plain fields: lists and typed arrays element by element, maps entry by entry. */
export function sameFields(a: object, b: object): boolean {
  const keys = fieldNames(a);
  return (
    keys.length === fieldNames(b).length &&
    keys.every((key) => sameField((a as Fields)[key], (b as Fields)[key]))
  );
}

type Fields = Record<string, unknown>;

/** `values` may be a getter of the prototype. */
function fieldNames(value: object): string[] {
  return [
    'kind',
    'dtype',
    'shape',
    'length',
    'values',
    'missing',
    'fields',
    'codes',
    'categories',
    'ordered',
    'path',
  ].filter((key) => key in value);
}

function sameField(a: unknown, b: unknown): boolean {
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && sameFields(value, b.get(key)));
  }
  if (Array.isArray(a) && Array.isArray(b)) return sameList(a, b);
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) return sameList(a as NumericArray, b as NumericArray);
  return Object.is(a, b);
}

function sameList(a: ArrayLike<unknown>, b: ArrayLike<unknown>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
