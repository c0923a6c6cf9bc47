/** @file The average silhouette widths of the scIB benchmark: of cell types, and of batches within them. */

import type { RunControl } from '../../support/progress.ts';
import type { Grouping } from '../groups.ts';
import { type Points, takeRows } from '../points.ts';
import { silhouetteWidths } from '../silhouette.ts';

/**
 * ASW of labels: the mean silhouette width brought to 0 .. 1, high when cells of a label lie together and apart from
 * others (Luecken et al. 2022, doi:10.1038/s41592-021-01336-8).
 *
 * @param labels cells without a label are left out
 * @returns 0.5 for a single label, NaN when no cell has one
 */
export async function aswLabel(points: Points, labels: Grouping, control?: RunControl): Promise<number> {
  const [widths] = await silhouetteWidths(points, [labels], control);
  return averageWidth(widths);
}

/** The mean of silhouette widths brought to 0 .. 1; those that are NaN, of cells without a label, are left out. */
export function averageWidth(widths: Float64Array): number {
  return (mean(widths.filter((width) => !Number.isNaN(width))) + 1) / 2;
}

/**
 * ASW of batches, 0 .. 1, high when batches are mixed: within each label the mean of 1 - |silhouette width of the
 * batches|, then the mean over labels (Luecken et al. 2022). Labels with one batch, or with as many batches as
 * cells, are skipped.
 *
 * @param batch cells without a batch are left out
 * @param labels cells without a label are left out
 * @returns NaN when no label is left
 */
export async function aswBatch(
  points: Points,
  batch: Grouping,
  labels: Grouping,
  control?: RunControl,
): Promise<number> {
  const ofLabels: number[] = [];
  for (const label of labels.groups.keys()) {
    const cells = Int32Array.from(labels.codes.keys()).filter(
      (cell) => labels.codes[cell] === label && batch.codes[cell] >= 0,
    );
    const codes = cells.map((cell) => batch.codes[cell]);
    const batches = new Set(codes).size;
    if (batches < 2 || batches === cells.length) continue;
    const [widths] = await silhouetteWidths(takeRows(points, cells), [{ ...batch, codes }], control);
    ofLabels.push(mean(widths.map((width) => 1 - Math.abs(width))));
  }
  return mean(ofLabels);
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}
