/** @file Quick scores of an embedding for the groupings that come with the cells, for looking at beside a baseline. */

import type { RunControl } from '../support/progress.ts';
import { sampleCells } from './cell-sample.ts';
import type { Grouping } from './groups.ts';
import { type NeighbourAgreement, neighbourAgreement, neighbourMixing } from './neighbour-scores.ts';
import type { Neighbourhood } from './neighbourhood.ts';
import { takeRows } from './points.ts';
import { silhouetteWidths } from './silhouette.ts';

/** What the scores of one grouping are. Quick looks, not the scIB benchmark: nothing is clustered or tuned. */
export interface QuickScores {
  /** The grouping's name. */
  readonly name: string;
  readonly groups: number;
  /** Neighbours that agreement and mixing look at. */
  readonly k: number;
  readonly agreement: NeighbourAgreement;
  /** See {@link neighbourMixing}. */
  readonly mixing: number;
  /** Mean silhouette width, -1 .. 1, over `silhouetteCells`. */
  readonly silhouette: number;
  /** How many cells the silhouette was computed on: a sample of large data. */
  readonly silhouetteCells: number;
}

/** How {@link quickScores} samples. */
export interface QuickScoreOptions extends RunControl {
  /** Cells of the silhouette's sample. Default 3,000: the mean's standard error then is below 0.01. */
  readonly sample?: number | undefined;
  /** Seed of the sample. Default 0. */
  readonly seed?: number | undefined;
}

/**
 * Scores an embedding for each grouping that has at least two groups among the placed cells.
 *
 * @param names names of all cells, which the sample is drawn by
 */
export async function quickScores(
  { cells, points, neighbours }: Neighbourhood,
  groupings: readonly Grouping[],
  names: readonly string[],
  { sample = 3000, seed = 0, ...control }: QuickScoreOptions = {},
): Promise<QuickScores[]> {
  if (neighbours === null) return [];
  const placed = groupings
    .map((grouping) => pick(grouping, cells))
    .filter(({ codes }) => new Set(codes.filter((code) => code >= 0)).size > 1);
  const sampled = sampleCells(
    Array.from(cells, (cell) => names[cell]),
    sample,
    seed,
  );
  const widths = await silhouetteWidths(
    takeRows(points, sampled),
    placed.map((grouping) => pick(grouping, sampled)),
    control,
  );
  return placed.map(({ name, codes, groups }, i) => {
    const scored = widths[i].filter((width) => !Number.isNaN(width));
    return {
      name,
      groups: new Set(codes.filter((code) => code >= 0)).size,
      k: neighbours.k,
      agreement: neighbourAgreement(neighbours, codes, groups.length),
      mixing: neighbourMixing(neighbours, codes, groups.length),
      silhouette: scored.reduce((sum, width) => sum + width, 0) / scored.length,
      silhouetteCells: scored.length,
    };
  });
}

function pick({ name, codes, groups }: Grouping, cells: Int32Array): Grouping {
  return { name, codes: cells.map((cell) => codes[cell]), groups };
}
