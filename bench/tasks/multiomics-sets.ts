/** @file The two sets of `benchmarks/multiomics.md`: RNA with accessibility, RNA with proteins, and their labels. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Grouping, groupingOf, groupSizes } from '../../src/analysis/groups.ts';
import { AnnData } from '../../src/single-cell/anndata.ts';
import { DataFrame } from '../../src/single-cell/data-frame.ts';
import { modalityOfObsm } from '../../src/single-cell/h5mu/split.ts';
import type { BenchmarkFiles } from './files.ts';

/** Cells with two modalities and, for scoring alone, labels. */
export interface MultiomicsSet {
  readonly name: string;
  /** All features; obs without columns. */
  readonly rna: AnnData;
  readonly other: AnnData;
  readonly kind: 'peaks' | 'proteins';
  /** Columns of the genes that the benchmark's classical methods read; null for all. */
  readonly genes: Int32Array | null;
  readonly labels: Grouping;
}

export const multiomicsSets = ['a549_scicar', 'pbmc_eccite_adt'] as const;
export type MultiomicsSetName = (typeof multiomicsSets)[number];

export async function openMultiomics(
  name: MultiomicsSetName,
  files: BenchmarkFiles,
  shared: string,
): Promise<MultiomicsSet> {
  return name === 'a549_scicar' ? accessibility(files) : proteins(files, shared);
}

async function accessibility(files: BenchmarkFiles): Promise<MultiomicsSet> {
  const rna = await files.open('a549_scicar_rna');
  const other = await files.open('a549_scicar_atac');
  return {
    name: 'a549_scicar',
    rna: withoutColumns(rna),
    other: withoutColumns(other),
    kind: 'peaks',
    genes: null,
    labels: groupingOf('time_h', rna.obs.column('time_h')),
  };
}

/** Labels of fewer cells are not scored. */
const fewestCells = 10;

async function proteins(files: BenchmarkFiles, shared: string): Promise<MultiomicsSet> {
  const data = await files.open('pbmc_eccite_adt');
  const list = readFileSync(join(shared, 'benchmarks', 'multiomics.pbmc_eccite_adt.genes.tsv'), 'utf8');
  const chosen = new Set(list.trimEnd().split('\n').slice(1));
  const labels = groupingOf('cell_type_predicted', data.obs.column('cell_type_predicted'));
  const sizes = groupSizes(labels.codes, labels.groups.length);
  const scored = labels.groups.map((group, code) => group !== 'unknown' && sizes[code] >= fewestCells);
  return {
    name: 'pbmc_eccite_adt',
    rna: withoutColumns(data),
    other: withoutColumns(modalityOfObsm(data, 'protein_counts')),
    kind: 'proteins',
    genes: Int32Array.from(data.var.index.keys()).filter((column) => chosen.has(data.var.index[column])),
    labels: { ...labels, codes: labels.codes.map((code) => (code >= 0 && scored[code] ? code : -1)) },
  };
}

function withoutColumns({ obs, var: genes, X, source }: AnnData): AnnData {
  return new AnnData({ obs: new DataFrame(obs.index, []), var: genes, X, source });
}
