/** @file Where a model drops out in training, and the keys its masks follow from: three small inputs of a graph for all sites. */

import type { Graph, Value } from '../graph/graph.ts';
import { type DropoutKeys, dropout } from '../graph/ops/dropout.ts';
import { multiply } from '../graph/ops/elementwise.ts';
import { reshape, slice } from '../graph/ops/shape.ts';
import { evaluateDim, type Shape } from '../graph/shape.ts';
import { KeyHash, randomStream } from '../support/random.ts';
import { elementCount, type Tensor } from '../support/tensor.ts';

/** Names of the inputs start with this. */
const prefix = 'dropout/';

/**
 * The dropout of one graph. Every site multiplies the same keys by an odd number of its own, so that no two have the
 * same mask, and a run needs only a few fresh keys for each token: {@link dropoutFeeds} draws them.
 */
export class Dropout {
  readonly rate: number;
  private readonly graph: Graph;
  private readonly width: number;
  private sites = 0;

  /** @param width the most columns a site has */
  constructor(graph: Graph, { rate, width }: { readonly rate: number; readonly width: number }) {
    this.graph = graph;
    this.rate = rate;
    this.width = width;
  }

  /** Drops out of `x` `[cells, tokens, columns]`. */
  rows(x: Value): Value {
    const [cells, tokens, columns] = x.shape;
    const rows = this.fresh(this.keys('rows', [cells, tokens])); // [cells, tokens]
    const all = this.keys('columns', [this.width]);
    return dropout(x, {
      rate: this.rate,
      rows: reshape(rows, [cells, tokens, 1]),
      columns: columns === this.width ? all : slice(all, 0, 0, Number(columns)),
    });
  }

  /** Keys for attention weights `[cells, heads, queries, keys]`. */
  weights([cells, headCount, queries, keys]: Shape): DropoutKeys {
    const heads = Number(headCount);
    const ofHeads = Int32Array.from({ length: heads }, (_, head) => oddNumber('head', head));
    const heading = this.graph.constant({ dtype: 'int32', shape: [heads, 1, 1], data: ofHeads });
    const rows = reshape(this.fresh(this.keys('rows', [cells, queries])), [cells, 1, queries, 1]);
    return {
      rate: this.rate,
      rows: multiply(rows, heading), // [cells, heads, queries, 1]
      columns: reshape(this.keys('keys', [cells, keys]), [cells, 1, 1, keys]),
    };
  }

  private fresh(keys: Value): Value {
    return multiply(keys, oddNumber('site', this.sites++));
  }

  private keys(purpose: string, shape: Shape): Value {
    const name = `${prefix}${purpose}/${shape.join(',')}`;
    return this.graph.inputs.get(name) ?? this.graph.input(name, 'int32', shape);
  }
}

/** A fixed odd number for a place. */
function oddNumber(purpose: string, place: number): number {
  const digits = new KeyHash().text(purpose).word(place).hexadecimal().slice(0, 8);
  return Number.parseInt(digits, 16) | 1;
}

/**
 * Draws the keys of one run: they depend on seed, step and the batch's sizes only, so that a run that is taken up again
 * drops what it would have dropped.
 *
 * @param sizeOf the sizes of the graph's named dimensions
 */
export function dropoutFeeds(
  graph: Graph,
  sizeOf: (name: string) => number,
  seed: number,
  step: number,
): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const [name, { shape }] of graph.inputs) {
    if (!name.startsWith(prefix)) continue;
    const sizes = shape.map((dim) => evaluateDim(dim, sizeOf));
    const random = randomStream(seed, name, step);
    const data = new Int32Array(elementCount(sizes));
    for (let i = 0; i < data.length; i++) data[i] = random.uint32() | 1;
    feeds[name] = { dtype: 'int32', shape: sizes, data };
  }
  return feeds;
}
