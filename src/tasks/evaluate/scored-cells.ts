/** @file Which cells embeddings are scored on, and what can be scored: batches, labels or both. */

import type { Grouping } from '../../analysis/groups.ts';
import { finiteRows } from '../../analysis/points.ts';
import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import { randomStream } from '../../support/random.ts';
import { count, plural } from '../../support/words.ts';
import { groupsOfRows, sameGroups } from './columns.ts';
import type { NamedPoints } from './embeddings.ts';

/** The cells that every embedding is scored on. */
export interface ScoredCells {
  /** Rows of the data, ascending. */
  readonly rows: Int32Array;
  /** How many could have been scored, where a sample was drawn of them; else null. */
  readonly sampledFrom: number | null;
  /** Null where batches are not scored. */
  readonly batch: Grouping | null; // [rows]
  /** Null where labels are not scored. */
  readonly labels: Grouping | null; // [rows]
}

/** The graph that clusters and connectivity come from has 15 neighbours. */
export const fewestCells = 15;

/** Cells are compared in pairs: so many take some minutes, twice as many four times as long. */
const mostCells = 20_000;

/**
 * The cells with a batch, a label and a finite place in every embedding: one set of cells, so that scores compare. Tells
 * what is left out, and what cannot be scored: batches where there is one or where they equal the labels, labels where
 * there is one.
 *
 * @param sample of more cells, so many are drawn, each as likely as any other
 * @throws InputError when fewer than 15 cells are left, or neither batches nor labels
 */
export function scoredCells(
  cellCount: number,
  embeddings: readonly NamedPoints[],
  given: { readonly batch: Grouping | null; readonly labels: Grouping | null },
  { sample = mostCells, seed }: { readonly sample?: number | undefined; readonly seed: number },
  logger: Logger,
): ScoredCells {
  const kept = new Uint8Array(cellCount).fill(1);
  for (const grouping of [given.batch, given.labels]) {
    if (grouping === null) continue;
    const missing = leaveOut(kept, (cell) => grouping.codes[cell] >= 0);
    if (missing > 0)
      logger.warning(
        `${plural(missing, 'cell')} without ${grouping.name} left out of the scores of embeddings`,
      );
  }
  for (const { name, points } of embeddings) {
    const placed = new Set(finiteRows(points));
    const missing = leaveOut(kept, (cell) => placed.has(cell));
    if (missing > 0) {
      logger.warning(`${plural(missing, 'cell')} with NaN in ${name} left out, of every embedding`);
    }
  }
  const all = Int32Array.from(kept.keys()).filter((cell) => kept[cell] === 1);
  if (all.length < fewestCells) throw tooFew(all.length, cellCount);
  const rows = sampled(all, sample, seed);
  const sampledFrom = rows.length < all.length ? all.length : null;
  if (sampledFrom !== null) {
    logger.warning(
      `embeddings are scored on ${count(rows.length)} of ${plural(sampledFrom, 'cell')}, drawn by the seed (--sample sets how many); kBET, iLISI and structure kept depend on how many, so compare only with scores of as many`,
    );
  }
  return { rows, sampledFrom, ...usable(rows, given, logger) };
}

function sampled(rows: Int32Array, most: number, seed: number): Int32Array {
  if (rows.length <= most) return rows;
  const drawn = randomStream(seed, 'scored cells').sample(rows.length, most).sort();
  return drawn.map((place) => rows[place]);
}

/** Leaves out the cells that are not wanted; how many of those that were in. */
function leaveOut(kept: Uint8Array, wanted: (cell: number) => boolean): number {
  let removed = 0;
  kept.forEach((value, cell) => {
    if (value === 0 || wanted(cell)) return;
    kept[cell] = 0;
    removed++;
  });
  return removed;
}

function tooFew(cells: number, of: number): InputError {
  return new InputError({
    what: `there are ${cells} cells to score${cells === of ? '' : `, of ${count(of)}`}`,
    where: 'embeddings',
    expected: `at least ${fewestCells}, each with a label, a batch and finite numbers where these are asked for`,
    reason: 'few_cells',
  });
}

function usable(
  rows: Int32Array,
  given: { readonly batch: Grouping | null; readonly labels: Grouping | null },
  logger: Logger,
): Pick<ScoredCells, 'batch' | 'labels'> {
  const part = (grouping: Grouping | null) => (grouping === null ? null : groupsOfRows(grouping, rows));
  let batch = part(given.batch);
  let labels = part(given.labels);
  if (labels !== null && labels.groups.length < 2) {
    logger.warning(
      `all scored cells have the ${labels.name} '${labels.groups[0]}': nothing tells types apart, so labels are not scored`,
    );
    labels = null;
  }
  if (batch !== null && batch.groups.length < 2) {
    logger.warning(
      `all scored cells are of the ${batch.name} '${batch.groups[0]}': there is nothing to mix, so mixing is not scored`,
    );
    batch = null;
  }
  if (batch !== null && labels !== null && sameGroups(batch, labels)) {
    logger.warning(
      `${batch.name} and ${labels.name} sort the cells in the same way: mixing batches would mix types, so its scores would mean nothing and are left out; what keeps types apart may be their batches`,
    );
    batch = null;
  }
  if (batch !== null || labels !== null) return { batch, labels };
  throw new InputError({
    what: 'the cells have one label or one batch alone',
    where: 'obs',
    expected: 'at least two labels or two batches among the cells that are scored',
    reason: 'one_group',
  });
}
