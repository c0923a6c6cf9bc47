/** @file Integration by the autoencoder: two kinds of cells in two batches come apart by kind alone, the same each time. */

import { beforeAll, describe, expect, it } from 'vitest';
import { type Expression, prepareExpression } from '../../../../src/analysis/expression.ts';
import type { Grouping } from '../../../../src/analysis/groups.ts';
import type { BatchedExpression, Integrated } from '../../../../src/analysis/integration/method.ts';
import { variationalAutoencoder } from '../../../../src/analysis/integration/variational-autoencoder.ts';
import { pca } from '../../../../src/analysis/pca.ts';
import { type Points, pointsOf } from '../../../../src/analysis/points.ts';
import { CancelledError, InputError, UsageError } from '../../../../src/support/errors.ts';
import type { Progress } from '../../../../src/support/progress.ts';
import { type Random, randomStream } from '../../../../src/support/random.ts';
import { matrixOf } from '../../../unit/analysis/rows.ts';
import { needsNativeRuntime } from '../../need.ts';

needsNativeRuntime();

const genes = 60;
const cellCount = 240;
const kindOf = (cell: number): number => cell % 2;
const batchOf = (cell: number): number => Math.floor(cell / 2) % 2;

/** Genes 0 .. 19 tell the kind, 20 .. 39 the batch, as strongly. */
function meanOf(cell: number, gene: number): number {
  if (gene < 20) return gene % 2 === kindOf(cell) ? 6 : 1.5;
  if (gene < 40) return gene % 2 === batchOf(cell) ? 6 : 1.5;
  return 3;
}

function poisson(random: Random, mean: number): number {
  let count = 0;
  for (let left = random.uniform(); left > Math.exp(-mean); left *= random.uniform()) count++;
  return count;
}

function drawCounts(): Float32Array {
  const random = randomStream(1, 'counts');
  return Float32Array.from({ length: cellCount * genes }, (_, i) =>
    poisson(random, meanOf(Math.floor(i / genes), i % genes)),
  );
}

const batch: Grouping = {
  name: 'batch',
  codes: Int32Array.from({ length: cellCount }, (_, cell) => batchOf(cell)),
  groups: ['first', 'second'],
};

const prepared = (values: Float32Array, scale: 'linear' | 'logged' = 'linear'): Promise<Expression> =>
  prepareExpression(matrixOf(values, values.length / genes, genes), { scale });

const inputOf = (expression: Expression, seed = 0): BatchedExpression => ({
  expression,
  batch,
  dimensions: 5,
  seed,
});

/** The share of cells whose nearest other cell agrees with them. */
function nearestAgree({ values, dimensions }: Points, groupOf: (cell: number) => number): number {
  let agree = 0;
  for (let a = 0; a < cellCount; a++) {
    let [nearest, least] = [-1, Number.POSITIVE_INFINITY];
    for (let b = 0; b < cellCount; b++) {
      if (a === b) continue;
      let distance = 0;
      for (let i = 0; i < dimensions; i++) {
        distance += (values[a * dimensions + i] - values[b * dimensions + i]) ** 2;
      }
      if (distance < least) [nearest, least] = [b, distance];
    }
    if (groupOf(nearest) === groupOf(a)) agree++;
  }
  return agree / cellCount;
}

let counts: Expression;
let integrated: Integrated;
const epochs = 150;
const losses: number[] = [];
beforeAll(async () => {
  counts = await prepared(drawCounts());
  const onProgress = ({ note }: Progress): void => {
    if (note !== undefined) losses.push(Number(note.replace('loss ', '')));
  };
  integrated = await variationalAutoencoder(inputOf(counts), { epochs }, { onProgress });
});

describe('variationalAutoencoder', () => {
  it('tells its loss every epoch, and it falls', () => {
    expect(losses).toHaveLength(epochs);
    const mean = (values: number[]): number => values.reduce((sum, loss) => sum + loss) / values.length;
    const thirds = [0, 50, 100].map((begin) => mean(losses.slice(begin, begin + 50)));
    expect(thirds[1]).toBeLessThan(thirds[0]);
    expect(thirds[2]).toBeLessThan(thirds[1]);
  });

  it('tells kinds apart and mixes batches, which principal components do not', async () => {
    const { points } = integrated;
    expect([points.count, points.dimensions]).toEqual([cellCount, 5]);
    expect(nearestAgree(points, kindOf)).toBeGreaterThan(0.95);
    expect(nearestAgree(points, batchOf)).toBeLessThan(0.65);
    const { scores } = await pca(counts.logged, 5);
    expect(nearestAgree(pointsOf(scores), batchOf)).toBeGreaterThan(0.9);
  });

  it('says what it did', () => {
    expect(integrated.method).toBe(
      'counts of 60 genes, variational autoencoder (negative binomial, 5 latent dimensions, 150 epochs)',
    );
  });

  it('gives the same bytes with the same seed, others with another', async () => {
    const run = async (seed: number) =>
      (await variationalAutoencoder(inputOf(counts, seed), { epochs: 3 })).points.values;
    const first = await run(4);
    expect(await run(4)).toEqual(first);
    expect(await run(5)).not.toEqual(first);
  });

  it('rounds fractional counts, places cells without counts, and tells both', async () => {
    const values = drawCounts();
    values.fill(0, 0, genes);
    values[genes + 40] = 2.4;
    const { points, method } = await variationalAutoencoder(inputOf(await prepared(values)), { epochs: 1 });
    expect(points.values.every(Number.isFinite)).toBe(true);
    expect(method).toBe(
      'counts of 60 genes, of which 1 fractional value rounded, ' +
        'variational autoencoder (negative binomial, 5 latent dimensions, 1 epoch), ' +
        'not trained on 1 cell without counts',
    );
  });

  it('stops when asked to, of as many epochs as give 2,000 steps, and no more than 400', async () => {
    const control = new AbortController();
    const epochsOf: Progress[] = [];
    const onProgress = (progress: Progress): void => {
      if (progress.unit !== 'epochs') return;
      epochsOf.push(progress);
      control.abort();
    };
    const stopped = variationalAutoencoder(inputOf(counts), {}, { signal: control.signal, onProgress });
    await expect(stopped).rejects.toThrow(CancelledError);
    expect(epochsOf).toMatchObject([{ done: 1, total: 400 }]);
  });

  it('refuses logged values, which are no counts', async () => {
    const logged = await prepared(drawCounts().map(Math.log1p), 'logged');
    await expect(variationalAutoencoder(inputOf(logged))).rejects.toThrow(/logged.*Expected counts/);
  });

  it('refuses cells without a batch, and epochs that are no number of passes', async () => {
    const codes = batch.codes.with(7, -1);
    const incomplete = { ...inputOf(counts), batch: { ...batch, codes } };
    await expect(variationalAutoencoder(incomplete)).rejects.toThrow(InputError);
    await expect(variationalAutoencoder(inputOf(counts), { epochs: 0 })).rejects.toThrow(UsageError);
  });

  it('refuses to train on a single cell', async () => {
    const values = new Float32Array(cellCount * genes).fill(2, 0, genes);
    await expect(variationalAutoencoder(inputOf(await prepared(values)))).rejects.toThrow(/1 cell of 240/);
  });
});
