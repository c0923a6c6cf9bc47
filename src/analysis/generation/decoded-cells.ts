/** @file New cells from an embedding: points drawn around those of a kind, counts drawn as a decoder expects them. */

import type { RunControl } from '../../support/progress.ts';
import type { Random } from '../../support/random.ts';
import type { Grouping } from '../groups.ts';
import { matrixOf } from '../multimodal/dense-matrix.ts';
import { pca } from '../pca.ts';
import type { Points } from '../points.ts';
import { dispersedCount } from './count-draws.ts';
import type { CellGenerator, KnownCells } from './population.ts';
import { fitRateDecoder } from './rate-decoder.ts';
import { smoothedSample } from './smoothed-sample.ts';

/** Directions of an embedding that the decoder reads; further ones are noise, and each costs time. */
const directions = 24;

/** A new cell: where it is, what is expected of it, and its counts. */
export interface DecodedCell {
  /** The training cell that it was drawn near. */
  readonly near: number;
  /** Counts of all genes that are expected to be seen. */
  readonly total: number;
  /** Expected counts. */
  readonly rates: Float64Array; // [genes]
  readonly counts: Float64Array; // [genes]
}

/** Draws a cell of a kind; its arrays hold until the next is drawn. */
export type DrawDecoded = (kind: number, random: Random) => DecodedCell;

/** Fits the decoder to cells and their points and makes ready to draw. */
export async function decodedCells(
  { expression, kinds }: KnownCells,
  embedding: Points,
  control?: RunControl,
): Promise<DrawDecoded> {
  const points = await leadingDirections(embedding, control);
  const decoder = await fitRateDecoder(withKinds(points, kinds), expression, control);
  const draw = await smoothedSample(points, kinds, control);
  const point = new Float64Array(points.dimensions + kinds.groups.length);
  const [rates, counts] = [new Float64Array(expression.genes), new Float64Array(expression.genes)];
  return (kind, random) => {
    const near = draw(kind, random, point.subarray(0, points.dimensions));
    point.fill(0, points.dimensions);
    point[points.dimensions + kind] = 1;
    const total = expression.totals[near];
    decoder.rates(point, total, rates);
    for (let gene = 0; gene < rates.length; gene++)
      counts[gene] = dispersedCount(random, rates[gene], decoder.dispersions[gene]);
    return { near, total, rates, counts };
  };
}

/** The same as one of several generators. */
export function decodedGenerator(
  description: Pick<CellGenerator, 'id' | 'name' | 'about'>,
  embed: (cells: KnownCells, control?: RunControl) => Promise<Points>,
): CellGenerator {
  return {
    ...description,
    async fit(cells, control) {
      const draw = await decodedCells(cells, await embed(cells, control), control);
      return (kind, random, into) => into.set(draw(kind, random).counts);
    },
  };
}

/** Points with the kind of each as further coordinates: the decoder is told both. */
function withKinds({ values, count, dimensions }: Points, { codes, groups }: Grouping): Points {
  const width = dimensions + groups.length;
  const wider = new Float64Array(count * width);
  for (let cell = 0; cell < count; cell++) {
    wider.set(values.subarray(cell * dimensions, (cell + 1) * dimensions), cell * width);
    if (codes[cell] >= 0) wider[cell * width + dimensions + codes[cell]] = 1;
  }
  return { values: wider, count, dimensions: width };
}

/** The first principal components, those along the first with variance 1. */
async function leadingDirections(embedding: Points, control?: RunControl): Promise<Points> {
  const { scores, variances } = await pca(matrixOf(embedding), directions, control);
  const [count, dimensions] = scores.shape;
  const scale = 1 / Math.sqrt(variances[0]);
  return {
    values: Float64Array.from(scores.values as Float64Array, (value) => value * scale),
    count,
    dimensions,
  };
}
