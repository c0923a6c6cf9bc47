/** @file The obs tables of several inputs as one, with unique names and a batch column. */

import type { Logger } from '../../support/log.ts';
import { type Column, DataFrame } from '../data-frame.ts';
import { joinColumn } from './columns.ts';

/** How the cells of several inputs are told apart. */
export interface CellJoin {
  readonly keys: readonly string[];
  /** Append the keys to names that collide. */
  readonly renames: boolean;
  readonly batchKey: string | undefined;
}

/** Puts the cells below one another. */
export function joinCells(
  frames: readonly DataFrame[],
  { keys, renames, batchKey }: CellJoin,
  logger: Logger,
): DataFrame {
  const names = new Set(frames.flatMap((frame) => [...frame.columns.keys()]));
  const columns: [string, Column][] = Array.from(names, (name) => {
    const parts = frames.map((frame) => ({ column: frame.columns.get(name), length: frame.length }));
    return [name, joinColumn(parts)];
  });
  if (batchKey !== undefined) columns.push([batchKey, batchColumn(frames, keys)]);
  const indexNames = new Set(frames.map(({ indexName }) => indexName));
  const index = renames ? uniqueNames(frames, keys, logger) : frames.flatMap((frame) => frame.index);
  return new DataFrame(index, columns, indexNames.size === 1 ? frames[0].indexName : null);
}

function batchColumn(frames: readonly DataFrame[], keys: readonly string[]): Column {
  const codes = frames.flatMap((frame, input) => new Array<number>(frame.length).fill(input));
  return { kind: 'categorical', codes: Int32Array.from(codes), categories: [...keys], ordered: false };
}

function uniqueNames(frames: readonly DataFrame[], keys: readonly string[], logger: Logger): string[] {
  const inputOf = new Map<string, number>();
  let collisions = 0;
  for (const [input, { index }] of frames.entries()) {
    for (const name of index) {
      const other = inputOf.get(name);
      if (other !== undefined && other !== input) collisions++;
      inputOf.set(name, input);
    }
  }
  if (collisions === 0) return frames.flatMap((frame) => frame.index);
  logger.warning(
    `${collisions} cell names are in several inputs; -${keys.join(', -')} is appended to all names`,
  );
  return frames.flatMap((frame, input) => frame.index.map((name) => `${name}-${keys[input]}`));
}
