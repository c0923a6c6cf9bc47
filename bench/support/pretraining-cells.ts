/** @file The cells the bundled model is trained on, and data sets that are held out whole. */

import { openData } from '../../src/single-cell/open.ts';
import { subsetObs } from '../../src/single-cell/subset.ts';
import { GenePanel } from '../../src/single-cell/tokens/gene-panel.ts';
import type { Vocabulary } from '../../src/single-cell/vocabulary.ts';
import { prepareCells } from '../../src/tasks/prepare.ts';
import type { NamedData } from '../../src/tasks/pretrain/corpus.ts';
import { TrainingCells } from '../../src/train/cells/training-cells.ts';

/** A data set of the shared folder. */
export interface SharedFile {
  readonly path: string;
  /** Leave out cells that have a label in this column: another data set has them too. */
  readonly without?: string;
}

/**
 * Raw counts of human cells. Left out are all sets that a benchmark scores predictions on, and what shares donors or
 * experiments with them: Kang, symphony_pbmc_3tech with 66 cells of pbmc_10x_3chem, zheng_pbmc_facs with
 * pbmc_donorA_2896 (its donor), sc_mixology, pancreas_5tech with pancreas_baron_human_175, the ECCITE and A549 sets.
 */
export const corpusFiles: readonly SharedFile[] = [
  { path: 'data/pbmc3k.h5ad' },
  { path: 'data/pbmc_10x_3chem.h5ad', without: 'cell_type_symphony' },
  { path: 'data/breast_tumor_copykat_302.h5ad' },
  { path: 'registry-data/pbmc_celltypist_559.h5ad' },
];

/** Data sets no cell of which is trained on: like the corpus, and of other tissues. */
export const heldOutFiles: readonly SharedFile[] = [
  { path: 'data/pbmc_donorA_2896.h5ad' },
  { path: 'data/kang_ifnb_2k.h5ad' },
  { path: 'data/pbmc_eccite_adt.h5ad' },
  { path: 'data/pancreas_baron_human_175.h5ad' },
  { path: 'data/sc_mixology_cell_lines.h5ad' },
];

/** Opens files of the shared folder. */
export async function openShared(shared: string, files: readonly SharedFile[]): Promise<NamedData[]> {
  const opened: NamedData[] = [];
  for (const { path, without } of files) {
    const whole = await openData(`${shared}/${path}`);
    const label = path.replace(/^.*\//, '');
    if (without === undefined) opened.push({ label, data: whole });
    else {
      const labels = whole.obs.strings(without);
      const kept = labels.flatMap((found, cell) => (found === 'unknown' ? [cell] : []));
      opened.push({ label, data: subsetObs(whole, Int32Array.from(kept)) });
    }
  }
  return opened;
}

/** The cells of files in terms of a model's vocabulary; close `named` when done. */
export async function openCells(
  shared: string,
  files: readonly SharedFile[],
  vocabulary: Vocabulary,
): Promise<{ readonly named: readonly NamedData[]; readonly cells: TrainingCells }> {
  const named = await openShared(shared, files);
  const sources = [];
  for (const { label, data } of named) {
    const { matrix, tokenIds } = await prepareCells(data, vocabulary);
    sources.push({ matrix, panel: new GenePanel(vocabulary, tokenIds), names: data.obs.index, label });
  }
  return { named, cells: new TrainingCells(sources, { includeZeros: false }) };
}
