/** @file Lowers a graph to an ONNX model for one target profile, operation by operation through one table of rules. */

import { GraphError } from '../../support/errors.ts';
import { bytesOf, type StateDict, type Tensor } from '../../support/tensor.ts';
import type { Graph, Node, Value } from '../graph.ts';
import { liveNodes } from '../live.ts';
import type { Operation, OperationKind } from '../operation.ts';
import { type Dim, dimExpression } from '../shape.ts';
import type { OnnxInitializer, OnnxModel, OnnxNode } from './model.ts';
import { type Profile, rulesOf } from './profiles.ts';

/** Kinds that become names (graph inputs, initializers) rather than ONNX nodes. */
type Declared = 'input' | 'parameter' | 'constant';

/** How one operation becomes ONNX nodes: reads its operands' names, writes its results' names. */
export type Rule<K extends OperationKind> = (
  operation: Extract<Operation, { kind: K }>,
  node: Node,
  emitter: Emitter,
) => void;

/** One rule for every operation. */
export type RuleTable = { readonly [K in Exclude<OperationKind, Declared>]: Rule<K> };

/** What rules write to. */
export interface Emitter {
  /** The name of a value in the model. */
  name(value: Value): string;
  /** The name of a value, or the empty name when nothing reads it. */
  nameIfUsed(value: Value): string;
  /** A small constant. */
  constant(tensor: Tensor): string;
  /** A constant vector of int64, as shapes and axes are given. */
  integers(values: readonly (number | bigint)[]): string;
  /** The sizes of dimensions as a vector of int64: a constant, or computed from the graph's inputs when it runs. */
  sizes(dims: readonly Dim[]): string;
  /** A fresh name. */
  temporary(): string;
  /** Adds a node with the given names for its results. */
  emit(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: OnnxNode['attributes'],
  ): void;
  /** Adds a node with one result and returns its fresh name. */
  node(operator: string, inputs: readonly string[], attributes?: OnnxNode['attributes']): string;
  /** Adds a node with several results and returns their fresh names. */
  nodeWithResults(operator: string, inputs: readonly string[], count: number): readonly string[];
  /** Adds a node that computes the results of `node`. */
  result(operator: string, node: Node, inputs: readonly string[], attributes?: OnnxNode['attributes']): void;
}

/** Where a model's weights are. */
export type ParameterPlacement =
  /** Inside the model file: for a file that stands alone. */
  | { readonly in: 'model'; readonly values: StateDict }
  /** Beside it, each under its own name as location: for a session that is given the bytes. */
  | { readonly in: 'files'; readonly values: StateDict }
  /** Given at every run: for training. */
  | { readonly in: 'inputs' };

