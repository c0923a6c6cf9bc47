/** @file Whether a run may be resumed with the settings given now. */

import { InputError } from '../../support/errors.ts';
import { plural } from '../../support/words.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';

/** What is compared, and how to call it. */
export interface SameRunOptions {
  /**
   * Keys that may change when a run is resumed, such as `epochs` or `threads`; `data.path` names a key inside an
   * object, and an object's name frees all its keys. Default: none.
   */
  readonly free?: readonly string[] | undefined;
  /** What to call the run in the message, such as its folder. */
  readonly where?: string | undefined;
}

/** Longer values, such as lists of genes, are cut in messages. */
const longestValue = 60;

/**
 * Refuses to resume a run with another model, other data or other settings. The order of keys does not matter.
 *
 * @param saved the configuration the run was started with
 * @param now the configuration it is to be resumed with
 * @throws InputError that names each differing key with both values.
 */
export function checkSameRun(
  saved: JsonObject,
  now: JsonObject,
  { free = [], where }: SameRunOptions = {},
): void {
  const before = leaves(saved);
  const after = leaves(now);
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  const isFree = (key: string) => free.some((name) => key === name || key.startsWith(`${name}.`));
  const differing = keys.filter((key) => !isFree(key) && before.get(key) !== after.get(key));
  if (differing.length === 0) return;
  const differences = differing.map(
    (key) => `${key} was ${shown(before.get(key))}, now ${shown(after.get(key))}`,
  );
  throw new InputError({
    what: `${plural(differing.length, 'setting differs', 'settings differ')} from the run to resume: ${differences.join('; ')}`,
    where,
    advice:
      'Resume it with the settings, model and data it was started with, or start a new run in another folder',
    reason: 'other_run',
  });
}

/** The JSON texts of a configuration's values by their dotted keys. Lists are values; empty objects are too. */
function leaves(config: JsonObject, prefix = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(config)) {
    const key = `${prefix}${name}`;
    if (isJsonObject(value) && Object.keys(value).length > 0) {
      for (const [inner, text] of leaves(value, `${key}.`)) found.set(inner, text);
    } else {
      found.set(key, JSON.stringify(ordered(value)));
    }
  }
  return found;
}

/** The same value with the keys of objects inside lists in alphabetic order. */
function ordered(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isJsonObject(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, ordered(value[name])]));
}

function shown(text: string | undefined): string {
  if (text === undefined) return 'not given';
  return text.length <= longestValue ? text : `${text.slice(0, longestValue)}… (${text.length} characters)`;
}
