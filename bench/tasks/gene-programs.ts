/** @file Runs what takes part in the benchmark of gene programs: the model's gene embeddings and plain co-expression. */

import { loadingsSimilarity } from '../../src/analysis/gene-networks/loadings.ts';
import {
  correlationSimilarity,
  embeddingSimilarity,
  meanSimilarity,
  type Similarity,
} from '../../src/analysis/gene-networks/similarity.ts';
import { type Points, takeRows } from '../../src/analysis/points.ts';
import type { LoadedModel } from '../../src/model/folder.ts';
import { openDevice } from '../../src/runtime/device.ts';
import { contextualEmbeddings, tokenEmbeddings } from '../../src/tasks/grn/gene-embeddings.ts';
import { type GeneSpace, geneProfiles } from '../../src/tasks/grn/gene-space.ts';
import { openModel } from '../../src/tasks/model.ts';
import type { BenchmarkFiles } from './files.ts';
import { resolutions, scoreGeneSimilarity } from './gene-program-scores.ts';
import { type GeneProgramSetName, openGeneProgramSet, readGeneKnowledge } from './gene-program-sets.ts';
import type { Runs } from './runs.ts';
import type { ScoreColumn } from './tables.ts';

export const geneProgramColumns: readonly ScoreColumn[] = [
  ['hla_silhouette', 'HLA silhouette'],
  ['CD3_mutual_rank', 'CD3 rank', 'low'],
  ['CD79_mutual_rank', 'CD79 rank', 'low'],
  ['CD8_mutual_rank', 'CD8 rank', 'low'],
  ...resolutions.flatMap((at): ScoreColumn[] => [
    [`reactome_bonf_res${at}`, `Reactome, Bonf., ${at}`],
    [`reactome_bh_res${at}`, `BH, ${at}`],
  ]),
  ['dorothea_auroc', 'DoRothEA AUROC'],
  ['dorothea_epr', 'DoRothEA EPR'],
];

/** What of a set several methods need, computed once. */
class GeneSimilarities {
  private readonly space: GeneSpace;
  private readonly model: LoadedModel;
  private readonly made = new Map<string, Promise<Similarity>>();
  private readonly spent = new Map<string, number>();

  constructor(space: GeneSpace, model: LoadedModel) {
    this.space = space;
    this.model = model;
  }

  once(name: string, make: () => Promise<Similarity>): Promise<Similarity> {
    const made = this.made.get(name) ?? this.timed(name, make);
    this.made.set(name, made);
    return made;
  }

  /** Seconds that a similarity took, whoever asked for it first. */
  seconds(...names: readonly string[]): number {
    return names.reduce((sum, name) => sum + (this.spent.get(name) ?? 0), 0);
  }

  private async timed(name: string, make: () => Promise<Similarity>): Promise<Similarity> {
    const started = performance.now();
    const similarity = await make();
    this.spent.set(name, (performance.now() - started) / 1000);
    return similarity;
  }

  pearson = (): Promise<Similarity> =>
    this.once('pearson', async () => {
      const cells = Int32Array.from({ length: this.space.logged.shape[0] }, (_, cell) => cell);
      return correlationSimilarity(await geneProfiles(this.space, cells), this.space.names);
    });

  loadings = (): Promise<Similarity> => this.once('loadings', () => loadingsSimilarity(this.space.logged));

  token = (): Promise<Similarity> =>
    this.once('token', () =>
      this.ofModel(async (known) =>
        tokenEmbeddings(await openDevice({ threads: 1 }), this.model, known.tokens),
      ),
    );

  context = (): Promise<Similarity> =>
    this.once('context', () =>
      this.ofModel(async (known) => {
        const cells = Int32Array.from({ length: known.logged.shape[0] }, (_, cell) => cell);
        const device = await openDevice({ threads: 1 });
        return (await contextualEmbeddings(device, this.model, known, { cells, seed: 0 })).points;
      }),
    );

  /** The mean of standardised similarities; genes the model does not know have those of their loadings alone. */
  both = async (): Promise<Similarity> => {
    const parts = [await this.context(), await this.loadings()];
    return this.once('both', async () => meanSimilarity(parts));
  };

  /**
   * Cosine of the model's embeddings less their mean over genes. Genes it does not know, or that are in no cell it
   * reads, are like no other: 0.
   */
  private async ofModel(embed: (known: GeneSpace) => Promise<Points>): Promise<Similarity> {
    const { tokens, names } = this.space;
    const known = Int32Array.from(tokens.keys()).filter((gene) => tokens[gene] >= 0);
    const points = await embed({ ...this.space, tokens: known.map((gene) => tokens[gene]) });
    const { values, dimensions } = points;
    const read = known.map((gene, row) => (Number.isNaN(values[row * dimensions]) ? -1 : gene));
    const rows = Int32Array.from(read.keys()).filter((row) => read[row] >= 0);
    const similar = embeddingSimilarity(takeRows(points, rows));
    const all = new Float32Array(names.length ** 2);
    for (const [i, a] of rows.entries()) {
      for (const [j, b] of rows.entries()) {
        all[read[a] * names.length + read[b]] = similar.values[i * rows.length + j];
      }
    }
    return { count: names.length, values: all };
  }
}

/** None draws anything: each runs once. */
export const geneProgramContenders = [
  { id: 'genes-both', name: 'scGPT, genes in cells, with PCA loadings', of: 'both' },
  { id: 'genes-context', name: 'scGPT, genes in cells', of: 'context' },
  { id: 'genes-token', name: 'scGPT, gene tokens', of: 'token' },
  { id: 'genes-loadings', name: 'PCA-20 loadings x standard deviation (here)', of: 'loadings' },
  { id: 'genes-pearson', name: 'Pearson (here)', of: 'pearson' },
] as const;

/** What a run of the benchmark needs. */
export interface GeneProgramPlan {
  readonly files: BenchmarkFiles;
  readonly shared: string;
  readonly runs: Runs;
  readonly again: boolean;
  report(message: string): void;
}

/** Runs what is missing of a set. */
export async function runGenePrograms(
  name: GeneProgramSetName,
  methods: ReadonlySet<string>,
  { files, shared, runs, again, report }: GeneProgramPlan,
): Promise<void> {
  const missing = geneProgramContenders.filter(
    ({ id }) =>
      methods.has(id) && (again || runs.find({ set: name, method: id, seed: 0, fold: 0 }) === undefined),
  );
  if (missing.length === 0) return;
  const model = await openModel();
  const { space } = await openGeneProgramSet(name, model, files, shared);
  const known = space.tokens.filter((token) => token >= 0).length;
  report(`${name}: the model knows ${known} of ${space.names.length} genes`);
  const knowledge = readGeneKnowledge(shared);
  const similarities = new GeneSimilarities(space, model);
  for (const { id, name: title, of } of missing) {
    const similarity = await similarities[of]();
    const seconds = similarities.seconds(...(of === 'both' ? ['context', 'loadings', of] : [of]));
    const scores = scoreGeneSimilarity(similarity, space.names, knowledge);
    const cells = space.logged.shape[0];
    runs.save({ set: name, method: id, seed: 0, fold: 0, name: title, seconds, cells, scores });
    const rank = 'CD3_mutual_rank' in scores ? scores.CD3_mutual_rank.toFixed(2) : 'unknown'; // not all three may be there
    report(`${name} ${title}: ${scores.reactome_bonf_best} Reactome sets at best, CD3 rank ${rank}`);
  }
}
