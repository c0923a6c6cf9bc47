/**
 * @file The variational autoencoder of scVI (Lopez et al. 2018): counts to a normal distribution over a latent space,
 * and from there, knowing the batch, to negative binomial distributions of counts.
 *
 * The encoder is not told the batch: what the decoder can add by itself need not be in the latent space.
 */

import type { Graph, Value } from '../../graph/graph.ts';
import { add, exp, log, multiply, relu, sqrt, subtract } from '../../graph/ops/elementwise.ts';
import { logSoftmax } from '../../graph/ops/normalise.ts';
import { reduceMean, reduceSum } from '../../graph/ops/reduce.ts';
import { Dropout } from '../../nn/dropout.ts';
import { linear, linearOfParts } from '../../nn/linear.ts';
import { batchNorm, batchNormStep } from '../../nn/norms.ts';
import { Scope } from '../../nn/scope.ts';
import type { Losses } from '../../train/step-graph.ts';
import { negativeBinomialLoss } from './negative-binomial.ts';

/** Sizes of a network. */
export interface NetworkSizes {
  readonly genes: number;
  readonly batches: number;
  /** Width of the hidden layers. */
  readonly hidden: number;
  /** Dimensions of the latent space. */
  readonly latent: number;
}

/** scVI's default is one; benchmarks of integration give it two. */
const hiddenLayers = 2;
/** scVI's; its decoder has none. */
const dropoutRate = 0.1;
/** Keeps the posterior from collapsing to a point. */
const leastVariance = 1e-4;

/** New values of running statistics, by name. */
type Statistics = Map<string, Value>;

/** The mean of each cell's posterior `[cells, 1, latent]`, without dropout; the input is `counts`. */
export function latentMeans(graph: Graph, sizes: NetworkSizes): Value {
  return encode(new Scope(graph, 'encoder.'), countsOf(graph, sizes), sizes, new Map()).mean;
}

/**
 * The negative evidence lower bound, a mean over cells: what the decoder misses, plus the divergence of posteriors from
 * the standard normal distribution times its weight.
 *
 * Inputs: `counts` `[cells, 1, genes]`, no cell without any; `batch`, one-hot `[cells, 1, batches]`; `noise`, standard
 * normal `[cells, 1, latent]`; `divergence_weight`, a scalar.
 *
 * @param mode `training` has dropout, and normalises by the batch of cells at hand
 */
export function evidenceLoss(graph: Graph, sizes: NetworkSizes, mode: 'training' | 'evaluation'): Losses {
  const counts = countsOf(graph, sizes);
  const batch = graph.input('batch', 'float32', ['cells', 1, sizes.batches]);
  const noise = graph.input('noise', 'float32', ['cells', 1, sizes.latent]);
  const weight = graph.input('divergence_weight', 'float32', []);
  const moved: Statistics = new Map();
  const dropout = new Dropout(graph, { rate: dropoutRate, width: sizes.hidden });
  const scope = (name: string, dropped: Dropout | undefined): Scope =>
    new Scope(
      graph,
      name,
      'float32',
      mode === 'training' ? { dropout: dropped, probabilities: 'stored' } : undefined,
    );

  const posterior = encode(scope('encoder.', dropout), counts, sizes, moved);
  const sample = add(posterior.mean, multiply(sqrt(posterior.variance), noise)); // [cells, 1, latent]
  const logShares = decode(scope('decoder.', undefined), sample, batch, sizes, moved);
  const logTotals = log(reduceSum(counts, [-1], true)); // [cells, 1, 1]
  const logDispersion = graph.parameter('log_dispersion', [sizes.genes]);
  const missed = negativeBinomialLoss(counts, add(logShares, logTotals), logDispersion); // [cells, 1]
  const reconstruction = reduceMean(missed, [0, 1]);
  const divergence = reduceMean(standardDivergence(posterior), [0, 1]);
  return {
    total: add(reconstruction, multiply(weight, divergence)),
    parts: new Map([
      ['reconstruction', reconstruction],
      ['divergence', divergence],
    ]),
    buffers: moved,
  };
}

function countsOf(graph: Graph, { genes }: NetworkSizes): Value {
  return graph.input('counts', 'float32', ['cells', 1, genes]);
}

/** A normal distribution with independent dimensions. */
interface Posterior {
  readonly mean: Value; // [cells, 1, latent]
  readonly variance: Value; // [cells, 1, latent]
}

function encode(scope: Scope, counts: Value, { hidden, latent }: NetworkSizes, moved: Statistics): Posterior {
  let x = log(add(counts, 1));
  for (let layer = 0; layer < hiddenLayers; layer++)
    x = layerOf(scope.at('layers', layer), [x], hidden, moved);
  return {
    mean: linear(scope.at('mean'), x, latent),
    variance: add(exp(linear(scope.at('log_variance'), x, latent)), leastVariance),
  };
}

/** The logarithm of each gene's share of a cell's counts `[cells, 1, genes]`; every layer is told the batch. */
function decode(
  scope: Scope,
  sample: Value,
  batch: Value,
  { genes, hidden }: NetworkSizes,
  moved: Statistics,
): Value {
  let x = sample;
  for (let layer = 0; layer < hiddenLayers; layer++) {
    x = layerOf(scope.at('layers', layer), [x, batch], hidden, moved);
  }
  return logSoftmax(linear(scope.at('shares'), x, genes));
}

/**
 * A layer over parts lying side by side: linear, batch norm, ReLU, dropout where the scope has it. The batch norm has
 * the settings of all others here, momentum 0.1 for scVI's 0.01.
 */
function layerOf(scope: Scope, parts: readonly Value[], hidden: number, moved: Statistics): Value {
  const x = linearOfParts(scope.at('linear'), parts, hidden); // [cells, 1, hidden]
  return scope.dropped(relu(normalised(scope.at('norm'), x, moved)));
}

function normalised(scope: Scope, x: Value, moved: Statistics): Value {
  if (scope.training === undefined) return batchNorm(scope, x);
  const { output, runningMean, runningVariance } = batchNormStep(scope, x, { affine: true });
  moved.set(`${scope.prefix}running_mean`, runningMean);
  moved.set(`${scope.prefix}running_var`, runningVariance);
  return output;
}

/** The Kullback-Leibler divergence from the standard normal distribution: `(v + m^2 - 1 - log v) / 2`, summed. */
function standardDivergence({ mean, variance }: Posterior): Value {
  const each = subtract(add(variance, multiply(mean, mean)), add(log(variance), 1));
  return multiply(reduceSum(each, [-1]), 0.5); // [cells, 1]
}
