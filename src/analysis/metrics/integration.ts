/** @file The integration scores of the scGPT paper: how well an embedding keeps cell types apart and mixes batches. */

import { breathe } from '../../support/breathe.ts';
import { CancelledError, UsageError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { checkGrouped, type Grouping } from '../groups.ts';
import { leiden } from '../leiden.ts';
import { umapConnectivities, type WeightedGraph } from '../neighbour-graph.ts';
import type { Neighbours } from '../neighbours.ts';
import type { Points } from '../points.ts';
import { silhouetteWidths } from '../silhouette.ts';
import { kBetNeighbours, lisiNeighbours, nearest, nearestOf } from './batch-mixing.ts';
import { ari, nmi } from './clustering.ts';
import { graphConnectivity } from './connectivity.ts';
import { isolatedLabelAsw, isolatedLabels } from './isolated-labels.ts';
import { kBetPerLabel } from './kbet-per-label.ts';
import { cLisi, iLisi } from './lisi.ts';
import { pcrComparison } from './principal-component-regression.ts';
import { aswBatch, averageWidth } from './silhouette.ts';

/** Scores that every other is made of, each 0 .. 1 (ARI can fall below 0), higher being better. */
export interface SingleScores {
  /** Agreement of clusters and labels, at the resolution with the best. */
  readonly nmi: number;
  /** At the same resolution. */
  readonly ari: number;
  readonly aswLabel: number;
  /** NaN when no label has two batches. */
  readonly aswBatch: number;
  readonly graphConnectivity: number;
}

/** What {@link integrationScores} gives. */
export interface IntegrationScores extends SingleScores {
  /** AvgBIO: mean of NMI, ARI and ASW of labels. */
  readonly avgBio: number;
  /** AvgBATCH: mean of graph connectivity and ASW of batches. */
  readonly avgBatch: number;
  /** 0.6 AvgBIO + 0.4 AvgBATCH. */
  readonly overall: number;
}

/** Further scores of scIB, each 0 .. 1, higher being better; they take no part in the averages. */
export interface FurtherScores {
  /** ASW of the labels that the fewest batches have. */
  readonly isolatedLabels: number;
  /** NaN for a single batch. */
  readonly iLisi: number;
  /** NaN for a single label. */
  readonly cLisi: number;
  /** Within labels. NaN when no label has ten cells and two batches. */
  readonly kBet: number;
  /** Only with the cells before integration; NaN when batches did not differ then. */
  readonly pcrComparison?: number;
}

/** How {@link integrationScores} clusters, and what it scores besides. */
export interface IntegrationOptions extends RunControl {
  /** NMI and ARI are means over these. Default 0, 1, 2: ARI moves by up to 0.05 with the seed alone. */
  readonly leidenSeeds?: readonly number[] | undefined;
  /** Adds the {@link FurtherScores}. */
  readonly more?: {
    /** The same cells before integration, such as principal components of their expression. */
    readonly unintegrated?: Points | undefined;
  };
}

/** Resolutions that are tried: 0.1, 0.2, ... 2, as in scIB. */
const resolutions = Array.from({ length: 20 }, (_, i) => (i + 1) / 10);

/** Neighbours that cells are clustered by, the cell counted, as in scanpy and scIB. */
const graphNeighbours = 15;

/**
 * Scores an embedding as the scGPT paper (Cui et al. 2024) and scIB (Luecken et al. 2022) do: Leiden clusters on the
 * graph of 15 neighbours (the cell counts among them), Euclidean distances. Labels choose the resolution, so that
 * scores compare embeddings; no clustering without labels would do as well.
 *
 * Compares all pairs of cells twice: a matter of seconds for a few thousand cells.
 *
 * @throws InputError when a cell has no batch, no label or no finite place, or the groupings are of other cells
 * @throws UsageError when there are fewer than 15 cells
 * @throws CancelledError when the signal is aborted
 */
export async function integrationScores(
  points: Points,
  batch: Grouping,
  labels: Grouping,
  options: IntegrationOptions & { readonly more: NonNullable<IntegrationOptions['more']> },
): Promise<IntegrationScores & FurtherScores>;
export async function integrationScores(
  points: Points,
  batch: Grouping,
  labels: Grouping,
  options?: IntegrationOptions,
): Promise<IntegrationScores & Partial<FurtherScores>>;
export async function integrationScores(
  points: Points,
  batch: Grouping,
  labels: Grouping,
  { leidenSeeds = [0, 1, 2], more, ...control }: IntegrationOptions = {},
): Promise<IntegrationScores & Partial<FurtherScores>> {
  checkCells(points, batch, labels);
  const neighbours = await nearest(points, more === undefined ? graphNeighbours : lisiNeighbours, control);
  const graph = umapConnectivities(nearestOf(neighbours, graphNeighbours));
  const agreement = await clusterAgreement(graph, labels.codes, leidenSeeds, control);
  const [widths] = await silhouetteWidths(points, [labels], control);
  const scores = summarise({
    ...agreement,
    aswLabel: averageWidth(widths),
    aswBatch: await aswBatch(points, batch, labels, control),
    graphConnectivity: graphConnectivity(graph, labels),
  });
  if (more === undefined) return scores;
  const { unintegrated } = more;
  return {
    ...scores,
    isolatedLabels: isolatedLabelAsw(widths, labels, isolatedLabels(batch, labels)),
    ...(await neighbourScores(neighbours, batch, labels, control)),
    ...(unintegrated === undefined ? {} : { pcrComparison: pcrComparison(unintegrated, points, batch) }),
  };
}

function checkCells({ count }: Points, batch: Grouping, labels: Grouping): void {
  checkGrouped(count, batch);
  checkGrouped(count, labels);
  if (count >= graphNeighbours) return;
  throw new UsageError({
    what: `there are ${count} cells`,
    where: 'integration scores',
    expected: `at least ${graphNeighbours}`,
    reason: 'too_few_cells',
  });
}

/** The scores that need no more than neighbours and groupings. */
async function neighbourScores(
  neighbours: Neighbours,
  batch: Grouping,
  labels: Grouping,
  control: RunControl,
): Promise<Pick<FurtherScores, 'iLisi' | 'cLisi' | 'kBet'>> {
  const graph = umapConnectivities(nearestOf(neighbours, kBetNeighbours));
  const { score } = await kBetPerLabel(graph, batch, labels, control);
  return { iLisi: iLisi(neighbours, batch), cLisi: cLisi(neighbours, labels), kBet: score };
}

/** Adds the averages of the paper. */
export function summarise(scores: SingleScores): IntegrationScores {
  const avgBio = (scores.nmi + scores.ari + scores.aswLabel) / 3;
  const avgBatch = (scores.graphConnectivity + scores.aswBatch) / 2;
  return { ...scores, avgBio, avgBatch, overall: 0.6 * avgBio + 0.4 * avgBatch };
}

/** NMI and ARI at the resolution with the highest NMI, the lowest of equals; means over seeds. */
export async function clusterAgreement(
  graph: WeightedGraph,
  labels: Int32Array,
  seeds: readonly number[],
  { onProgress, signal }: RunControl,
): Promise<{ nmi: number; ari: number }> {
  const total = { nmi: 0, ari: 0 };
  let done = 0;
  for (const seed of seeds) {
    let best = { nmi: -1, ari: 0 };
    for (const resolution of resolutions) {
      const { codes } = leiden(graph, { resolution, seed });
      const agreement = nmi(codes, labels);
      if (agreement > best.nmi) best = { nmi: agreement, ari: ari(codes, labels) };
      if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while clustering' });
      onProgress?.({
        stage: 'clustering',
        done: ++done,
        total: seeds.length * resolutions.length,
        unit: 'runs',
      });
      await breathe();
    }
    total.nmi += best.nmi / seeds.length;
    total.ari += best.ari / seeds.length;
  }
  return total;
}
