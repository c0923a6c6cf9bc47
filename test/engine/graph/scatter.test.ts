/** @file Rows added up at equal indices: all of them, and in one order at any number of threads. */

import { expect, it } from 'vitest';
import { Graph } from '../../../src/graph/graph.ts';
import { scatterRows } from '../../../src/graph/ops/shape.ts';
import { openDevice } from '../../../src/runtime/device.ts';
import { randomStream } from '../../../src/support/random.ts';
import { bytesOf, type Tensor } from '../../../src/support/tensor.ts';
import { needsNativeRuntime } from '../need.ts';

needsNativeRuntime();

const [count, width, genes] = [9600, 512, 3];
const random = randomStream(1, 'scatter');
const indices: Tensor<'int32'> = {
  dtype: 'int32',
  shape: [count],
  data: Int32Array.from({ length: count }, () => random.integer(genes)),
};
const updates: Tensor<'float32'> = {
  dtype: 'float32',
  shape: [count, width],
  data: Float32Array.from({ length: count * width }, () => random.normal()),
};

/** Each row in turn, as the operation says. */
function expected(): Float32Array {
  const sums = new Float32Array(genes * width);
  updates.data.forEach((value, i) => {
    sums[indices.data[Math.floor(i / width)] * width + (i % width)] += value;
  });
  return sums;
}

it('adds thousands of rows to three in their order, whatever the threads', async () => {
  const graph = new Graph();
  const rows = graph.input('indices', 'int32', ['tokens']);
  graph.output(
    'sums',
    scatterRows(rows, graph.input('updates', 'float32', ['tokens', width]), [genes, width]),
  );
  const inOrder = bytesOf({ dtype: 'float32', shape: [genes, width], data: expected() });
  for (const threads of [1, 2, 4]) {
    const executable = await (await openDevice({ device: 'cpu', threads })).load(graph, 'given');
    for (let repeat = 0; repeat < 3; repeat++) {
      const { sums } = await executable.run({ indices, updates });
      expect(Buffer.compare(bytesOf(sums), inOrder), `${threads} threads`).toBe(0);
    }
    await executable.dispose();
  }
});
