/** @file The integration scores of the scGPT paper: how well an embedding keeps cell types apart and mixes batches. */

import { breathe } from '../../support/breathe.ts';
import { CancelledError, InputError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import type { Grouping } from '../groups.ts';
import { leiden } from '../leiden.ts';
import { neighbourGraph, type WeightedGraph } from '../neighbour-graph.ts';
import type { Points } from '../points.ts';
import { ari, nmi } from './clustering.ts';
import { graphConnectivity } from './connectivity.ts';
import { aswBatch, aswLabel } from './silhouette.ts';

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

/** How {@link integrationScores} clusters. */
export interface IntegrationOptions extends RunControl {
  /** NMI and ARI are means over these. Default 0, 1, 2: ARI moves by up to 0.05 with the seed alone. */
  readonly leidenSeeds?: readonly number[] | undefined;
}

/** Resolutions that are tried: 0.1, 0.2, ... 2, as in scIB. */
const resolutions = Array.from({ length: 20 }, (_, i) => (i + 1) / 10);

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
  { leidenSeeds = [0, 1, 2], ...control }: IntegrationOptions = {},
): Promise<IntegrationScores> {
  checkGrouping(points, batch);
  checkGrouping(points, labels);
  const graph = await neighbourGraph(points, 15, control);
  return summarise({
    ...(await clusterAgreement(graph, labels.codes, leidenSeeds, control)),
    aswLabel: await aswLabel(points, labels, control),
    aswBatch: await aswBatch(points, batch, labels, control),
    graphConnectivity: graphConnectivity(graph, labels),
  });
}

/** Adds the averages of the paper. */
export function summarise(scores: SingleScores): IntegrationScores {
  const avgBio = (scores.nmi + scores.ari + scores.aswLabel) / 3;
  const avgBatch = (scores.graphConnectivity + scores.aswBatch) / 2;
  return { ...scores, avgBio, avgBatch, overall: 0.6 * avgBio + 0.4 * avgBatch };
}

/** NMI and ARI at the resolution with the highest NMI, the lowest of equals; means over seeds. */
async function clusterAgreement(
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

function checkGrouping({ count }: Points, { name, codes }: Grouping): void {
  if (codes.length !== count) {
    throw new InputError({
      what: `there are ${codes.length} cells`,
      where: `grouping ${name}`,
      expected: `the embedding's ${count}`,
      reason: 'grouping_length',
    });
  }
  const missing = codes.filter((code) => code < 0).length;
  if (missing === 0) return;
  throw new InputError({
    what: `${missing} of ${count} cells have no value`,
    where: `grouping ${name}`,
    expected: 'a value for every cell that is scored',
    advice: 'Leave cells without one out.',
    reason: 'missing_group',
  });
}
