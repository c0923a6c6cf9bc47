/** @file The negative binomial loss: torch's numbers, slopes, and what makes it a distribution with that mean. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { negativeBinomialLoss } from '../../../../src/analysis/variational-autoencoder/negative-binomial.ts';
import { Graph } from '../../../../src/graph/graph.ts';
import { reduceSum } from '../../../../src/graph/ops/reduce.ts';
import type { Tensor } from '../../../../src/support/tensor.ts';
import { denseOf, interpret } from '../../graph/interpreter.ts';
import { needsNativeRuntime } from '../../need.ts';
import { differentiated } from '../../train/gradients.ts';
import { expectGradients } from './slopes.ts';

needsNativeRuntime();

function tensor(shape: readonly number[], values: readonly number[]): Tensor {
  return { dtype: 'float32', shape, data: Float32Array.from(values) };
}

/** The gradient is the dispersion, up to 300 here, times a difference of logarithms that float32 has to 2e-6. */
const dispersionTolerance = 6e-4;

const feeds = {
  counts: tensor([2, 4], [0, 1, 3, 120, 2, 0, 700, 1]),
  logMean: tensor([2, 4], [0.3, 0.8, 10, 90, 1.5, 1e-4, 650, 4].map(Math.log)),
  logDispersion: tensor([4], [0.05, 0.9, 7, 300].map(Math.log)),
};

function build(graph: Graph) {
  const counts = graph.input('counts', 'float32', ['cells', 4]);
  const logMean = graph.input('logMean', 'float32', ['cells', 4]);
  const logDispersion = graph.input('logDispersion', 'float32', [4]);
  const each = negativeBinomialLoss(counts, logMean, logDispersion); // [cells]
  const by = new Map([
    ['logMean', logMean],
    ['logDispersion', logDispersion],
  ]);
  return { loss: reduceSum(each, [0]), by, outputs: new Map([['each', each]]) };
}

describe('negativeBinomialLoss', () => {
  it('is torch’s, with its gradients', async () => {
    // -log_prob of torch.distributions.NegativeBinomial in float64, less lgamma(x + 1)
    const expected = {
      each: [-447.8249446952141, -3877.6325546432545],
      logMean: [
        0.042857142857142864, -0.10588235294117632, 2.88235294117647, -23.076923076923066,
        -0.01612903225806453, 9.998889012331977e-5, -0.5327245053272467, 2.960526315789474,
      ],
      logDispersion: [-0.805352290541103, -0.3217277514560939, 0.18836058386602625, 0.7145799429729967],
    };
    const { outputs, gradients } = await differentiated(build, feeds);
    const near = (actual: Tensor | undefined, wanted: readonly number[], tolerance: number): void =>
      wanted.forEach((value, i) => {
        const distance = Math.abs(Number(actual?.data[i]) - value);
        expect(distance, `element ${i}`).toBeLessThan(tolerance * Math.max(1, Math.abs(value)));
      });
    near(outputs.get('each'), expected.each, 1e-6);
    near(gradients.get('logMean'), expected.logMean, 1e-5);
    near(gradients.get('logDispersion'), expected.logDispersion, dispersionTolerance);
  });

  it('has gradients that are its slopes', async () => {
    await expectGradients(build, feeds, { elements: 8, tolerance: dispersionTolerance });
  });

  it('is of a distribution: probabilities add up to 1, and their mean is the mean', () => {
    const graph = new Graph();
    const most = 3000;
    const counts = graph.input('counts', 'float32', ['cells', 1]);
    const logMean = graph.input('logMean', 'float32', [1, 1]);
    graph.output('each', negativeBinomialLoss(counts, logMean, graph.input('logDispersion', 'float32', [1])));
    const logFactorials = new Float64Array(most);
    for (let x = 1; x < most; x++) logFactorials[x] = logFactorials[x - 1] + Math.log(x);
    const whole = Array.from({ length: most }, (_, x) => x);
    const number = fc.double({ min: 0.3, max: 20, noNaN: true });
    fc.assert(
      fc.property(number, number, (mean, dispersion) => {
        const { each } = interpret(graph, {
          counts: denseOf(tensor([most, 1], whole)),
          logMean: { shape: [1, 1], data: Float64Array.of(Math.log(mean)) },
          logDispersion: { shape: [1], data: Float64Array.of(Math.log(dispersion)) },
        });
        const shares = each.data.map((loss, x) => Math.exp(-loss - logFactorials[x]));
        expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(1, 5);
        expect(shares.reduce((sum, share, x) => sum + x * share, 0) / mean).toBeCloseTo(1, 5);
      }),
      { numRuns: 20 },
    );
  });
});
