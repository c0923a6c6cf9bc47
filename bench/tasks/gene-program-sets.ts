/** @file The sets of `benchmarks/gene-programs.md`: cells, the universe of genes, and what is known of these genes. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KnownEdge } from '../../src/analysis/gene-networks/edge-scores.ts';
import type { LoadedModel } from '../../src/model/folder.ts';
import { type GeneSet, parseGeneSets } from '../../src/single-cell/genes/gene-sets.ts';
import { inMemory } from '../../src/single-cell/in-memory.ts';
import { expressedIn } from '../../src/single-cell/preprocess/filter.ts';
import { log1p, normalizeTotal } from '../../src/single-cell/preprocess/normalize.ts';
import { selectGenes } from '../../src/single-cell/preprocess/views.ts';
import { InputError } from '../../src/support/errors.ts';
import type { GeneSpace } from '../../src/tasks/grn/gene-space.ts';
import { prepareCells } from '../../src/tasks/prepare.ts';
import type { BenchmarkFiles } from './files.ts';

export const geneProgramSets = ['pbmc3k/1200', 'pbmc3k/3000', 'pbmc3k/grn', 'kang_ctrl_8donors/all'] as const;
export type GeneProgramSetName = (typeof geneProgramSets)[number];

/** A universe of genes in cells. */
export interface GeneProgramSet {
  readonly name: GeneProgramSetName;
  /** All genes of the universe; token -1 for those the model does not know. */
  readonly space: GeneSpace;
}

/** What is known of genes, from databases. */
export interface GeneKnowledge {
  readonly pathways: readonly GeneSet[];
  readonly trrust: readonly KnownEdge[];
  readonly dorothea: readonly KnownEdge[];
}

/** Genes in fewer cells are dropped. */
const fewestCells = 10;

/** Values are ln(1 + 10,000 value / cell total), the total being over all genes that are in ten cells. */
export async function openGeneProgramSet(
  name: GeneProgramSetName,
  model: LoadedModel,
  files: BenchmarkFiles,
  shared: string,
): Promise<GeneProgramSet> {
  const [file] = name.split('/');
  const data = await files.open(file);
  const prepared = await prepareCells(data, model.vocabulary);
  const { matrix, genes, tokenIds } = prepared;
  const kept = await expressedIn(matrix, fewestCells);
  const columns = universe(name, genes.index, kept, shared);
  const { matrix: normalised } = await normalizeTotal(selectGenes(matrix, kept), 1e4);
  const places = new Map(Array.from(kept, (column, place) => [column, place]));
  const among = columns.map((column) => places.get(column) ?? -1);
  return {
    name,
    space: {
      prepared,
      names: Array.from(columns, (column) => genes.index[column]),
      tokens: columns.map((column) => tokenIds[column]),
      logged: await inMemory(selectGenes(log1p(normalised), among)),
    },
  };
}

function universe(name: string, genes: readonly string[], kept: Int32Array, shared: string): Int32Array {
  const list = join(shared, 'benchmarks', `gene-programs.${name.replace('/', '_')}.genes.tsv`);
  if (!existsSync(list)) return kept;
  const lines = readFileSync(list, 'utf8').trimEnd().split('\n').slice(1);
  const wanted = new Set(lines.map((line) => line.split('\t')[0]));
  const columns = kept.filter((column) => wanted.has(genes[column]));
  if (columns.length === wanted.size) return columns;
  throw new InputError({
    what: `${columns.length} of ${wanted.size} genes are in ${fewestCells} cells or more`,
    where: list,
    expected: 'all of them',
  });
}

export function readGeneKnowledge(shared: string): GeneKnowledge {
  const text = (file: string) => readFileSync(join(shared, 'data', 'reference', file), 'utf8');
  const reactome = 'reactome_msigdb_v6.2.symbols.gmt';
  return {
    pathways: parseGeneSets(text(reactome), reactome),
    trrust: edges(text('trrust_tf_targets_human.tsv')),
    dorothea: edges(text('dorothea_human_ABC.tsv')),
  };
}

function edges(table: string): KnownEdge[] {
  const [header, ...lines] = table.trimEnd().split('\n');
  const names = header.trimEnd().split('\t');
  const [regulator, target] = [names.indexOf('tf'), names.indexOf('target')];
  return lines.map((line) => {
    const fields = line.trimEnd().split('\t');
    return { regulator: fields[regulator], target: fields[target] };
  });
}
