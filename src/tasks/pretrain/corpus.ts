/** @file The data of pre-training: several files whose genes are found in one vocabulary, each read on its own. */

import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Condition } from '../../model/config.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import type { GeneMatchReport } from '../../single-cell/genes/report.ts';
import { openData } from '../../single-cell/open.ts';
import type { ConditionRows } from '../../single-cell/tokens/conditions.ts';
import { GenePanel } from '../../single-cell/tokens/gene-panel.ts';
import type { Vocabulary } from '../../single-cell/vocabulary.ts';
import { InputError } from '../../support/errors.ts';
import { type Logger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { TrainingCells } from '../../train/cells/training-cells.ts';
import { type CompactVocabulary, compactVocabulary } from '../../train/compact-vocabulary.ts';
import { findConditions, newConditions, tellConditions } from '../conditions.ts';
import { type CellSource, type PreparedCells, prepareCells, tellGeneMatch } from '../prepare.ts';

/** A data set as the user named it. */
export interface NamedData {
  /** What messages call it. */
  readonly label: string;
  readonly data: AnnData;
}

/** Cells of all data sets in terms of the tokens they have. */
export interface Corpus {
  readonly cells: TrainingCells;
  /** Genes of each cell above zero. */
  readonly geneCounts: Int32Array; // [cells]
  /** The group of each cell, by number, where some are asked for. */
  readonly groups: Int32Array | undefined; // [cells]
  /** The tokens that occur, out of the vocabulary given. */
  readonly compact: CompactVocabulary;
  /** The conditions of the model to train: those of the model it starts from, then new ones. */
  readonly conditions: readonly Condition[];
  /** Each of them in each data set, over the tokens of `compact`. */
  readonly conditionRows: readonly (readonly ConditionRows[])[]; // [sources][conditions]
  /** How the genes of each data set were found. */
  readonly sources: readonly CorpusSource[];
}

/** One data set of a corpus. */
export interface CorpusSource {
  readonly label: string;
  readonly cells: number;
  readonly matrixName: string;
  readonly geneMatch: GeneMatchReport;
}

/** What is read of the data sets, beside their genes. */
export interface CorpusOptions extends CellSource {
  /** Genes in fewer cells, over all data sets, are left out. Default 1: those never seen. */
  readonly minCells?: number | undefined;
  /** A column of obs with groups of cells that belong together, such as donors. */
  readonly groupKey?: string | null | undefined;
  /** Columns of obs or var that become conditions. */
  readonly conditionKeys?: readonly string[] | undefined;
  /** Conditions that the model knows already, with values that stay as they are. */
  readonly knownConditions?: readonly Condition[] | undefined;
}

/**
 * Finds the genes of every data set in a vocabulary, and the conditions.
 *
 * @param vocabulary all tokens that genes may have
 * @throws InputError when a data set cannot be used, naming it
 */
export async function corpusOf(
  named: readonly NamedData[],
  vocabulary: Vocabulary,
  source: CorpusOptions,
  { logger = silent, ...control }: RunControl & { readonly logger?: Logger | undefined } = {},
): Promise<Corpus> {
  const prepared: PreparedCells[] = [];
  for (const { label, data } of named) {
    const found = await prepareCells(data, vocabulary, source, control);
    tellGeneMatch(found, logger, label);
    prepared.push(found);
  }
  const whole = new TrainingCells(
    prepared.map(({ matrix, panel }, i) => ({
      matrix,
      panel,
      names: named[i].data.obs.index,
      label: named[i].label,
    })),
    { includeZeros: false },
  );
  const cellsOfToken = new Uint32Array(vocabulary.size);
  const allGenes = await whole.countGenes(control, cellsOfToken); // also tells bad values now, not after hours
  const { minCells = 1 } = source;
  const compact = compactVocabulary(vocabulary, tokensSeen(cellsOfToken, minCells));
  const cells = whole.through(
    prepared.map(({ tokenIds }) => new GenePanel(compact.vocabulary, compact.translate(tokenIds))),
  );
  const geneCounts = minCells === 1 ? allGenes : await cells.countGenes(control); // cells lose their rare genes
  const tables = prepared.map(({ genes, tokenIds }, i) => ({
    data: named[i].data,
    genes,
    tokenIds: compact.translate(tokenIds),
    vocabulary: compact.vocabulary,
  }));
  const { conditionKeys = [], knownConditions = [] } = source;
  const known = new Set(knownConditions.map(({ name }) => name));
  const added = [...new Set(conditionKeys)].filter((name) => !known.has(name));
  const conditions = [...knownConditions, ...newConditions(added, tables, logger)];
  const conditionRows = tables.map((table, i) => {
    const found = findConditions(conditions, table);
    tellConditions(found, logger, { missing: 'warning', label: `${named[i].label}: ` });
    return found;
  });
  const sources = prepared.map(({ matrixName, geneMatch }, i) => ({
    label: named[i].label,
    cells: named[i].data.nObs,
    matrixName,
    geneMatch,
  }));
  const groups = source.groupKey == null ? undefined : groupsOf(named, source.groupKey);
  return { cells, geneCounts, groups, compact, conditions, conditionRows, sources };
}

/** Numbers for groups of cells: equal where data set and value are. Cells without a value are a group of their set. */
function groupsOf(named: readonly NamedData[], key: string): Int32Array {
  const numbers = new Map<string, number>();
  const groups = named.flatMap(({ label, data }, source) =>
    data.obs.strings(key, `obs of ${label}`).map((value) => {
      const group = JSON.stringify([source, value]);
      if (!numbers.has(group)) numbers.set(group, numbers.size);
      return numbers.get(group) as number;
    }),
  );
  return Int32Array.from(groups);
}

/** Tokens that at least `minCells` cells have. */
function tokensSeen(cellsOfToken: Uint32Array, minCells: number): number[] {
  const seen: number[] = [];
  cellsOfToken.forEach((cells, token) => {
    if (cells >= minCells) seen.push(token);
  });
  if (seen.length > 0) return seen;
  throw new InputError({
    what: `no gene is above zero in ${minCells} cells or more`,
    expected: 'counts or log-normalised values of more cells',
    reason: 'no_gene_seen',
  });
}

/** Endings of data files that are folders or files alike. */
const dataEnding = /\.(h5ad|h5|zarr|csv|tsv|txt|mtx)(\.gz)?$/i;

/**
 * The data files that paths mean: each file itself, and of a folder of shards the data files in it, by name.
 *
 * @throws InputError when a folder has no data file
 */
export async function dataFilesOf(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const names = (await isFolder(path)) && !dataEnding.test(path) ? await readdir(path) : [];
    if (names.length === 0 || isTenxFolder(names)) {
      files.push(path);
      continue;
    }
    const shards = names.filter((name) => /\.(h5ad|h5|zarr)$/i.test(name)).sort();
    if (shards.length === 0) {
      throw new InputError({
        what: 'there is no data file in this folder',
        where: path,
        expected: 'files that end in .h5ad, .h5 or .zarr',
        reason: 'no_shard',
      });
    }
    files.push(...shards.map((name) => join(path, name)));
  }
  return files;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** A 10x folder is one data set, and so is a Zarr store without an ending. */
function isTenxFolder(names: readonly string[]): boolean {
  return names.some((name) => /^(matrix\.mtx(\.gz)?|\.zgroup|zarr\.json)$/.test(name));
}

/** Opens data files; close them all with {@link closeAll}. */
export async function openAll(paths: readonly string[], logger: Logger): Promise<NamedData[]> {
  const opened: NamedData[] = [];
  try {
    for (const path of paths) opened.push({ label: basename(path), data: await openData(path, { logger }) });
    return opened;
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

export async function closeAll(opened: readonly NamedData[]): Promise<void> {
  for (const { data } of opened) await data.close();
}
