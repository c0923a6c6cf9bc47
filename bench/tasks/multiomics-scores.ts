/** @file Scores of a representation of cells with two modalities, by `benchmarks/multiomics.md`. */

import type { Grouping } from '../../src/analysis/groups.ts';
import { leiden } from '../../src/analysis/leiden.ts';
import { ari, nmi } from '../../src/analysis/metrics/clustering.ts';
import { aswLabel } from '../../src/analysis/metrics/silhouette.ts';
import { pairsOf } from '../../src/analysis/multimodal/joint-components.ts';
import { subgraph } from '../../src/analysis/multimodal/subgraph.ts';
import type { WeightedGraph } from '../../src/analysis/neighbour-graph.ts';
import { neighbourAgreement } from '../../src/analysis/neighbour-scores.ts';
import { nearestNeighbours } from '../../src/analysis/neighbours.ts';
import { type Points, takeRows } from '../../src/analysis/points.ts';

/** A representation: points and, where clusters are not of the points' neighbours, the graph they are of. */
export interface Representation {
  readonly points: Points;
  readonly graph?: WeightedGraph | undefined;
}

const neighbourCount = 15;
const resolutions = Array.from({ length: 20 }, (_, i) => (i + 1) / 10);

/** Scores over the labelled cells alone, by the benchmark's names. */
export async function scoreRepresentation(
  { points: all, graph: given }: Representation,
  labels: Grouping,
): Promise<Record<string, number>> {
  const labelled = Int32Array.from(labels.codes.keys()).filter((cell) => labels.codes[cell] >= 0);
  const codes = labelled.map((cell) => labels.codes[cell]);
  const points = takeRows(all, labelled);
  const neighbours = await nearestNeighbours(points, neighbourCount);
  const graph = given === undefined ? pairsOf(neighbours) : subgraph(given, labelled);
  const clusterings = resolutions.map((resolution) => {
    const clusters = leiden(graph, { resolution, seed: 0 }).codes;
    return { resolution, nmi: nmi(clusters, codes), ari: ari(clusters, codes) };
  });
  const best = clusterings.reduce((a, b) => (b.nmi > a.nmi ? b : a));
  const first = clusterings.find(({ resolution }) => resolution === 1) ?? best;
  const asw = await aswLabel(points, { ...labels, codes });
  const { accuracy, meanOverGroups } = neighbourAgreement(neighbours, codes, labels.groups.length);
  return {
    avg_bio: (best.nmi + best.ari + asw) / 3,
    nmi: best.nmi,
    ari: best.ari,
    asw,
    nmi_res1: first.nmi,
    ari_res1: first.ari,
    knn15_accuracy: accuracy,
    knn15_balanced_accuracy: meanOverGroups,
  };
}
