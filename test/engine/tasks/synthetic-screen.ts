/** @file A small screen with a known answer: knock-outs of one pathway lower its genes, others do nothing. */

import { AnnData } from '../../../src/single-cell/anndata.ts';
import { CsrMatrix } from '../../../src/single-cell/csr-matrix.ts';
import { categorical, DataFrame } from '../../../src/single-cell/data-frame.ts';
import { randomStream } from '../../../src/support/random.ts';

/** Interferon genes that the knock-outs of the pathway lower, then others that nothing changes. */
export const responding = ['ISG15', 'IFI6', 'IFIT1', 'IFIT3', 'MX1', 'OAS1', 'GBP1', 'IRF7'];
const steady = [
  'ACTB',
  'B2M',
  'CD3D',
  'CD74',
  'FTL',
  'GAPDH',
  'LYZ',
  'MALAT1',
  'NKG7',
  'RPL10',
  'S100A9',
  'TMSB4X',
];
export const genes = [...responding, ...steady, 'NOT-A-GENE'];
/** Knock-outs of the pathway, and those without effect. */
export const pathway = ['IRF7', 'JAK2', 'STAT1', 'STAT2'];
export const silentTargets = ['CD86', 'CAV1'];

/** Cells of a condition in a batch. */
const cellsOfGroup = 24;

/** Counts; batches differ in depth. `treatment` adds cells that were given something that is no gene. */
export function syntheticScreen({
  contexts = ['one'],
  conditions = ['control', ...[...pathway, ...silentTargets].map((gene) => `${gene}+ctrl`)],
}: {
  readonly contexts?: readonly string[];
  readonly conditions?: readonly string[];
} = {}): AnnData {
  const random = randomStream(5, 'screen');
  const rows: { condition: string; batch: string; context: string; counts: number[] }[] = [];
  for (const context of contexts) {
    for (const condition of conditions) {
      for (const [batch, depth] of [
        ['a', 1],
        ['b', 1.5],
      ] as const) {
        for (let cell = 0; cell < cellsOfGroup; cell++) {
          const lowered = pathway.some((gene) => condition.split('+').includes(gene));
          const raised = condition === 'IFN-beta';
          const counts = genes.map((gene, i) => {
            const effect = !responding.includes(gene) ? 1 : lowered ? 0.25 : raised ? 3 : 1;
            return poisson((2 + (i % 5)) * depth * effect, random);
          });
          rows.push({ condition, batch, context, counts });
        }
      }
    }
  }
  const counts = Float32Array.from(rows.flatMap((row) => row.counts));
  const obs = new DataFrame(
    rows.map((_, i) => `cell-${i}`),
    [
      ['condition', categorical(rows.map(({ condition }) => condition))],
      ['batch', categorical(rows.map(({ batch }) => batch))],
      ['cell_type', categorical(rows.map(({ context }) => context))],
    ],
  );
  return new AnnData({ obs, var: new DataFrame(genes), X: sparse(counts, rows.length) });
}

function sparse(values: Float32Array, rows: number): CsrMatrix {
  const width = genes.length;
  const kept = [...values.keys()].filter((i) => values[i] > 0);
  const indptr = new Float64Array(rows + 1);
  for (const i of kept) indptr[Math.floor(i / width) + 1]++;
  for (let row = 0; row < rows; row++) indptr[row + 1] += indptr[row];
  return new CsrMatrix([rows, width], {
    indptr,
    indices: Int32Array.from(kept, (i) => i % width),
    values: Float32Array.from(kept, (i) => values[i]),
  });
}

function poisson(mean: number, random: { uniform(): number }): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.uniform(); product > limit; product *= random.uniform()) count++;
  return count;
}
