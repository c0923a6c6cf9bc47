/** @file Programs in each group of cells: what the model makes of genes there, and what of it all cells have too. */

import { cellsOf, type Grouping } from '../../analysis/groups.ts';
import type { LoadedModel } from '../../model/folder.ts';
import type { Device } from '../../runtime/device.ts';
import type { GeneSet } from '../../single-cell/genes/gene-sets.ts';
import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { geneSimilarities, type ProgramSource } from './gene-similarities.ts';
import type { GeneSpace } from './gene-space.ts';
import { type ComparedPrograms, comparedPrograms, type ProgramSettings } from './programs.ts';
import { sampledRows } from './sampled-cells.ts';

/** Programs of a group of cells. */
export interface GroupPrograms extends ComparedPrograms {
  readonly group: string;
  /** Cells that were read. */
  readonly cells: number;
  /** Genes that vary there. */
  readonly genes: readonly string[];
  /** Of each program, the program of all cells that shares the largest part with it. */
  readonly alike: readonly SharedProgram[];
}

/** What two programs share. */
export interface SharedProgram {
  /** Of all cells; -1 where no program shares a gene. */
  readonly program: number;
  /** Genes in both over genes in either (Jaccard). */
  readonly share: number;
}

/** Options of {@link programsOfGroups}. */
export interface GroupProgramOptions extends RunControl, ProgramSettings {
  readonly source: ProgramSource;
  /** Most cells read of each group. */
  readonly cells: number;
}

/** Fewer cells say little of how genes go together. */
const fewestCells = 50;

/**
 * Finds programs in every group with at least 50 cells; smaller ones are told and left out.
 *
 * @param whole programs of all cells, by names of genes
 */
export async function programsOfGroups(
  device: Device,
  model: LoadedModel,
  all: GeneSpace,
  grouping: Grouping,
  whole: readonly (readonly string[])[],
  sets: readonly GeneSet[] | null,
  options: GroupProgramOptions,
  logger: Logger,
): Promise<readonly GroupPrograms[]> {
  const found: GroupPrograms[] = [];
  for (const [code, group] of grouping.groups.entries()) {
    const members = cellsOf(grouping, code);
    const label = `${grouping.name} ${group}`;
    if (members.length < fewestCells) {
      logger.warning(
        `no programs in ${label}: it has ${members.length} cells, and ${fewestCells} are the fewest`,
      );
      continue;
    }
    const rows = sampledRows(members, options.cells, options.seed, group);
    try {
      const similarities = await geneSimilarities(device, model, all, rows, options, { logger, label });
      const { names } = similarities.space;
      const compared = comparedPrograms(similarities, sets, options);
      const alike = compared.ours.found.programs.map((genes) =>
        mostShared(
          Array.from(genes, (gene) => names[gene]),
          whole,
        ),
      );
      found.push({ ...compared, group, cells: rows.length, genes: names, alike });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      logger.warning(`no programs in ${label}: ${error.message}`); // the other groups are worth their time
    }
  }
  return found;
}

/** The program that shares most with some genes. */
export function mostShared(
  genes: readonly string[],
  programs: readonly (readonly string[])[],
): SharedProgram {
  const own = new Set(genes);
  let best: SharedProgram = { program: -1, share: 0 };
  programs.forEach((others, program) => {
    const both = others.filter((gene) => own.has(gene)).length;
    const share = both / (own.size + others.length - both);
    if (share > best.share) best = { program, share };
  });
  return best;
}
