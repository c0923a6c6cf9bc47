/** @file The scope that objectives build their forward pass in, with or without what training adds. */

import type { Graph } from '../graph/graph.ts';
import { type LowRank, Scope, type TrainingScope } from '../nn/scope.ts';

/** What the forward pass of objectives has beside the model. */
export interface AddedToModel {
  /** Builds what training adds to a graph; without it dropout is off and inputs are normalised by stored statistics. */
  readonly training?: ((graph: Graph) => TrainingScope) | undefined;
  /** Low-rank additions to weight matrices, for evaluation as well as training. */
  readonly lowRank?: LowRank | undefined;
}

/** The scope of a graph's parameters, under their own names. */
export function objectiveScope(graph: Graph, { training, lowRank }: AddedToModel): Scope {
  const adapted = lowRank && ({ probabilities: 'stored', lowRank } as const);
  return new Scope(graph, '', 'float32', training === undefined ? adapted : { lowRank, ...training(graph) });
}
