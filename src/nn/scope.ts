/** @file A place in a model: the graph, the prefix under which its parameters are named, and what training adds there. */

import type { Graph, Value } from '../graph/graph.ts';
import type { Dtype } from '../graph/operation.ts';
import type { Shape } from '../graph/shape.ts';
import type { Dropout } from './dropout.ts';

/** How weight matrices are stored and multiplied: `int8` is for inference alone. */
export type Precision = 'float32' | 'int8';

/** What training adds to the forward pass. */
export interface TrainingScope {
  /** None without dropout. */
  readonly dropout?: Dropout | undefined;
  /** Whether attention probabilities wait for the backward pass or are computed again in it. */
  readonly probabilities: 'stored' | 'recomputed';
  /** Low-rank additions to weight matrices. */
  readonly lowRank?: LowRank | undefined;
}

/** Low-rank adaptation (Hu et al. 2021): `W + (alpha / rank) B A` in the place of `W`, which stays as it is. */
export interface LowRank {
  readonly rank: number;
  readonly alpha: number;
  /** Whether the weight matrix of this name is adapted. */
  targets(weight: string): boolean;
}

/** Declares parameters as `prefix.name`, as modules of torch nest. */
export class Scope {
  readonly graph: Graph;
  readonly prefix: string;
  readonly precision: Precision;
  /** Absent in inference. */
  readonly training: TrainingScope | undefined;

  constructor(graph: Graph, prefix = '', precision: Precision = 'float32', training?: TrainingScope) {
    this.graph = graph;
    this.prefix = prefix;
    this.precision = precision;
    this.training = training;
  }

  /** The scope of a part. */
  at(...names: readonly (string | number)[]): Scope {
    return new Scope(this.graph, `${this.prefix}${names.join('.')}.`, this.precision, this.training);
  }

  parameter(name: string, shape: Shape, dtype?: Dtype): Value {
    return this.graph.parameter(this.prefix + name, shape, dtype);
  }

  /** The same place, computed in float32: for parts too small or too sensitive for 8 bits. */
  inFloat32(): Scope {
    return new Scope(this.graph, this.prefix, 'float32', this.training);
  }

  /** `x` `[cells, tokens, columns]` after dropout in training, as it is in inference. */
  dropped(x: Value): Value {
    return this.training?.dropout?.rows(x) ?? x;
  }
}
