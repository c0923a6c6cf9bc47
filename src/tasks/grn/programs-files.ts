/** @file Gene programs of a data set: what `scgpt grn programs` does. */

import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { similarityEdges } from '../../analysis/gene-networks/graph.ts';
import { controlGenes, programScores } from '../../analysis/gene-networks/program-scores.ts';
import {
  centredRows,
  correlationSimilarity,
  cosineSimilarity,
  meanSimilarity,
} from '../../analysis/gene-networks/similarity.ts';
import { type Grouping, groupingOf } from '../../analysis/groups.ts';
import { type Points, takeRows } from '../../analysis/points.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { type Device, type DeviceOptions, openDevice } from '../../runtime/device.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { parseGeneSets } from '../../single-cell/genes/gene-sets.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import { openData } from '../../single-cell/open.ts';
import { selectGenes } from '../../single-cell/preprocess/views.ts';
import { InputError } from '../../support/errors.ts';
import { type Logger, RecordingLogger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { checkOutput, writeFileWhole } from '../../support/write-file.ts';
import { type ModelChoice, openModel } from '../model.ts';
import { tellReplaced, writeData } from '../output.ts';
import type { CellSource } from '../prepare.ts';
import { contextualEmbeddings, tokenEmbeddings } from './gene-embeddings.ts';
import { type GeneSpace, geneProfiles, geneSpace, varyingRows } from './gene-space.ts';
import { csvFile, graphMl } from './network-files.ts';
import {
  type FoundPrograms,
  findPrograms,
  type ProgramSettings,
  resolutionFor,
  setsFound,
} from './programs.ts';
import { programAdditions } from './results.ts';
import { sampledRows } from './sampled-cells.ts';

/** Where similarity comes from. */
export type ProgramSource = 'tokens' | 'cells' | 'combined';

/** Options of {@link geneProgramFiles}. */
export interface GeneProgramFilesOptions
  extends CellSource,
    ModelChoice,
    DeviceOptions,
    RunControl,
    ProgramSettings {
  /** A folder; made where it is missing. */
  readonly output: string;
  readonly force?: boolean | undefined;
  readonly source: ProgramSource;
  /** The most variable genes. */
  readonly genes: number;
  /** Most cells that the model reads and that co-expression is computed on. */
  readonly cells: number;
  /** Edges of the network: least similarity. */
  readonly threshold: number;
  /** A GMT file. */
  readonly geneSets?: string | undefined;
  /** Scores are averaged over the groups of this obs column. */
  readonly groupBy?: string | undefined;
  readonly logger?: Logger | undefined;
}

/** One way's programs in numbers. */
export interface ProgramCounts {
  readonly name: string;
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
  readonly genes: number;
  readonly cells: number;
  readonly ours: ProgramCounts;
  readonly coExpression: ProgramCounts;
  readonly universe: { readonly genes: number; readonly inSets: number; readonly setsTested: number } | null;
  /** The first programs with their genes and best set. */
  readonly programs: readonly {
    readonly name: string;
    readonly genes: readonly string[];
    readonly set: string | null;
  }[];
  readonly warnings: readonly string[];
}

/** @throws UsageError, InputError, CheckpointError, OutputError, CancelledError */
export async function geneProgramFiles(
  path: string,
  options: GeneProgramFilesOptions,
): Promise<GeneProgramSummary> {
  const { output, force, geneSets, groupBy, cells: most, seed } = options;
  await checkOutput(output, { force, folder: true });
  const logger = new RecordingLogger(options.logger ?? silent);
  const control = { onProgress: options.onProgress, signal: options.signal };
  const sets = geneSets === undefined ? null : parseGeneSets(await textOf(geneSets), geneSets);
  const model = await openModel(options.model, { allowPartial: options.allowPartial, logger });
  const data = await openData(path, { logger });
  try {
    const groups = groupBy === undefined ? null : groupingOf(groupBy, data.obs.column(groupBy));
    const all = await geneSpace(data, model, options, logger, control);
    const rows = sampledRows(
      Int32Array.from({ length: data.nObs }, (_, row) => row),
      most,
      seed,
      'programs',
    );
    const profiles = await geneProfiles(all, rows);
    const varying = varyingRows(profiles);
    const varied = await genesOf(all, varying, control);
    const device = await openDevice(options);
    const { kept, points } = await embeddingsOf(device, model, varied, rows, options, logger);
    const space = await genesOf(varied, kept, control);
    const ofModel = cosineSimilarity(centredRows(points));
    const coExpression = correlationSimilarity(takeRows(takeRows(profiles, varying), kept), space.names);
    const similarity = options.source === 'combined' ? meanSimilarity([ofModel, coExpression]) : ofModel;
    const ours = findPrograms('scGPT', similarity, space.names, sets, options);
    const resolution = resolutionFor(coExpression, ours.found.programs.length, options);
    const beside = findPrograms('co-expression', coExpression, space.names, sets, { ...options, resolution });
    if (ours.found.programs.length === 0) {
      logger.warning('no community has 5 genes: choose a lower --resolution');
    }
    const scores = await scoresOf(space, ours, seed);
    const files = tables(ours, beside, space, options.threshold, scores, groups);
    await mkdir(output, { recursive: true });
    for (const [name, content] of files) await writeFileWhole(join(output, name), [content], { force });
    const additions = programAdditions(ours, space.names, scores, data.nObs, {
      model: model.hash,
      source: options.source,
    });
    tellReplaced(data, additions, logger);
    await writeData(data, additions, join(output, 'cells.h5ad'), { force, signal: options.signal });
    return summary(data, ours, beside, space, [...files.keys(), 'cells.h5ad'], output, logger.warnings);
  } finally {
    await data.close();
  }
}

/** Some genes of a space. */
async function genesOf(space: GeneSpace, kept: Int32Array, control: RunControl): Promise<GeneSpace> {
  return {
    ...space,
    names: Array.from(kept, (gene) => space.names[gene]),
    tokens: Int32Array.from(kept, (gene) => space.tokens[gene]),
    logged: await inMemory(selectGenes(space.logged, kept), control),
  };
}

/** The model's embeddings of the genes that it read: long cells are sampled to length, so that rare genes can be missed. */
async function embeddingsOf(
  device: Device,
  model: LoadedModel,
  space: GeneSpace,
  cells: Int32Array,
  { source, seed, onProgress, signal }: GeneProgramFilesOptions,
  logger: Logger,
): Promise<{ readonly kept: Int32Array; readonly points: Points }> {
  const every = Int32Array.from(space.names.keys());
  if (source === 'tokens') return { kept: every, points: await tokenEmbeddings(device, model, space.tokens) };
  const context = { cells, seed, onProgress, signal };
  const { points, cellsOfGene } = await contextualEmbeddings(device, model, space, context);
  const kept = every.filter((gene) => cellsOfGene[gene] > 0);
  const unread = every.filter((gene) => cellsOfGene[gene] === 0);
  if (unread.length > 0) {
    const some = Array.from(unread.subarray(0, 5), (gene) => space.names[gene]).join(', ');
    logger.warning(
      `${unread.length} of ${every.length} genes were read in none of ${cells.length} cells and are left out: ${some}; more --cells may read them`,
    );
  }
  return { kept, points: takeRows(points, kept) };
}

async function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause) => {
    throw new InputError({ what: 'the gene sets cannot be read', where: path, reason: 'gene_sets', cause });
  });
}

