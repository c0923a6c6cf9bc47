/** @file The autoencoder's loss: its gradients are slopes, in training and in evaluation, and the encoder is the same. */

import { describe, expect, it } from 'vitest';
import { initialParameters } from '../../../../src/analysis/variational-autoencoder/initial-parameters.ts';
import { evidenceLoss, latentMeans } from '../../../../src/analysis/variational-autoencoder/network.ts';
import { Graph } from '../../../../src/graph/graph.ts';
import { dropoutFeeds } from '../../../../src/nn/dropout.ts';
import { randomStream } from '../../../../src/support/random.ts';
import { elementCount, type Tensor } from '../../../../src/support/tensor.ts';
import { denseOf, interpret } from '../../graph/interpreter.ts';
import { needsNativeRuntime } from '../../need.ts';
import { expectGradients } from './slopes.ts';

needsNativeRuntime();

const sizes = { genes: 6, batches: 2, hidden: 7, latent: 3 };
const cells = 5;

function drawn(shape: readonly number[], draw: (place: number) => number): Tensor {
  return {
    dtype: 'float32',
    shape,
    data: Float32Array.from({ length: elementCount(shape) }, (_, i) => draw(i)),
  };
}

function declared(mode: 'training' | 'evaluation'): Graph {
  const graph = new Graph();
  evidenceLoss(graph, sizes, mode);
  return graph;
}

function feedsFor(mode: 'training' | 'evaluation'): Record<string, Tensor> {
  const graph = declared(mode);
  const random = randomStream(1, 'feeds');
  return {
    ...Object.fromEntries(initialParameters(graph.parameters, 1)),
    counts: drawn([cells, 1, sizes.genes], () => random.integer(9)),
    batch: drawn([cells, 1, sizes.batches], (place) => Number(place % 4 === 0 || place % 4 === 3)),
    noise: drawn([cells, 1, sizes.latent], () => random.normal()),
    divergence_weight: drawn([], () => 0.4),
    ...dropoutFeeds(graph, () => cells, 1, 0),
  };
}

describe('evidenceLoss', () => {
  it.each(['training', 'evaluation'] as const)('has gradients that are its slopes in %s', async (mode) => {
    await expectGradients(
      (graph) => ({ loss: evidenceLoss(graph, sizes, mode).total, by: graph.parameters }),
      feedsFor(mode),
      { elements: 5, tolerance: 2e-5 },
    );
  });

  it('is what the decoder misses and the weighted divergence, which is 0 for the standard normal alone', () => {
    const feeds = feedsFor('evaluation');
    const still = (name: string): Tensor => drawn(feeds[name].shape, () => 0);
    const standard = Object.fromEntries(
      ['mean', 'log_variance'].flatMap((head) =>
        ['weight', 'bias'].map((part) => [`encoder.${head}.${part}`, still(`encoder.${head}.${part}`)]),
      ),
    );
    const losses = (tensors: Record<string, Tensor>): Record<string, number> => {
      const graph = new Graph();
      const { total, parts } = evidenceLoss(graph, sizes, 'evaluation');
      graph.output('total', total);
      for (const [name, value] of parts) graph.output(name, value);
      const found = interpret(graph, mapValues(tensors, denseOf));
      return mapValues(found, ({ data }) => data[0]);
    };
    const given = losses(feeds);
    expect(given.total).toBeCloseTo(given.reconstruction + Math.fround(0.4) * given.divergence, 10);
    expect(given.divergence).toBeGreaterThan(0.01);
    expect(losses({ ...feeds, ...standard }).divergence).toBeCloseTo(0, 6); // variance is 1 + 1e-4
  });
});

describe('latentMeans', () => {
  it('do not depend on which other cells are encoded', () => {
    const feeds = mapValues(feedsFor('evaluation'), denseOf);
    const graph = new Graph();
    graph.output('mean', latentMeans(graph, sizes));
    const all = interpret(graph, feeds).mean.data;
    const { data } = feeds.counts;
    const counts = { shape: [1, 1, sizes.genes], data: data.subarray(sizes.genes, 2 * sizes.genes) };
    const second = all.subarray(sizes.latent, 2 * sizes.latent);
    expect(interpret(graph, { ...feeds, counts }).mean.data).toEqual(second);
  });
});

function mapValues<A, B>(record: Record<string, A>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
