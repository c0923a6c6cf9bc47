/** @file How alike genes are in some cells: by the model, and by the plain methods that stand beside it. */

import { loadingComponents, loadingsSimilarity } from '../../analysis/gene-networks/loadings.ts';
import {
  correlationSimilarity,
  embeddingSimilarity,
  meanSimilarity,
  type Similarity,
} from '../../analysis/gene-networks/similarity.ts';
import { type Points, takeRows } from '../../analysis/points.ts';
import type { LoadedModel } from '../../model/folder.ts';
import type { Device } from '../../runtime/device.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import { selectCells, selectGenes } from '../../single-cell/preprocess/views.ts';
import { InputError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { contextualEmbeddings, tokenEmbeddings } from './gene-embeddings.ts';
import { type GeneSpace, geneProfiles, varyingRows } from './gene-space.ts';

/**
 * Where the model's similarity comes from: its gene tokens without cells; genes inside the cells; or those together
 * with principal components of expression.
 */
export type ProgramSource = 'tokens' | 'cells' | 'combined';

/** What each source is, in words. */
export const sourceWords: Readonly<Record<ProgramSource, string>> = {
  tokens: 'cosine of the gene embeddings that the model learnt, without any cell',
  cells: 'cosine of gene embeddings inside the cells that are read',
  combined: `mean of two standardised similarities: gene embeddings inside the cells, and ${loadingComponents} principal components of their expression`,
};

/** A way to tell which genes are alike. */
export interface NamedSimilarity {
  readonly name: string;
  /** What it is, in a few words. */
  readonly about: string;
  readonly similarity: Similarity;
}

/** Similarities of the same genes, all computed in the same cells. */
export interface GeneSimilarities {
  /** Genes that vary in these cells and that the model read. */
  readonly space: GeneSpace;
  readonly ours: NamedSimilarity;
  readonly baselines: readonly NamedSimilarity[];
}

/** Options of {@link geneSimilarities}. */
export interface GeneSimilarityOptions extends RunControl {
  readonly source: ProgramSource;
  readonly seed: number;
}

/** Fewer genes have no programs. */
const fewestGenes = 30;

/**
 * Similarities in some cells.
 *
 * @param rows of the cells
 * @param label of the cells, for messages
 * @throws InputError when fewer than 30 genes vary in these cells
 */
export async function geneSimilarities(
  device: Device,
  model: LoadedModel,
  all: GeneSpace,
  rows: Int32Array,
  options: GeneSimilarityOptions,
  { logger, label }: { readonly logger: Logger; readonly label: string },
): Promise<GeneSimilarities> {
  const { source } = options;
  const everyProfile = await geneProfiles(all, rows);
  const varying = varyingRows(everyProfile);
  const varied = await genesOf(all, varying, options);
  const { kept, points } = await embeddingsOf(device, model, varied, rows, options);
  tellUnread(varied, kept, rows, logger, label);
  if (kept.length < fewestGenes) {
    throw new InputError({
      what: `${kept.length} genes vary and were read`,
      where: label,
      expected: `at least ${fewestGenes}`,
      reason: 'too_few_genes',
    });
  }
  const space = await genesOf(varied, kept, options);
  const profiles = takeRows(takeRows(everyProfile, varying), kept);
  const loadings = await loadingsSimilarity(selectCells(space.logged, rows), options);
  const ofModel = embeddingSimilarity(points);
  return {
    space,
    ours: {
      name: 'scGPT',
      about: sourceWords[source],
      similarity: source === 'combined' ? meanSimilarity([ofModel, loadings]) : ofModel,
    },
    baselines: [
      {
        name: 'co-expression',
        about: 'Pearson correlation of log-normalised expression',
        similarity: correlationSimilarity(profiles, space.names),
      },
      {
        name: 'PCA loadings',
        about: `cosine of loadings times standard deviation, ${loadingComponents} principal components`,
        similarity: loadings,
      },
    ],
  };
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
  { source, seed, onProgress, signal }: GeneSimilarityOptions,
): Promise<{ readonly kept: Int32Array; readonly points: Points }> {
  const every = Int32Array.from(space.names.keys());
  if (source === 'tokens') return { kept: every, points: await tokenEmbeddings(device, model, space.tokens) };
  const context = { cells, seed, onProgress, signal };
  const { points, cellsOfGene } = await contextualEmbeddings(device, model, space, context);
  const kept = every.filter((gene) => cellsOfGene[gene] > 0);
  return { kept, points: takeRows(points, kept) };
}

function tellUnread(
  { names }: GeneSpace,
  kept: Int32Array,
  cells: Int32Array,
  logger: Logger,
  label: string,
): void {
  const read = new Set(kept);
  const unread = names.filter((_, gene) => !read.has(gene));
  if (unread.length === 0) return;
  logger.warning(
    `${unread.length} of ${names.length} genes were read in none of ${cells.length} cells (${label}) and are left out: ${unread.slice(0, 5).join(', ')}; more --cells may read them`,
  );
}