/** `[cells, programs]` */
async function scoresOf(
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

export const programName = (program: number): string => `program ${program + 1}`;

function tables(
  ours: FoundPrograms,
  beside: FoundPrograms,
  { names }: GeneSpace,
  threshold: number,
  scores: Float32Array,
  groups: Grouping | null,
): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const members = [ours, beside].flatMap(({ name, found, cohesion }) =>
    found.programs.flatMap((genes, program) =>
      Array.from(genes, (gene) => [
        name,
        programName(program),
        names[gene],
        cohesion[program].cohesion,
        cohesion[program].p,
      ]),
    ),
  );
  files.set(
    'programs.csv',
    csvFile(['method', 'program', 'gene', 'mean_similarity', 'p_random_genes'], members),
  );
  const enriched = [ours, beside].flatMap(({ name, enrichment }) =>
    (enrichment?.results ?? [])
      .filter(({ falseDiscoveryRate }) => falseDiscoveryRate < 0.05)
      .map((r) => [
        name,
        programName(r.group),
        r.set,
        r.setSize,
        r.genes.length,
        r.foldEnrichment,
        r.p,
        r.bonferroni,
        r.falseDiscoveryRate,
        r.genes.join(' '),
      ]),
  );
  if (ours.enrichment !== null) {
    const header = [
      'method',
      'program',
      'set',
      'genes_in_universe',
      'genes_in_both',
      'fold',
      'p',
      'bonferroni',
      'fdr',
      'genes',
    ];
    files.set('enrichment.csv', csvFile(header, enriched));
  }
  const edges = similarityEdges(ours.similarity, threshold).map(({ from, to, weight }) => ({
    from: names[from],
    to: names[to],
    weight,
  }));
  files.set(
    'edges.csv',
    csvFile(
      ['gene_1', 'gene_2', 'similarity'],
      edges.map((e) => [e.from, e.to, e.weight]),
    ),
  );
  const nodes = names.map((name, gene) => ({
    name,
    group: ours.found.codes[gene] < 0 ? '' : programName(ours.found.codes[gene]),
  }));
  files.set('network.graphml', graphMl({ directed: false, nodes, edges }));
  if (groups !== null) {
    const width = ours.found.programs.length;
    const rows = groups.groups.map((group, code) => {
      const sums = new Float64Array(width);
      let cells = 0;
      groups.codes.forEach((of, cell) => {
        if (of !== code) return;
        cells++;
        for (let i = 0; i < width; i++) sums[i] += scores[cell * width + i];
      });
      return [group, cells, ...Array.from(sums, (sum) => sum / cells)];
    });
    const header = [groups.name, 'cells', ...ours.found.programs.map((_, i) => programName(i))];
    files.set('scores-by-group.csv', csvFile(header, rows));
  }
  return files;
}

