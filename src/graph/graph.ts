/** @file A graph of operations under construction: values with dtype and shape, made by operations in topological order. */

import { GraphError } from '../support/errors.ts';
import type { Tensor } from '../support/tensor.ts';
import type { Dtype, Operation } from './operation.ts';
import type { Shape } from './shape.ts';

/** What is known of a value before anything runs. */
export interface ValueType {
  readonly dtype: Dtype;
  readonly shape: Shape;
}

/** One result of one node. */
export interface Value extends ValueType {
  readonly graph: Graph;
  /** Unique in its graph and ascending in topological order. */
  readonly id: number;
  readonly node: Node;
}

/** An operation applied to values. */
export interface Node {
  readonly operation: Operation;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/** A computation from named inputs and parameters to named outputs. Build it with the functions of `ops/`. */
export class Graph {
  readonly inputs = new Map<string, Value>();
  readonly parameters = new Map<string, Value>();
  readonly outputs = new Map<string, Value>();
  private readonly built: Node[] = [];
  private nextId = 0;

  /** All nodes in the order they were made, which is a topological order. */
  get nodes(): readonly Node[] {
    return this.built;
  }

  /** Declares a value given at every run. */
  input(name: string, dtype: Dtype, shape: Shape): Value {
    if (this.inputs.has(name)) {
      throw new GraphError({ what: `input '${name}' is declared twice`, reason: 'duplicate' });
    }
    const [value] = this.apply({ kind: 'input', name }, [], [{ dtype, shape }]);
    this.inputs.set(name, value);
    return value;
  }

  /** Declares a weight; declaring it again gives the same value, and must ask for the same type. */
  parameter(name: string, shape: Shape, dtype: Dtype = 'float32'): Value {
    const known = this.parameters.get(name);
    if (known !== undefined) {
      if (known.dtype !== dtype || String(known.shape) !== String(shape)) {
        throw new GraphError({
          what: `parameter '${name}' is declared as ${dtype} [${shape}] and as ${known.dtype} [${known.shape}]`,
          reason: 'duplicate',
        });
      }
      return known;
    }
    const [value] = this.apply({ kind: 'parameter', name }, [], [{ dtype, shape }]);
    this.parameters.set(name, value);
    return value;
  }

  constant(tensor: Tensor): Value {
    const { dtype, shape } = tensor;
    switch (dtype) {
      case 'float32':
      case 'int32':
      case 'int64':
      case 'int8':
      case 'bool':
        return this.apply({ kind: 'constant', tensor }, [], [{ dtype, shape }])[0];
      default:
        throw new GraphError({ what: `constant: a graph cannot hold ${dtype}`, reason: 'dtype' });
    }
  }

  /** A scalar constant of a dtype. */
  scalar(value: number, dtype: Dtype = 'float32'): Value {
    return this.constant(scalarTensor(value, dtype));
  }

  /** Names a value as a result of the graph. */
  output(name: string, value: Value): void {
    if (this.outputs.has(name)) {
      throw new GraphError({ what: `output '${name}' is declared twice`, reason: 'duplicate' });
    }
    this.outputs.set(name, value);
  }

  /** Appends a node. The functions of `ops/` check operands and infer `types`; call those instead. */
  apply(operation: Operation, inputs: readonly Value[], types: readonly ValueType[]): readonly Value[] {
    const stray = inputs.find((input) => input.graph !== this);
    if (stray !== undefined) {
      throw new GraphError({
        what: `${operation.kind}: operand ${stray.id} belongs to another graph`,
        reason: 'graph',
      });
    }
    const outputs: Value[] = [];
    const node: Node = { operation, inputs, outputs };
    for (const type of types) outputs.push({ graph: this, id: this.nextId++, node, ...type });
    this.built.push(node);
    return outputs;
  }
}

function scalarTensor(value: number, dtype: Dtype): Tensor {
  switch (dtype) {
    case 'float32':
      return { dtype, shape: [], data: Float32Array.of(value) };
    case 'int32':
      return { dtype, shape: [], data: Int32Array.of(value) };
    case 'int64':
      return { dtype, shape: [], data: BigInt64Array.of(BigInt(value)) };
    case 'int8':
      return { dtype, shape: [], data: Int8Array.of(value) };
    case 'bool':
      return { dtype, shape: [], data: Uint8Array.of(value) };
  }
}
