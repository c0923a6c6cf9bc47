/** @file Runs what takes part in the multi-omics benchmark: plain methods and scGPT, from one run of the task each seed. */

import { pairsOf } from '../../src/analysis/multimodal/joint-components.ts';
import { pointsOf } from '../../src/analysis/points.ts';
import { openModel } from '../../src/tasks/model.ts';
import { type MultiomeResult, multiome } from '../../src/tasks/multiome/multiome.ts';
import type { BenchmarkFiles } from './files.ts';
import { type Representation, scoreRepresentation } from './multiomics-scores.ts';
import { type MultiomicsSetName, openMultiomics } from './multiomics-sets.ts';
import type { Runs } from './runs.ts';
import type { ScoreColumn } from './tables.ts';

export const multiomicsColumns: readonly ScoreColumn[] = [
  ['avg_bio', 'AvgBIO'],
  ['knn15_accuracy', '15-NN acc.'],
  ['knn15_balanced_accuracy', '15-NN bal. acc.'],
  ['nmi', 'NMI'],
  ['ari', 'ARI'],
  ['asw', 'ASW'],
  ['nmi_res1', 'NMI, res 1'],
  ['ari_res1', 'ARI, res 1'],
];

/** Ids and names of what is scored. Plain methods draw nothing: they are scored once. */
export const multiomicsContenders = [
  { id: 'multi-scgpt', name: 'scGPT, joint', plain: undefined },
  { id: 'multi-scgpt-cell', name: 'scGPT, cell embedding alone', plain: undefined },
  { id: 'multi-wnn', name: 'weighted nearest neighbours', plain: 0 },
  { id: 'multi-concatenated', name: 'concatenated, unit total variance', plain: 1 },
  { id: 'multi-rna', name: 'RNA PCA-30', plain: 2 },
  { id: 'multi-other', name: 'the other modality alone', plain: 3 },
] as const;

/** What a run of the benchmark needs. */
export interface MultiomicsPlan {
  readonly files: BenchmarkFiles;
  readonly shared: string;
  readonly runs: Runs;
  readonly seeds: readonly number[];
  readonly again: boolean;
  report(message: string): void;
}

/** Runs what is missing of a set. The task is given no labels; it chooses what each modality counts for by itself. */
export async function runMultiomics(
  name: MultiomicsSetName,
  methods: ReadonlySet<string>,
  { files, shared, runs, seeds, again, report }: MultiomicsPlan,
): Promise<void> {
  for (const seed of seeds) {
    const missing = multiomicsContenders.filter(
      ({ id, plain }) =>
        methods.has(id) &&
        (plain === undefined || seed === seeds[0]) &&
        (again || runs.find({ set: name, method: id, seed, fold: 0 }) === undefined),
    );
    if (missing.length === 0) continue;
    const { rna, other, kind, labels } = await openMultiomics(name, files, shared);
    const model = await openModel(undefined);
    const otherName = kind === 'peaks' ? 'atac' : 'protein';
    const started = performance.now();
    const result = await multiome({ rna, other, otherName, kind }, model, { seed, threads: 1 });
    const seconds = (performance.now() - started) / 1000;
    for (const { id, name: title, plain } of missing) {
      const scores = await scoreRepresentation(shownBy(result, id, plain), labels);
      runs.save({
        set: name,
        method: id,
        seed,
        fold: 0,
        name: title,
        seconds: plain === undefined ? seconds : result.seconds.preparing,
        cells: labels.codes.filter((code) => code >= 0).length,
        scores,
      });
      report(`${name} ${title} seed ${seed}: AvgBIO ${scores.avg_bio.toFixed(3)}`);
    }
  }
}

/** Clusters of weighted neighbours, the joint embedding's too, are of their graph; others of the points' neighbours. */
function shownBy(result: MultiomeResult, id: string, plain: number | undefined): Representation {
  if (id === 'multi-scgpt-cell') return { points: pointsOf(result.cellEmbedding) };
  if (plain === undefined) {
    const { joint, jointCells } = result;
    return {
      points: pointsOf(joint),
      graph: jointCells.weighted ? pairsOf(jointCells.neighbours) : undefined,
    };
  }
  const { points, joint } = result.plain[plain];
  return { points, graph: joint === null ? undefined : pairsOf(joint.neighbours) };
}
