/** @file The speed of one matrix product on a device: the ceiling for everything built on it. */

import { Graph } from '../../src/graph/graph.ts';
import { matmul } from '../../src/graph/ops/matmul.ts';
import type { Device } from '../../src/runtime/device.ts';
import { randomStream } from '../../src/support/random.ts';

const rows = 4096;
const width = 512;

/** Best of 20 products of [4096, 512] and [512, 512], in GFLOPS. */
export async function gemmGflops(device: Device): Promise<number> {
  const random = randomStream(0, 'gemm');
  const uniform = (count: number) => Float32Array.from({ length: count }, () => random.uniform() - 0.5);
  const graph = new Graph();
  const a = graph.input('a', 'float32', [rows, width]);
  graph.output('product', matmul(a, graph.parameter('b', [width, width])));
  const weights = { dtype: 'float32', shape: [width, width], data: uniform(width * width) } as const;
  const executable = await device.load(graph, new Map([['b', weights]]));
  const feeds = { a: { dtype: 'float32', shape: [rows, width], data: uniform(rows * width) } } as const;
  const into = {
    product: { dtype: 'float32', shape: [rows, width], data: new Float32Array(rows * width) },
  } as const;
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 20; run++) {
    const start = performance.now();
    await executable.run(feeds, into);
    best = Math.min(best, performance.now() - start);
  }
  await executable.dispose();
  return (2 * rows * width * width) / (best * 1e6);
}
