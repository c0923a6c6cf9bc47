/** @file Scores of corrected expression, beside the observed and a plain correction. */

import { sampleCells } from '../../analysis/cell-sample.ts';
import { type Grouping, groupingOf } from '../../analysis/groups.ts';
import { centredByBatch } from '../../analysis/integration/corrected-expression.ts';
import { type CorrectionScores, correctionScores } from '../../analysis/metrics/corrected-expression.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { type Metric, type ScoreTable, spreads } from '../evaluate/score-table.ts';
import { type CorrectedCells, denseOf } from './corrected.ts';
import { correctedLayerName } from './corrected-layer.ts';
import type { IntegrateResult } from './integrate.ts';

/** Scores of corrected expression and what they were made with. */
export interface CorrectedScores {
  readonly table: ScoreTable;
  /** What kinds of cells are: a column of labels, or the clusters. */
  readonly kinds: string;
  readonly cells: number;
}

/** Means over more cells say the same. */
const scoredCells = 5000;

const metrics: readonly Metric[] = [
  {
    id: 'batch_left',
    name: 'batch left',
    about: 'differences of batches within a kind of cells, as a share of the observed; 0 is best',
    group: 'Correction',
    better: 'low',
  },
  {
    id: 'batch_variance',
    name: 'batch variance',
    about: "share of a gene's variance within a kind of cells that batches explain, mean over genes",
    group: 'Correction',
    better: 'low',
  },
  {
    id: 'kinds_kept',
    name: 'kinds kept',
    about: 'differences of kinds of cells within batches, as a share of the observed; 1 is best',
    group: 'Kept',
    better: 'high',
  },
  {
    id: 'likeness',
    name: 'likeness',
    about: 'correlation of corrected with observed values of a gene within a batch, mean over genes',
    group: 'Kept',
    better: 'high',
  },
];

/**
 * Scores the corrected genes, what was observed of them, and their values centred by batch.
 *
 * @param labelKey the obs column of kinds of cells; without it the clusters, which were made of the same embedding
 */
export async function correctedScores(
  data: AnnData,
  { cells, clusters }: IntegrateResult,
  corrected: CorrectedCells,
  { labelKey, seed }: { readonly labelKey?: string | undefined; readonly seed: number },
): Promise<CorrectedScores> {
  const kinds = labelKey === undefined ? clusters : groupingOf(labelKey, data.obs.column(labelKey));
  const places = sampleCells(cells.names, scoredCells, seed); // among the rows that take part
  const { genes } = corrected;
  const width = cells.expression.genes.length;
  const taken = (values: Float32Array) => ({
    values: block(values, width, places, genes),
    genes: genes.length,
  });
  const batch = ofPlaces(cells.batch, places);
  const scored = ofPlaces(
    kinds,
    places.map((place) => cells.rows[place]),
  );
  const observed = taken(await denseOf(cells.expression.logged));
  const row = (name: string, origin: 'data' | 'baseline', about: string, values: typeof observed) => ({
    name,
    origin,
    about,
    runs: 1,
    seconds: null,
    scores: spreads([scoresById(correctionScores(values, observed, batch, scored))]),
  });
  const centred = { values: centredByBatch(observed.values, genes.length, batch), genes: genes.length };
  return {
    table: {
      metrics,
      rows: [
        row(`layers/${correctedLayerName}`, 'data', corrected.method, taken(corrected.values)),
        row(
          'Centred by batch',
          'baseline',
          "each batch's mean of a gene moved to that of all cells",
          centred,
        ),
        row('Observed', 'baseline', 'log-normalised values, nothing corrected', observed),
      ],
    },
    kinds: labelKey === undefined ? 'clusters' : `obs/${labelKey}`,
    cells: places.length,
  };
}

function scoresById(scores: CorrectionScores): Record<string, number> {
  return {
    batch_left: scores.batchLeft,
    batch_variance: scores.batchVariance,
    kinds_kept: scores.kindsKept,
    likeness: scores.likeness,
  };
}

/** Some rows and columns of a table. */
function block(values: Float32Array, width: number, rows: Int32Array, columns: Int32Array): Float32Array {
  const taken = new Float32Array(rows.length * columns.length);
  rows.forEach((row, i) => {
    columns.forEach((column, j) => {
      taken[i * columns.length + j] = values[row * width + column];
    });
  });
  return taken;
}

function ofPlaces(grouping: Grouping, places: Int32Array): Grouping {
  return { ...grouping, codes: places.map((place) => grouping.codes[place]) };
}
