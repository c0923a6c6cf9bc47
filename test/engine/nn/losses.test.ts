/** @file Losses on bare tensors, with what models rarely give: nothing masked, probabilities of 0 and 1, opposite cells. */

import { describe, expect, it } from 'vitest';
import type { Graph, Value } from '../../../src/graph/graph.ts';
import {
  asMask,
  contrastiveCellSimilarity,
  crossEntropy,
  elasticCellSimilarity,
  maskedRelativeError,
  maskedSquaredError,
  neighbourEmbedding,
  zeroLikelihood,
} from '../../../src/nn/losses.ts';
import type { NamedTensors } from '../../../src/runtime/executable.ts';
import { randomStream } from '../../../src/support/random.ts';
import type { Tensor } from '../../../src/support/tensor.ts';
import { readTensors } from '../model/fixture.ts';
import { needsNativeRuntime } from '../need.ts';
import { tensorRule } from '../train/batch.ts';
import { differentiated, expectLoss } from '../train/gradients.ts';

needsNativeRuntime();

const name = 'loss-functions';
const fixture = await readTensors(name);

/** A loss of named tensors, each an input of the graph. */
type Loss = (inputs: (name: string) => Value, graph: Graph) => Value;

/** Compares a loss and its gradients by the inputs `by` with the fixture's entry `key`. */
async function expectLike(
  key: string,
  loss: Loss,
  by: readonly string[],
  feeds: NamedTensors,
): Promise<void> {
  const found = await differentiated((graph) => {
    const inputs = new Map<string, Value>();
    const input = (of: string): Value => {
      const { dtype, shape } = feeds[of];
      const value = inputs.get(of) ?? graph.input(of, dtype as 'float32', shape);
      inputs.set(of, value);
      return value;
    };
    const value = loss(input, graph);
    return { loss: value, by: new Map(by.map((of) => [of, input(of)])) };
  }, feeds);
  expectLoss(fixture, name, `loss/${key}`, found.loss);
  for (const of of by) expectGradient(`grad/${key}/${of}`, found.gradients.get(of));
}

/** By the fixture's rule: each element within `atol` plus `rtol` of it, or not a number everywhere. */
function expectGradient(key: string, actual: Tensor | undefined): void {
  const expected = fixture.tensor(key);
  const { atol = 0, rtol = 0, expect: special } = tensorRule(name, key);
  expect(actual?.shape, key).toEqual(expected.shape);
  const values = actual?.data as Float32Array;
  if (special === 'NaN everywhere') {
    expect(values.every(Number.isNaN), key).toBe(true);
    return;
  }
  values.forEach((value, i) => {
    const wanted = Number(expected.data[i]);
    expect(Math.abs(value - wanted), `${key}, element ${i}: ${wanted}`).toBeLessThanOrEqual(
      atol + rtol * Math.abs(wanted),
    );
  });
}

const given = (...names: string[]): NamedTensors =>
  Object.fromEntries(names.map((of) => [of, fixture.tensor(`in/${of}`)]));
const places = (cells: number): Tensor => ({
  dtype: 'int32',
  shape: [cells],
  data: Int32Array.from({ length: cells }, (_, i) => i),
});
const mask = (like: Tensor, masked: (i: number) => boolean): Tensor => ({
  dtype: 'bool',
  shape: like.shape,
  data: Uint8Array.from({ length: like.data.length }, (_, i) => Number(masked(i))),
});

describe('maskedSquaredError', () => {
  const loss: Loss = (at) => maskedSquaredError(at('pred'), at('target'), asMask(at('mask')));

  it('is the mean over masked positions', async () => {
    await expectLike('masked_mse', loss, ['pred'], given('pred', 'target', 'mask'));
  });

  it('is not a number where nothing is masked, nor are its gradients', async () => {
    const feeds = given('pred', 'target');
    const none = mask(feeds.pred, () => false);
    await expectLike('masked_mse_nothing_masked', loss, ['pred'], { ...feeds, mask: none });
  });
});

