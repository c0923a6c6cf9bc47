/** @file Joins the parts that shards of one run wrote. */

import type { AnnData, Unstructured } from '../single-cell/anndata.ts';
import { concatenate } from '../single-cell/concatenate.ts';
import { openData } from '../single-cell/open.ts';
import { InputError } from '../support/errors.ts';
import type { Logger } from '../support/log.ts';
import type { RunControl } from '../support/progress.ts';
import { checkDataOutput, refuseReplacing, writeData } from './output.ts';

/** Options of {@link mergeShards}. */
export interface MergeOptions extends RunControl {
  readonly output: string;
  readonly force?: boolean | undefined;
  readonly logger?: Logger | undefined;
}

/** One opened part and what its run recorded. */
interface Part {
  readonly path: string;
  readonly data: AnnData;
  readonly record: Map<string, Unstructured>;
  readonly index: number;
  readonly count: number;
  /** Stands for the names of all cells that were split. */
  readonly cellsHash: string;
}

/**
 * Writes the cells of all parts in their original order.
 *
 * @throws InputError when a part is missing, twice, no part at all, or from a run with other settings
 */
export async function mergeShards(
  paths: readonly string[],
  { output, force, signal, logger }: MergeOptions,
): Promise<{ readonly cells: number; readonly shards: number }> {
  await checkDataOutput(output, { force });
  await refuseReplacing(output, paths);
  const opened: Part[] = [];
  try {
    for (const path of paths) opened.push(partOf(path, await openData(path)));
    const parts = inOrder(opened);
    const record = new Map(parts[0].record);
    record.delete('shard');
    for (const key of summed) {
      record.set(
        key,
        parts.reduce((sum, part) => sum + Number(part.record.get(key)), 0),
      );
    }
    const whole = concatenate(
      parts.map(({ data }) => data),
      { logger },
    );
    await writeData(whole, { uns: [['scgpt', record]] }, output, { force, signal });
    return { cells: whole.nObs, shards: parts.length };
  } finally {
    for (const { data } of opened) await data.close();
  }
}

function partOf(path: string, data: AnnData): Part {
  const record = data.uns.get('scgpt');
  data.uns.delete('scgpt'); // the parts' records differ in their shard: one is written for the whole
  const shard = record instanceof Map ? record.get('shard') : undefined;
  const number = (key: string) => (shard instanceof Map ? Number(shard.get(key)) : Number.NaN);
  const [index, count] = [number('index'), number('count')];
  if (record instanceof Map && Number.isInteger(index) && Number.isInteger(count)) {
    const cellsHash = shard instanceof Map ? String(shard.get('cells_hash')) : '';
    return { path, data, record, index, count, cellsHash };
  }
  throw new InputError({
    what: 'this is no part of a sharded run',
    where: `${path}, uns/scgpt`,
    expected: 'a file written by `scgpt embed --shard i/n`',
    reason: 'no_shard',
  });
}

function inOrder(parts: readonly Part[]): Part[] {
  const sorted = parts.toSorted((a, b) => a.index - b.index);
  const { count, record, path, cellsHash } = sorted[0];
  for (const part of sorted) {
    const difference =
      firstDifference(record, part.record) ??
      (part.count !== count ? 'numbers of shards' : undefined) ??
      (part.cellsHash !== cellsHash ? 'cells' : undefined);
    if (difference !== undefined) {
      throw new InputError({
        what: `this part and ${path} come from runs with different ${difference}`,
        where: part.path,
        advice: 'Merge the parts of one run only',
        reason: 'shards_differ',
      });
    }
  }
  const found = sorted.map(({ index }) => index);
  const wanted = Array.from({ length: count }, (_, i) => i + 1);
  const missing = wanted.filter((index) => !found.includes(index));
  const twice = wanted.filter((index) => found.filter((other) => other === index).length > 1);
  if (missing.length === 0 && twice.length === 0) return sorted;
  throw new InputError({
    what:
      missing.length > 0
        ? `part ${missing.join(', ')} of ${count} is missing`
        : `part ${twice.join(', ')} is given twice`,
    expected: `each of the ${count} parts once`,
    reason: 'shards_incomplete',
  });
}

/** Counts of cells, which add up. */
const summed = ['cells_without_genes', 'cells_at_max_length'];
/** What parts of one run may differ in. */
const perPart = new Set([...summed, 'shard', 'gene_match', 'input']);

function firstDifference(a: Map<string, Unstructured>, b: Map<string, Unstructured>): string | undefined {
  const text = (value: Unstructured | undefined): string =>
    value instanceof Map
      ? JSON.stringify([...value].map(([key, entry]) => [key, text(entry)]))
      : String(value);
  return [...new Set([...a.keys(), ...b.keys()])].find(
    (key) => !perPart.has(key) && text(a.get(key)) !== text(b.get(key)),
  );
}
