/** @file What tells clusters apart in each modality: genes, proteins or peaks. */

import type { ModalityKind } from '../../analysis/multimodal/components.ts';
import type { DotPlotSection } from '../../report/task-report.ts';
import { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import type { RunControl } from '../../support/progress.ts';
import { markersSection } from '../report-parts.ts';
import type { PreparedModality } from './modality.ts';
import type { MultiomeResult } from './multiome.ts';

const caution =
  'Clusters were made from the same values: markers describe them and do not prove that they differ.';

/** How the markers of a kind of modality are shown. */
const shown: Record<Exclude<ModalityKind, 'genes'>, Pick<DotPlotSection, 'title' | 'note' | 'of'>> = {
  proteins: {
    title: 'Marker proteins',
    note: `The proteins that tell each cluster best from all other cells, by the rank-sum test of log-ratios above the protein's mean. ${caution}`,
    of: {
      one: 'protein',
      share: 'Cells above the mean of all cells',
      mean: 'Mean log-ratio above it, by protein',
    },
  },
  peaks: {
    title: 'Marker peaks',
    note: `The peaks that tell each cluster best from all other cells, by the rank-sum test of TF-IDF values. ${caution}`,
    of: { one: 'peak', share: 'Cells in which it is open', mean: 'Mean TF-IDF, by peak' },
  },
};

/** A section for each modality that has cells of two clusters. */
export async function markerSections(
  { modalities, clusters }: Pick<MultiomeResult, 'modalities' | 'clusters'>,
  control: RunControl,
): Promise<DotPlotSection[]> {
  const sections: DotPlotSection[] = [];
  for (const { kind, members, values, labels } of modalities) {
    const groups = { ...clusters, codes: members.map((cell) => clusters.codes[cell]) };
    const raised = kind === 'proteins' ? await aboveMean(values) : values;
    const section = await markersSection(raised, groups, labels, control);
    if (section === null) continue;
    sections.push(kind === 'genes' ? section : { ...section, ...shown[kind], name: `markers-${kind}` });
  }
  return sections;
}

/** How far each value lies above the mean of its feature; those below are zero, as tests of counts want it. */
async function aboveMean(matrix: PreparedModality['values']): Promise<CsrMatrix> {
  const [count, width] = matrix.shape;
  const { indptr, indices, values } = await matrix.rows(0, count);
  const means = new Float64Array(width);
  for (let i = 0; i < values.length; i++) means[indices[i]] += values[i] / count;
  const pointers = new Float64Array(count + 1);
  const columns: number[] = [];
  const raised: number[] = [];
  for (let row = 0; row < count; row++) {
    for (let i = indptr[row]; i < indptr[row + 1]; i++) {
      if (values[i] <= means[indices[i]]) continue;
      columns.push(indices[i]);
      raised.push(values[i] - means[indices[i]]);
    }
    pointers[row + 1] = columns.length;
  }
  return new CsrMatrix([count, width], {
    indptr: pointers,
    indices: Int32Array.from(columns),
    values: Float64Array.from(raised),
  });
}
