/** @file Lowering rules that use standard ONNX operators alone: every executor runs these. */

import { GraphError } from '../../support/errors.ts';
import type { Tensor } from '../../support/tensor.ts';
import type { Node } from '../graph.ts';
import type { Dtype, Operation } from '../operation.ts';
import { dropoutThreshold } from '../ops/dropout.ts';
import { type Dim, sum } from '../shape.ts';
import type { Emitter, RuleTable } from './lower.ts';
import { serialScatter } from './scatter.ts';

/** ONNX element types by dtype, for Cast. */
const castTargets: Record<Dtype, number> = { float32: 1, int8: 3, int32: 6, int64: 7, bool: 9 };

/** Past the end of any dimension. */
const toTheEnd = 2n ** 62n;

const scalar = (value: number): Tensor => ({ dtype: 'float32', shape: [], data: Float32Array.of(value) });

const operands = (node: Node, emitter: Emitter): readonly string[] =>
  node.inputs.map((input) => emitter.name(input));

/** An operation that is one ONNX operator with the same operands. */
const direct =
  (operator: string) =>
  (_: unknown, node: Node, emitter: Emitter): void =>
    emitter.result(operator, node, operands(node, emitter));

/** Swaps the last two dimensions of an operand. */
function transposed(name: string, rank: number, emitter: Emitter): string {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return emitter.node('Transpose', [name], { perm: { ints: [...axes.slice(0, -2), rank - 1, rank - 2] } });
}

/** The target of a Reshape: 0 keeps a dimension of the same place, -1 stands for one that is not known; else all sizes. */
function reshapeTarget(node: Node, emitter: Emitter): string {
  const from = node.inputs[0].shape;
  const to = node.outputs[0].shape;
  const target = to.map((dim, axis) => (typeof dim === 'number' ? dim : dim === from[axis] ? 0 : -1));
  const followsFromOperand = target.filter((dim) => dim === -1).length < 2 && !to.includes(0);
  return followsFromOperand ? emitter.integers(target) : emitter.sizes(to);
}

/** `[cells, tokens, d]` to `[cells, heads, tokens, d / heads]`. */
function splitHeads(name: string, heads: number, emitter: Emitter): string {
  const apart = emitter.node('Reshape', [name, emitter.integers([0, 0, heads, -1])]);
  return emitter.node('Transpose', [apart], { perm: { ints: [0, 2, 1, 3] } });
}

/** Elements that are dropped become zero, the others make up for them; see the operation for the rule. */
function dropped(x: string, rows: string, columns: string, rate: number, emitter: Emitter): string {
  const threshold = { dtype: 'int32', shape: [], data: Int32Array.of(dropoutThreshold(rate)) } as const;
  const keys = emitter.node('Mul', [rows, columns]);
  const kept = emitter.node('Greater', [keys, emitter.constant(threshold)]);
  const scaled = emitter.node('Mul', [x, emitter.constant(scalar(1 / (1 - rate)))]);
  return emitter.node('Where', [kept, scaled, emitter.constant(scalar(0))]);
}

/** A mixture whose products of queries and keys are made by `scoresOf`. */
export function mixtureOf(
  { dropout }: Extract<Operation, { kind: 'mixture' }>,
  node: Node,
  emitter: Emitter,
  scoresOf: (query: string, key: string) => string,
): void {
  const [query, key, value, rows, columns] = operands(node, emitter);
  const [mixed, weights] = node.outputs;
  const name = emitter.nameIfUsed(weights) || emitter.temporary();
  emitter.emit('Softmax', [scoresOf(query, key)], [name], { axis: { int: -1 } });
  const kept = dropout === 0 ? name : dropped(name, rows, columns, dropout, emitter);
  emitter.emit('MatMul', [kept, value], [emitter.name(mixed)]);
}

/** Zeros behind what `place` puts in. */
function zerosAfter(node: Node, axis: number, start: number): Dim {
  const [from, to] = [node.inputs[0].shape[axis], node.outputs[0].shape[axis]];
  if (sum([to, -start]) === from) return 0;
  if (typeof from === 'number') return sum([to, -start - from]);
  throw new GraphError({ what: `place: ${from} elements in ${to}: the rest is not known`, reason: 'shape' });
}

