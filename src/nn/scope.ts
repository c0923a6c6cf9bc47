/** @file A place in a model: the graph and the prefix under which its parameters are named in the checkpoint. */

import type { Graph, Value } from '../graph/graph.ts';
import type { Dtype } from '../graph/operation.ts';
import type { Shape } from '../graph/shape.ts';

/** How weight matrices are stored and multiplied: `int8` is for inference alone. */
export type Precision = 'float32' | 'int8';

/** Declares parameters as `prefix.name`, as modules of torch nest. */
export class Scope {
  readonly graph: Graph;
  readonly prefix: string;
  readonly precision: Precision;

  constructor(graph: Graph, prefix = '', precision: Precision = 'float32') {
    this.graph = graph;
    this.prefix = prefix;
    this.precision = precision;
  }

  /** The scope of a part. */
  at(...names: readonly (string | number)[]): Scope {
    return new Scope(this.graph, `${this.prefix}${names.join('.')}.`, this.precision);
  }

  parameter(name: string, shape: Shape, dtype?: Dtype): Value {
    return this.graph.parameter(this.prefix + name, shape, dtype);
  }

  /** The same place, computed in float32: for parts too small or too sensitive for 8 bits. */
  inFloat32(): Scope {
    return new Scope(this.graph, this.prefix, 'float32');
  }
}