/** Options of {@link lower}. */
export interface LowerOptions {
  readonly profile: Profile;
  readonly parameters: ParameterPlacement;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The domain of an operator: names of ONNX Runtime's own operators are written `com.microsoft.Name`. */
const contribPrefix = 'com.microsoft.';

/**
 * Lowers the live part of `graph`.
 *
 * @throws GraphError when a parameter's value is missing or has another dtype or shape than the graph declares
 */
export function lower(graph: Graph, { profile, parameters, metadata }: LowerOptions): OnnxModel {
  const nodes = liveNodes(graph);
  const emitter = new ModelEmitter(graph, nodes);
  const rules = rulesOf(profile);
  for (const node of nodes) {
    switch (node.operation.kind) {
      case 'input':
        break;
      case 'constant':
        emitter.initializer(emitter.name(node.outputs[0]), node.operation.tensor);
        break;
      case 'parameter':
        if (parameters.in !== 'inputs') emitter.parameter(node.operation.name, node.outputs[0], parameters);
        break;
      default:
        applyRule(rules, node, emitter);
    }
  }
  emitter.finishOutputs();
  const given = [...graph.inputs, ...(parameters.in === 'inputs' ? graph.parameters : [])];
  const live = new Set(nodes);
  return {
    name: 'scgpt',
    nodes: emitter.nodes,
    initializers: emitter.initializers,
    inputs: given
      .filter(([, value]) => live.has(value.node))
      .map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
    outputs: [...graph.outputs].map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

function applyRule<K extends Exclude<OperationKind, Declared>>(
  rules: RuleTable,
  node: Node,
  emitter: Emitter,
): void {
  // The table has a rule of the operation's own kind, which the compiler cannot see through the union.
  const rule = rules[node.operation.kind as K] as Rule<K>;
  rule(node.operation as Extract<Operation, { kind: K }>, node, emitter);
}

class ModelEmitter implements Emitter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxInitializer[] = [];
  private readonly names = new Map<Value, string>();
  private readonly outputAliases: (readonly [string, Value])[] = [];
  private readonly used = new Set<Value>();
  private readonly sizeNames = new Map<string, string>();
  private readonly graph: Graph;
  /** Inputs that the model will have. */
  private readonly declared: ReadonlySet<Value>;
  private temporaries = 0;

  constructor(graph: Graph, nodes: readonly Node[]) {
    this.graph = graph;
    this.declared = new Set(nodes.flatMap(({ outputs }) => outputs));
    for (const [name, value] of [...graph.inputs, ...graph.parameters]) this.names.set(value, name);
    for (const [name, value] of graph.outputs) {
      this.used.add(value);
      if (this.names.has(value)) this.outputAliases.push([name, value]);
      else this.names.set(value, name);
    }
    for (const node of nodes) for (const input of node.inputs) this.used.add(input);
  }

  name(value: Value): string {
    return this.names.get(value) ?? `v${value.id}`;
  }

  nameIfUsed(value: Value): string {
    return this.used.has(value) ? this.name(value) : '';
  }

  constant(tensor: Tensor): string {
    const name = this.temporary();
    this.initializer(name, tensor);
    return name;
  }

  integers(values: readonly (number | bigint)[]): string {
    const data = BigInt64Array.from(values, (value) => BigInt(value));
    return this.constant({ dtype: 'int64', shape: [values.length], data });
  }

  node(operator: string, inputs: readonly string[], attributes: OnnxNode['attributes'] = {}): string {
    const output = this.temporary();
    this.emit(operator, inputs, [output], attributes);
    return output;
  }

  nodeWithResults(operator: string, inputs: readonly string[], count: number): readonly string[] {
    const outputs = Array.from({ length: count }, () => this.temporary());
    this.emit(operator, inputs, outputs, {});
    return outputs;
  }

  result(
    operator: string,
    node: Node,
    inputs: readonly string[],
    attributes: OnnxNode['attributes'] = {},
  ): void {
    const [first, ...others] = node.outputs;
    const outputs = [this.name(first), ...others.map((value) => this.nameIfUsed(value))];
    while (outputs.at(-1) === '') outputs.pop();
    this.emit(operator, inputs, outputs, attributes);
  }

  initializer(name: string, tensor: Tensor): void {
    const { dtype, shape } = tensor;
    this.initializers.push({ name, dtype, shape, content: bytesOf(tensor) });
  }

  parameter(name: string, declared: Value, placement: Exclude<ParameterPlacement, { in: 'inputs' }>): void {
    const tensor = placement.values.get(name);
    if (
      tensor === undefined ||
      tensor.dtype !== declared.dtype ||
      String(tensor.shape) !== String(declared.shape)
    ) {
      throw new GraphError({
        what: `parameter '${name}' is ${tensor === undefined ? 'missing' : `${tensor.dtype} [${tensor.shape}]`}`,
        expected: `${declared.dtype} [${declared.shape}]`,
        reason: 'parameter',
      });
    }
    if (placement.in === 'model') {
      this.initializer(name, tensor);
    } else {
      const content = { location: name, offset: 0, length: tensor.data.byteLength };
      this.initializers.push({ name, dtype: tensor.dtype, shape: tensor.shape, content });
    }
  }

  sizes(dims: readonly Dim[]): string {
    const known = dims.filter((dim) => typeof dim === 'number');
    if (known.length === dims.length) return this.integers(known);
    const each = dims.map((dim) => this.size(dim));
    return each.length === 1 ? each[0] : this.node('Concat', each, { axis: { int: 0 } });
  }

  /** One size as a vector with one element. */
  private size(dim: Dim): string {
    const key = String(dim);
    let name = this.sizeNames.get(key);
    if (name === undefined) {
      name = typeof dim === 'number' ? this.integers([dim]) : this.runTimeSize(dim);
      this.sizeNames.set(key, name);
    }
    return name;
  }

  private runTimeSize(dim: string): string {
    const expression = dimExpression(dim);
    if (expression.kind !== 'name') {
      const operator = expression.kind === 'sum' ? 'Add' : 'Mul';
      return expression.terms
        .map((term) => this.size(term))
        .reduce((total, term) => this.node(operator, [total, term]));
    }
    for (const input of this.graph.inputs.values()) {
      const axis = input.shape.indexOf(dim);
      if (axis < 0 || !this.declared.has(input)) continue;
      return this.node('Shape', [this.name(input)], { start: { int: axis }, end: { int: axis + 1 } });
    }
    throw new GraphError({ what: `no input of the graph has the size '${dim}'`, reason: 'shape' });
  }

  /** A value that already has a name, such as an input, reaches an output through a copy. */
  finishOutputs(): void {
    for (const [name, value] of this.outputAliases) this.emit('Identity', [this.name(value)], [name]);
  }

  emit(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: OnnxNode['attributes'] = {},
  ): void {
    const contrib = operator.startsWith(contribPrefix);
    this.nodes.push({
      operator: contrib ? operator.slice(contribPrefix.length) : operator,
      domain: contrib ? 'com.microsoft' : '',
      inputs,
      outputs,
      attributes,
    });
  }

  temporary(): string {
    return `t${this.temporaries++}`;
  }
}
