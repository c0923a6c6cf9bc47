/** @file Gene programs from files to files: what `scgpt grn programs` does. */

import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseGeneSets } from '../../single-cell/genes/gene-sets.ts';
import { openData } from '../../single-cell/open.ts';
import { RecordingLogger, silent } from '../../support/log.ts';
import { checkOutput, writeFileWhole } from '../../support/write-file.ts';
import { type ModelChoice, openModel } from '../model.ts';
import { tellReplaced, writeData } from '../output.ts';
import { checkReportFiles, type ReportFiles, writeReportFiles } from '../report-files.ts';
import { readTextFile } from '../text-file.ts';
import { type GeneProgramsOptions, type GeneProgramsResult, geneProgramsOf } from './gene-programs.ts';
import { programTables } from './program-tables.ts';
import { programSentences, universeSentence } from './program-words.ts';
import { bestSets, type FoundPrograms, programName, setsFound, significant } from './programs.ts';
import { programsReport } from './programs-report.ts';
import { programAdditions } from './results.ts';

/** Options of {@link geneProgramFiles} beside those of the computation. */
export interface GeneProgramFilesOptions extends GeneProgramsOptions, ModelChoice, ReportFiles {
  /** A folder; made where it is missing. */
  readonly output: string;
  /** Edges of the network: least similarity. */
  readonly threshold: number;
  /** A GMT file. */
  readonly geneSets?: string | undefined;
}

/** One way's programs in numbers. */
export interface ProgramCounts {
  readonly name: string;
  readonly about: string;
  readonly resolution: number;
  readonly programs: number;
  readonly genesInPrograms: number;
  /** Programs more alike than random genes, p below 0.05. */
  readonly cohesive: number;
  /** Gene sets found in any program; null without gene sets. */
  readonly setsByBonferroni: number | null;
  readonly setsByFalseDiscoveryRate: number | null;
}

/** What was done. */
export interface GeneProgramSummary {
  readonly output: string;
  readonly files: readonly string[];
  readonly report: string | null;
  readonly figures: string | null;
  readonly genes: number;
  readonly cells: number;
  readonly ours: ProgramCounts;
  readonly baselines: readonly ProgramCounts[];
  readonly universe: { readonly genes: number; readonly inSets: number; readonly setsTested: number } | null;
  /** What came out, in words. */
  readonly sentences: readonly string[];
  /** Genes with the most like the others first, and the surest set. */
  readonly programs: readonly {
    readonly name: string;
    readonly genes: readonly string[];
    readonly set: string | null;
  }[];
  /** Programs in the cells of each group; null unless asked for. */
  readonly groups:
    | readonly {
        readonly group: string;
        readonly cells: number;
        readonly ours: ProgramCounts;
        readonly baselines: readonly ProgramCounts[];
      }[]
    | null;
  readonly seconds: GeneProgramsResult['seconds'];
  readonly warnings: readonly string[];
}

/** @throws UsageError, InputError, CheckpointError, OutputError, CancelledError; no partial output is left behind */
export async function geneProgramFiles(
  path: string,
  options: GeneProgramFilesOptions,
): Promise<GeneProgramSummary> {
  const { output, force, geneSets, report, figures } = options;
  await checkOutput(output, { force, folder: true });
  await checkReportFiles(options, [path, output]);
  const logger = new RecordingLogger(options.logger ?? silent);
  const sets =
    geneSets === undefined ? null : parseGeneSets(await readTextFile(geneSets, 'gene sets'), geneSets);
  const model = await openModel(options.model, { allowPartial: options.allowPartial, logger });
  const data = await openData(path, { logger });
  try {
    const result = await geneProgramsOf(data, model, sets, { ...options, logger });
    const files = programTables(result, options.threshold);
    await mkdir(output, { recursive: true });
    for (const [name, content] of files) await writeFileWhole(join(output, name), [content], { force });
    const additions = programAdditions(result, model, options);
    tellReplaced(data, additions, logger);
    await writeData(data, additions, join(output, 'cells.h5ad'), { force, signal: options.signal });
    if (report !== undefined || figures !== undefined) {
      const context = { ...options, warnings: logger.warnings };
      await writeReportFiles(programsReport(result, model, basename(path), context), options);
    }
    return {
      output,
      files: [...files.keys(), 'cells.h5ad'],
      report: report ?? null,
      figures: figures ?? null,
      ...countsOf(result),
      sentences: [
        ...programSentences(result, options.permutations),
        ...[universeSentence(result.ours)].filter((sentence) => sentence !== null),
      ],
      seconds: result.seconds,
      warnings: logger.warnings,
    };
  } finally {
    await data.close();
  }
}

function countsOf({ ours, baselines, space, cellCount, ofGroups }: GeneProgramsResult) {
  const { names } = space;
  const { enrichment } = ours;
  const best = bestSets(ours);
  return {
    genes: names.length,
    cells: cellCount,
    ours: programCounts(ours),
    baselines: baselines.map(programCounts),
    universe: enrichment && {
      genes: enrichment.universe,
      inSets: enrichment.universeInSets,
      setsTested: enrichment.setsTested,
    },
    programs: ours.ranked.map((genes, program) => ({
      name: programName(program),
      genes: genes.map(({ gene }) => names[gene]),
      set: best[program]?.set ?? null,
    })),
    groups:
      ofGroups?.map((of) => ({
        group: of.group,
        cells: of.cells,
        ours: programCounts(of.ours),
        baselines: of.baselines.map(programCounts),
      })) ?? null,
  };
}

function programCounts(programs: FoundPrograms): ProgramCounts {
  const { name, about, resolution, found, cohesion, enrichment } = programs;
  return {
    name,
    about,
    resolution,
    programs: found.programs.length,
    genesInPrograms: found.codes.filter((code) => code >= 0).length,
    cohesive: cohesion.filter(({ p }) => p < significant).length,
    setsByBonferroni: enrichment && setsFound(programs, 'bonferroni').size,
    setsByFalseDiscoveryRate: enrichment && setsFound(programs, 'falseDiscoveryRate').size,
  };
}