function summary(
  data: AnnData,
  ours: FoundPrograms,
  beside: FoundPrograms,
  { names }: GeneSpace,
  files: readonly string[],
  output: string,
  warnings: readonly string[],
): GeneProgramSummary {
  const counts = (of: FoundPrograms): ProgramCounts => ({
    name: of.name,
    resolution: of.resolution,
    programs: of.found.programs.length,
    genesInPrograms: of.found.codes.filter((code) => code >= 0).length,
    cohesive: of.cohesion.filter(({ p }) => p < 0.05).length,
    setsByBonferroni: of.enrichment && setsFound(of, 'bonferroni').size,
    setsByFalseDiscoveryRate: of.enrichment && setsFound(of, 'falseDiscoveryRate').size,
  });
  const { enrichment } = ours;
  return {
    output,
    files,
    genes: names.length,
    cells: data.nObs,
    ours: counts(ours),
    coExpression: counts(beside),
    universe: enrichment && {
      genes: enrichment.universe,
      inSets: enrichment.universeInSets,
      setsTested: enrichment.setsTested,
    },
    programs: ours.found.programs.map((genes, program) => {
      const best = enrichment?.results
        .filter(({ group, falseDiscoveryRate }) => group === program && falseDiscoveryRate < 0.05)
        .sort((a, b) => a.p - b.p)[0];
      return {
        name: programName(program),
        genes: Array.from(genes, (gene) => names[gene]),
        set: best?.set ?? null,
      };
    }),
    warnings,
  };
}
