/** @file Reverse-mode differentiation: from a loss in a graph to its gradients, as more of the same graph. */

import { GraphError } from '../support/errors.ts';
import { attentions } from './gradients/attention.ts';
import { elementwise } from './gradients/elementwise.ts';
import { matmuls } from './gradients/matmul.ts';
import { normalise } from './gradients/normalise.ts';
import type { Gradient, GradientRule, GradientRules } from './gradients/rule.ts';
import { moving } from './gradients/shape.ts';
import type { Node, Value } from './graph.ts';
import type { Operation, OperationKind } from './operation.ts';
import { add } from './ops/elementwise.ts';

type Leaf = 'input' | 'parameter' | 'constant';

/** One rule for every operation. */
const rules: GradientRules<Exclude<OperationKind, Leaf>> = {
  ...elementwise,
  ...matmuls,
  ...attentions,
  ...normalise,
  ...moving,
};

/**
 * The gradients of `loss` by some values of its graph, added to the graph.
 *
 * @param loss float32, one number
 * @param by values the loss may depend on
 * @returns in the order of `by`; none where the loss does not depend on a value
 */
export function differentiate(loss: Value, by: readonly Value[]): readonly Gradient[] {
  if (loss.dtype !== 'float32' || loss.shape.some((dim) => dim !== 1)) {
    throw new GraphError({
      what: `a gradient of ${loss.dtype} [${loss.shape}] was asked for`,
      expected: 'a loss that is one float32 number',
      reason: 'shape',
    });
  }
  const { graph } = loss;
  const wanted = new Set(by);
  const leading = nodesBetween(wanted, loss);
  const gradients = new Map<Value, Value>([[loss, graph.constant(ones(loss))]]);
  for (const node of leading.toReversed()) {
    const ofOutputs = node.outputs.map((output) => gradients.get(output));
    if (ofOutputs.every((gradient) => gradient === undefined)) continue;
    const ofInputs = applyRule(node, ofOutputs);
    node.inputs.forEach((input, place) => {
      const gradient = ofInputs[place];
      if (gradient === undefined) return;
      const sofar = gradients.get(input);
      gradients.set(input, sofar === undefined ? gradient : add(sofar, gradient));
    });
  }
  return by.map((value) => gradients.get(value));
}

/** The nodes on a way from any of `from` to `to`: others need no gradient. In topological order. */
function nodesBetween(from: ReadonlySet<Value>, to: Value): readonly Node[] {
  const depends = new Set<Value>(from);
  const between: Node[] = [];
  for (const node of to.graph.nodes) {
    if (node.outputs[0]?.id > to.id) break;
    if (!node.inputs.some((input) => depends.has(input))) continue;
    for (const output of node.outputs) depends.add(output);
    between.push(node);
  }
  return between;
}

function applyRule(node: Node, ofOutputs: readonly Gradient[]): readonly Gradient[] {
  const { kind } = node.operation;
  if (kind === 'input' || kind === 'parameter' || kind === 'constant') return [];
  return applyKind(kind, node, ofOutputs);
}

function applyKind<K extends Exclude<OperationKind, Leaf>>(
  kind: K,
  node: Node,
  ofOutputs: readonly Gradient[],
): readonly Gradient[] {
  // The table has a rule of the operation's own kind, which the compiler cannot see through the union.
  const rule = rules[kind] as GradientRule<K>;
  return rule(node.operation as Extract<Operation, { kind: K }>, node, ofOutputs);
}

function ones({ shape }: Value) {
  return { dtype: 'float32', shape: shape.map(() => 1), data: Float32Array.of(1) } as const;
}
