/** @file Gene programs of a data set: the computation of `scgpt grn programs`. */

import type { Similarity } from '../../analysis/gene-networks/similarity.ts';
import { type Grouping, groupingOf } from '../../analysis/groups.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { type DeviceOptions, openDevice } from '../../runtime/device.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import type { GeneSet } from '../../single-cell/genes/gene-sets.ts';
import { InputError, UsageError } from '../../support/errors.ts';
import { type Logger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import type { CellSource } from '../prepare.ts';
import { geneSimilarities, type ProgramSource } from './gene-similarities.ts';
import { type GeneSpace, geneSpace } from './gene-space.ts';
import { type GroupPrograms, programsOfGroups } from './group-programs.ts';
import { activityOfCells, activityOfGroups, type GroupActivity } from './program-activity.ts';
import { type ComparedPrograms, comparedPrograms, type ProgramSettings } from './programs.ts';
import { sampledRows } from './sampled-cells.ts';

/** Options of {@link geneProgramsOf}. */
export interface GeneProgramsOptions extends CellSource, DeviceOptions, RunControl, ProgramSettings {
  readonly source: ProgramSource;
  /** The most variable genes. */
  readonly genes: number;
  /** Most cells that the model reads and that plain methods are computed on. */
  readonly cells: number;
  /** Scores are averaged over the groups of this obs column. */
  readonly groupBy?: string | undefined;
  /** Finds programs in the cells of each of those groups too. Default false. */
  readonly eachGroup?: boolean | undefined;
  readonly logger?: Logger | undefined;
}

/** What was found. */
export interface GeneProgramsResult extends ComparedPrograms {
  readonly space: GeneSpace;
  /** Of all cells of the data. */
  readonly cellCount: number;
  /** Cells that were read. */
  readonly cellsRead: number;
  /** What our programs are of. */
  readonly similarity: Similarity;
  /** Scores of programs in all cells. */
  readonly scores: Float32Array; // [cells, programs]
  /** Null without groups. */
  readonly activity: GroupActivity | null;
  /** Null unless asked for. */
  readonly ofGroups: readonly GroupPrograms[] | null;
  readonly device: string;
  readonly seconds: { readonly preparing: number; readonly programs: number; readonly groups: number };
}

/**
 * Finds programs of genes that are alike, in all cells and in groups, beside those of plain methods.
 *
 * @param sets to test programs for; null for none
 * @throws UsageError, InputError, CancelledError
 */
export async function geneProgramsOf(
  data: AnnData,
  model: LoadedModel,
  sets: readonly GeneSet[] | null,
  options: GeneProgramsOptions,
): Promise<GeneProgramsResult> {
  const { logger = silent, seed, groupBy, eachGroup } = options;
  if (eachGroup === true && groupBy === undefined) {
    throw new UsageError({
      what: '--each-group is given, and no column tells groups',
      expected: 'an obs column with --group-by',
      reason: 'each_group',
    });
  }
  if (eachGroup === true && options.source === 'tokens') {
    throw new UsageError({
      what: '--each-group is given with --source tokens, whose embeddings are the same in all cells',
      expected: '--source cells or combined',
      reason: 'each_group',
    });
  }
  const started = performance.now();
  const groups = groupBy === undefined ? null : groupsOf(data, groupBy);
  const all = await geneSpace(data, model, options, logger, options);
  const every = Int32Array.from({ length: data.nObs }, (_, row) => row);
  const rows = sampledRows(every, options.cells, seed, 'programs');
  const device = await openDevice(options);
  const prepared = performance.now();

  const similarities = await geneSimilarities(device, model, all, rows, options, {
    logger,
    label: 'all cells',
  });
  const { space, ours } = similarities;
  const compared = comparedPrograms(similarities, sets, options);
  const { programs } = compared.ours.found;
  if (programs.length === 0) logger.warning('no community has 5 genes: choose a lower --resolution');
  const scores = await activityOfCells(space, compared.ours, seed);
  const found = performance.now();

  const named = programs.map((genes) => Array.from(genes, (gene) => space.names[gene]));
  const ofGroups =
    groups === null || eachGroup !== true
      ? null
      : await programsOfGroups(device, model, all, groups, named, sets, options, logger);
  return {
    ...compared,
    space,
    cellCount: data.nObs,
    cellsRead: rows.length,
    similarity: ours.similarity,
    scores,
    activity: groups === null ? null : activityOfGroups(scores, programs.length, groups),
    ofGroups,
    device: device.name,
    seconds: {
      preparing: (prepared - started) / 1000,
      programs: (found - prepared) / 1000,
      groups: (performance.now() - found) / 1000,
    },
  };
}

function groupsOf(data: AnnData, column: string): Grouping {
  const groups = groupingOf(column, data.obs.column(column));
  if (groups.groups.length > 0) return groups;
  throw new InputError({
    what: `the column '${column}' has no value at all`,
    where: 'obs',
    expected: 'a group for at least some cells',
    reason: 'no_groups',
  });
}