/** Rules by operation. */
export const plain: RuleTable = {
  add: direct('Add'),
  subtract: direct('Sub'),
  multiply: direct('Mul'),
  divide: direct('Div'),
  minimum: direct('Min'),
  maximum: direct('Max'),
  equal: direct('Equal'),
  greater: direct('Greater'),
  where: direct('Where'),
  relu: direct('Relu'),
  sigmoid: direct('Sigmoid'),
  sqrt: direct('Sqrt'),
  exp: direct('Exp'),
  log: direct('Log'),
  scaleGradient: direct('Identity'),

  leakyRelu: ({ slope }, node, emitter) =>
    emitter.result('LeakyRelu', node, operands(node, emitter), { alpha: { float: slope } }),

  cast: ({ to }, node, emitter) =>
    emitter.result('Cast', node, operands(node, emitter), { to: { int: castTargets[to] } }),

  matmul({ transposeLeft, transposeRight, scale }, node, emitter) {
    let [left, right] = operands(node, emitter);
    if (transposeLeft) left = transposed(left, node.inputs[0].shape.length, emitter);
    if (transposeRight) right = transposed(right, node.inputs[1].shape.length, emitter);
    if (scale === 1) return emitter.result('MatMul', node, [left, right]);
    const product = emitter.node('MatMul', [left, right]);
    emitter.result('Mul', node, [product, emitter.constant(scalar(scale))]);
  },

  quantisedMatmul(_, node, emitter) {
    const [left, right, scales] = operands(node, emitter);
    const [quantised, scale, zero] = emitter.nodeWithResults('DynamicQuantizeLinear', [left], 3);
    const product = emitter.node('MatMulInteger', [quantised, right, zero]);
    const float = emitter.node('Cast', [product], { to: { int: castTargets.float32 } });
    emitter.result('Mul', node, [float, emitter.node('Mul', [scale, scales])]);
  },

  attention({ heads, masked }, node, emitter) {
    const [query, key, value, keep] = operands(node, emitter);
    const width = Number(node.inputs[0].shape[2]);
    const keyColumns = transposed(splitHeads(key, heads, emitter), 4, emitter);
    const products = emitter.node('MatMul', [splitHeads(query, heads, emitter), keyColumns]);
    let scores = emitter.node('Mul', [products, emitter.constant(scalar((width / heads) ** -0.5))]);
    if (masked) {
      const broadcast = emitter.node('Unsqueeze', [keep, emitter.integers([1, 2])]); // [cells, 1, 1, keys]
      scores = emitter.node('Where', [broadcast, scores, emitter.constant(scalar(-Infinity))]);
    }
    const probabilities = emitter.node('Softmax', [scores], { axis: { int: -1 } });
    const context = emitter.node('MatMul', [probabilities, splitHeads(value, heads, emitter)]);
    const together = emitter.node('Transpose', [context], { perm: { ints: [0, 2, 1, 3] } });
    emitter.result('Reshape', node, [together, emitter.integers([0, 0, width])]);
  },

  mixture: (operation, node, emitter) =>
    mixtureOf(operation, node, emitter, (query, key) =>
      emitter.node('MatMul', [query, transposed(key, 4, emitter)]),
    ),

  dropout({ rate }, node, emitter) {
    const [x, rows, columns] = operands(node, emitter);
    emitter.emit('Identity', [dropped(x, rows, columns, rate, emitter)], [emitter.name(node.outputs[0])]);
  },

  softmax: ({ axis }, node, emitter) =>
    emitter.result('Softmax', node, operands(node, emitter), { axis: { int: axis } }),

  logSoftmax: ({ axis }, node, emitter) =>
    emitter.result('LogSoftmax', node, operands(node, emitter), { axis: { int: axis } }),

  layerNorm: ({ epsilon }, node, emitter) =>
    emitter.result('LayerNormalization', node, operands(node, emitter), { epsilon: { float: epsilon } }),

  gatherRows: (_, node, emitter) =>
    emitter.result('Gather', node, operands(node, emitter), { axis: { int: 0 } }),

  scatterRows: serialScatter,

  reshape: (_, node, emitter) =>
    emitter.result('Reshape', node, [emitter.name(node.inputs[0]), reshapeTarget(node, emitter)]),

  expand: (_, node, emitter) =>
    emitter.result('Expand', node, [emitter.name(node.inputs[0]), emitter.sizes(node.outputs[0].shape)]),

  transpose: ({ permutation }, node, emitter) =>
    emitter.result('Transpose', node, operands(node, emitter), { perm: { ints: permutation } }),

  concat: ({ axis }, node, emitter) =>
    emitter.result('Concat', node, operands(node, emitter), { axis: { int: axis } }),

  split({ axis }, node, emitter) {
    const sizes = emitter.sizes(node.outputs.map(({ shape }) => shape[axis]));
    const outputs = node.outputs.map((output) => emitter.name(output));
    emitter.emit('Split', [emitter.name(node.inputs[0]), sizes], outputs, { axis: { int: axis } });
  },

  place({ axis, start }, node, emitter) {
    const rank = node.inputs[0].shape.length;
    const pads: Dim[] = Array.from({ length: 2 * rank }, () => 0);
    pads[axis] = start;
    pads[rank + axis] = zerosAfter(node, axis, start);
    emitter.result('Pad', node, [emitter.name(node.inputs[0]), emitter.sizes(pads)]);
  },

  extent({ dims }, node, emitter) {
    const size = emitter.node('ReduceProd', [emitter.sizes(dims)], { keepdims: { int: 0 } });
    emitter.result('Cast', node, [size], { to: { int: castTargets.float32 } });
  },

  slice({ axis, start, end }, node, emitter) {
    const bounds = [[start], [end ?? toTheEnd], [axis]].map((values) => emitter.integers(values));
    emitter.result('Slice', node, [emitter.name(node.inputs[0]), ...bounds]);
  },

  topK({ k }, node, emitter) {
    const results = node.outputs.map((output) => emitter.name(output)); // the operator gives both, used or not
    emitter.emit('TopK', [emitter.name(node.inputs[0]), emitter.integers([k])], results);
  },

  reduce({ by, axes, keepDims }, node, emitter) {
    const x = emitter.name(node.inputs[0]);
    const keep = { keepdims: { int: keepDims ? 1 : 0 } };
    if (by === 'sum') emitter.result('ReduceSum', node, [x, emitter.integers(axes)], keep);
    else emitter.result('ReduceMean', node, [x], { ...keep, axes: { ints: axes } });
  },
};
