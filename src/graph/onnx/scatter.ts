/** @file How rows are added up at their indices: one after another, or by atomic sums. */

import type { Node } from '../graph.ts';
import { product } from '../shape.ts';
import type { Emitter } from './lower.ts';

/** ONNX's element type int64, for Cast. */
const int64 = 7;

/**
 * One after another: the same bytes at any number of threads.
 *
 * ScatterND would be the obvious operator, but on the CPU its threads race for equal indices and lose sums.
 * ScatterElements is serial, and fastest over one dimension: element by element of the flattened table.
 */
export function serialScatter(_: unknown, node: Node, emitter: Emitter): void {
  const [indices, updates] = node.inputs.map((input) => emitter.name(input));
  const { shape } = node.outputs[0];
  const flat = emitter.integers([-1]);
  const number = (value: bigint): string =>
    emitter.constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(value) });
  const width = emitter.sizes([product(shape.slice(1))]);
  const end = emitter.node('Reshape', [width, emitter.integers([])]);
  const columns = emitter.node('Range', [number(0n), end, number(1n)]);
  const rows = emitter.node('Reshape', [indices, emitter.integers([-1, 1])]);
  const wide = emitter.node('Cast', [rows], { to: { int: int64 } });
  const places = emitter.node('Add', [emitter.node('Mul', [wide, width]), columns]); // [rows, columns]
  const sums = emitter.node(
    'ScatterElements',
    [
      emitter.node('ConstantOfShape', [emitter.sizes([product(shape)])]),
      emitter.node('Reshape', [places, flat]),
      emitter.node('Reshape', [updates, flat]),
    ],
    { axis: { int: 0 }, reduction: { text: 'add' } },
  );
  emitter.result('Reshape', node, [sums, emitter.sizes(shape)]);
}

/** By atomic sums in no fixed order: much faster on GPUs, where sums of more than two rows vary in their last bits. */
export function atomicScatter(_: unknown, node: Node, emitter: Emitter): void {
  const [indices, updates] = node.inputs.map((input) => emitter.name(input));
  const zeros = emitter.node('ConstantOfShape', [emitter.sizes(node.outputs[0].shape)]);
  const wide = emitter.node('Cast', [indices], { to: { int: int64 } });
  const places = emitter.node('Unsqueeze', [wide, emitter.integers([-1])]);
  emitter.result('ScatterND', node, [zeros, places, updates], { reduction: { text: 'add' } });
}
