/** @file The two embeddings of the integration fixture, one well mixed and one not, with what scores them. */

import type { Grouping } from '../../../../src/analysis/groups.ts';
import type { Neighbours } from '../../../../src/analysis/neighbours.ts';
import type { Points } from '../../../../src/analysis/points.ts';
import { golden } from '../../single-cell/golden.ts';

/** Scores that the fixture holds for an embedding. */
interface Results {
  readonly ASW_label: number;
  readonly ASW_batch: number;
  readonly graph_connectivity_on_connectivities: number;
  readonly isolated_labels: number;
  readonly isolated_labels_threshold_3: number;
  readonly isolated_label_names: readonly string[];
  readonly iLISI: number;
  readonly cLISI: number;
  readonly iLISI_unscaled: number;
  readonly cLISI_unscaled: number;
  readonly kBET_acceptance: number;
  readonly kBET_per_label: number;
  readonly kBET_per_label_table: Readonly<Record<string, number>>;
  readonly PCR_pre: number;
  readonly PCR_post: number;
  readonly PCR_comparison: number;
  readonly AvgBIO: number;
  readonly AvgBATCH: number;
  readonly overall: number;
  readonly 'leiden_0.3': Agreement;
  readonly 'leiden_1.0': Agreement;
  readonly 'leiden_2.0': Agreement;
}

interface Agreement {
  readonly NMI_arithmetic: number;
  readonly ARI: number;
  readonly isolated_F1_of_rare_DC_best_cluster: number;
}

interface Case {
  readonly parameters: { readonly labels: string[]; readonly batches: string[] };
  readonly results: Readonly<Record<Kind, Results>>;
  readonly edge_cases: readonly { readonly input: string; readonly value: number }[];
}

export type Kind = 'mixed' | 'not_mixed';

export const kinds: readonly Kind[] = ['mixed', 'not_mixed'];

export const metrics = golden<Case>('integration-metrics');

export const results = metrics.about.results;

export const labels: Grouping = {
  name: 'label',
  codes: metrics.i32('labels'),
  groups: metrics.about.parameters.labels,
};

export const batches: Grouping = {
  name: 'batch',
  codes: metrics.i32('batch'),
  groups: metrics.about.parameters.batches,
};

/** The embedding of a kind. */
export function embedding(kind: Kind): Points {
  return { values: metrics.f64(`${kind}/X`), count: 400, dimensions: 10 };
}

/** The same cells before integration. */
export function unintegrated(): Points {
  return { values: metrics.f64('X_pre'), count: 400, dimensions: 40 };
}

/** The first `k` stored neighbours; the fixture's first column is the cell itself. */
export function storedNeighbours(kind: Kind, k: number): Neighbours {
  const storedIndices = metrics.i32(`${kind}/knn_indices`);
  const storedDistances = metrics.f64(`${kind}/knn_distances`);
  const indices = new Int32Array(400 * k);
  const distances = new Float64Array(400 * k);
  for (let cell = 0; cell < 400; cell++) {
    const start = cell * 90 + 1;
    indices.set(storedIndices.subarray(start, start + k), cell * k);
    distances.set(storedDistances.subarray(start, start + k), cell * k);
  }
  return { count: 400, k, indices, distances };
}

/** What the fixture says of an input at the limits. */
export function edgeCase(input: string): number {
  const found = metrics.about.edge_cases.find((edge) => edge.input === input);
  if (found === undefined) throw new Error(`the fixture has no edge case '${input}'`);
  return found.value;
}

/** A grouping of the fixture's 400 cells by stored codes. */
export function groupingBy(tensor: string): Grouping {
  const codes = metrics.i32(tensor);
  const groups = Array.from({ length: Math.max(...codes) + 1 }, (_, code) => String(code));
  return { name: tensor, codes, groups };
}
