/** @file How active programs are: in every cell, and in groups of cells. */

import { controlGenes, programScores } from '../../analysis/gene-networks/program-scores.ts';
import { type Grouping, groupSizes } from '../../analysis/groups.ts';
import type { GeneSpace } from './gene-space.ts';
import type { FoundPrograms } from './programs.ts';

/** Scores over groups of cells. */
export interface GroupActivity {
  readonly grouping: Grouping;
  readonly sizes: Int32Array; // [groups]
  readonly means: Float64Array; // [groups, programs]
  /** Share of a group's cells with a score above 0. */
  readonly active: Float64Array; // [groups, programs]
}

/**
 * Mean expression of each program's genes less that of genes expressed alike, in every cell.
 *
 * @returns `[cells, programs]`
 */
export async function activityOfCells(
  { logged }: GeneSpace,
  { found }: FoundPrograms,
  seed: number,
): Promise<Float32Array> {
  const [cells, genes] = logged.shape;
  const means = new Float64Array(genes);
  const { indices, values } = await logged.rows(0, cells);
  for (let i = 0; i < indices.length; i++) means[indices[i]] += values[i] / cells;
  const scored = found.programs.map((program) => ({
    genes: program,
    controls: controlGenes(means, program, { seed }),
  }));
  return programScores(logged, scored);
}

/** Means over groups; cells without a group count nowhere. */
export function activityOfGroups(scores: Float32Array, width: number, grouping: Grouping): GroupActivity {
  const sizes = groupSizes(grouping.codes, grouping.groups.length);
  const means = new Float64Array(sizes.length * width);
  const active = new Float64Array(sizes.length * width);
  grouping.codes.forEach((group, cell) => {
    if (group < 0) return;
    for (let program = 0; program < width; program++) {
      const score = scores[cell * width + program];
      means[group * width + program] += score / sizes[group];
      if (score > 0) active[group * width + program] += 1 / sizes[group];
    }
  });
  return { grouping, sizes, means, active };
}

/** The group in which a program is most active. */
export function strongestGroup({ grouping, means }: GroupActivity, program: number): number {
  const width = means.length / grouping.groups.length;
  return [...grouping.groups.keys()].reduce((best, group) =>
    means[group * width + program] > means[best * width + program] ? group : best,
  );
}