describe('zeroLikelihood', () => {
  it('is the mean over masked positions', async () => {
    const loss: Loss = (at) => zeroLikelihood(at('probs'), at('target'), asMask(at('mask')));
    await expectLike('neg_log_bernoulli', loss, ['probs'], given('probs', 'target', 'mask'));
  });

  const loss: Loss = (at) =>
    zeroLikelihood(at('probs_extreme'), at('target_extreme'), asMask(at('mask_extreme')));
  const feeds = given('probs_extreme', 'target_extreme', 'mask_extreme');

  it('counts probabilities of 0 and 1 as the nearest others', async () => {
    await expectLike('neg_log_bernoulli_extreme', loss, ['probs_extreme'], feeds);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('does so in column %i, without a slope where it cuts', async (column) => {
    const alone = mask(feeds.probs_extreme, (i) => i === column);
    const key = `neg_log_bernoulli_extreme_${column}`;
    await expectLike(key, loss, ['probs_extreme'], { ...feeds, mask_extreme: alone });
  });
});

describe('maskedRelativeError', () => {
  const loss: Loss = (at) => maskedRelativeError(at('pred'), at('target'), asMask(at('mask')));

  it('is large where targets are 0', async () => {
    await expectLike('masked_relative_error', loss, ['pred'], given('pred', 'target', 'mask'));
  });

  it('is a share where they are not', async () => {
    const feeds = given('pred', 'target', 'mask');
    const positive = mask(
      feeds.mask,
      (i) => Number(feeds.mask.data[i]) === 1 && Number(feeds.target.data[i]) > 0,
    );
    const key = 'masked_relative_error_positive_targets';
    await expectLike(key, loss, ['pred'], { ...feeds, mask: positive });
  });
});

describe('crossEntropy', () => {
  it('is the reference’s', async () => {
    const { logits, labels } = given('logits', 'labels');
    const feeds = {
      logits,
      labels: {
        dtype: 'int32',
        shape: labels.shape,
        data: Int32Array.from(labels.data as BigInt64Array, Number),
      },
    } as const;
    await expectLike('cross_entropy', (at) => crossEntropy(at('logits'), at('labels')), ['logits'], feeds);
  });
});

describe('elasticCellSimilarity', () => {
  it.each([0.3, 0.8])('is the reference’s with threshold %f', async (threshold) => {
    const feeds = { ...given('cell_emb'), places: places(6) };
    const loss: Loss = (at) => elasticCellSimilarity(at('cell_emb'), at('places'), threshold);
    await expectLike(`ecs_${threshold}`, loss, ['cell_emb'], feeds);
  });
});

describe('contrastiveCellSimilarity', () => {
  it('compares two passes, both differentiated', async () => {
    const feeds = { ...given('cell_emb', 'cell_emb_2'), places: places(6) };
    const loss: Loss = (at) => contrastiveCellSimilarity(at('cell_emb'), at('cell_emb_2'), at('places'));
    await expectLike('cce', loss, ['cell_emb', 'cell_emb_2'], feeds);
  });

  it('compares a pass with itself', async () => {
    const feeds = { ...given('cell_emb'), places: places(6) };
    const loss: Loss = (at) => contrastiveCellSimilarity(at('cell_emb'), at('cell_emb'), at('places'));
    await expectLike('cce_same', loss, ['cell_emb'], feeds);
  });
});

describe('neighbourEmbedding', () => {
  const [cells, width, temperature] = [7, 5, 0.3];
  const random = randomStream(5, 'test');
  const embedding = Float32Array.from({ length: cells * width }, () => random.normal());
  const shares = Float32Array.from(
    neighbourShares(() => random.uniform()),
    Math.fround,
  );

  /** Rows that sum to 1, 0 for the cell itself. */
  function neighbourShares(draw: () => number): Float64Array {
    const all = Float64Array.from({ length: cells * cells }, (_, i) => (i % (cells + 1) === 0 ? 0 : draw()));
    for (let row = 0; row < cells; row++) {
      const part = all.subarray(row * cells, (row + 1) * cells);
      const total = part.reduce((sum, share) => sum + share);
      part.forEach((share, i) => {
        part[i] = share / total;
      });
    }
    return all;
  }

  /** Cosines of all pairs over the temperature, float64. */
  function similarities(x: ArrayLike<number>): number[][] {
    const rows = Array.from({ length: cells }, (_, cell) =>
      Array.from({ length: width }, (_, i) => x[cell * width + i]),
    );
    const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
    return rows.map((a) => rows.map((b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)) / temperature));
  }

  /** The definition, float64: minus the mean over cells of the shares' weighted log-softmax over the others. */
  function lossOf(x: ArrayLike<number>): number {
    const similar = similarities(x);
    let total = 0;
    for (let cell = 0; cell < cells; cell++) {
      const others = similar[cell].map((value, other) => (other === cell ? 0 : Math.exp(value)));
      const sum = others.reduce((all, value) => all + value);
      for (let other = 0; other < cells; other++) {
        if (other !== cell) total -= shares[cell * cells + other] * Math.log(others[other] / sum);
      }
    }
    return total / cells;
  }

  const found = (values: Float32Array, given: Float32Array) =>
    differentiated(
      (graph) => {
        const cell = graph.input('cell', 'float32', [cells, width]);
        const wanted = graph.input('shares', 'float32', [cells, cells]);
        const numbers = graph.input('places', 'int32', [cells]);
        return {
          loss: neighbourEmbedding(cell, wanted, numbers, temperature),
          by: new Map([['cell', cell]]),
        };
      },
      {
        cell: { dtype: 'float32', shape: [cells, width], data: values },
        shares: { dtype: 'float32', shape: [cells, cells], data: given },
        places: places(cells),
      },
    );

  it('is the cross entropy of given shares and the softmax of cosines, and slopes as finite differences do', async () => {
    const { loss, gradients } = await found(embedding, shares);
    expect(Math.abs(loss - lossOf(embedding))).toBeLessThan(1e-6 * lossOf(embedding) + 1e-6);
    const gradient = gradients.get('cell')!.data as Float32Array;
    const step = 1e-5;
    embedding.forEach((value, i) => {
      const moved = (by: number) => Float64Array.from(embedding, (x, j) => (j === i ? value + by : x));
      const slope = (lossOf(moved(step)) - lossOf(moved(-step))) / (2 * step);
      expect(Math.abs(gradient[i] - slope), `element ${i}: ${slope}`).toBeLessThan(
        1e-6 + 1e-5 * Math.abs(slope),
      );
    });
  });

  it('has its least where cells are as alike as they are to be: the entropy of the shares, without a slope', async () => {
    const similar = similarities(embedding);
    const own = Float32Array.from({ length: cells * cells }, (_, i) => {
      const [cell, other] = [Math.floor(i / cells), i % cells];
      const sum = similar[cell].reduce((all, value, at) => all + (at === cell ? 0 : Math.exp(value)), 0);
      return cell === other ? 0 : Math.exp(similar[cell][other]) / sum;
    });
    const { loss, gradients } = await found(embedding, own);
    const entropy = own.reduce((sum, share) => (share === 0 ? sum : sum - share * Math.log(share)), 0);
    expect(loss).toBeCloseTo(entropy / cells, 5);
    for (const slope of gradients.get('cell')!.data as Float32Array)
      expect(Math.abs(slope)).toBeLessThan(1e-6);
  });

  it('does not see the length of embeddings', async () => {
    const longer = Float32Array.from(embedding, (value, i) => value * (1 + Math.floor(i / width)));
    const [once, then] = [await found(embedding, shares), await found(longer, shares)];
    expect(then.loss).toBeCloseTo(once.loss, 5);
  });
});
