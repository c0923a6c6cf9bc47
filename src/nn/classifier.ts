/** @file Heads over the cell embedding: cell classes, and the batch that an adversary tries to tell. */

import type { Value } from '../graph/graph.ts';
import { leakyRelu, relu, reverseGradient } from '../graph/ops/elementwise.ts';
import { linear } from './linear.ts';
import { layerNorm } from './norms.ts';
import type { Scope } from './scope.ts';

/** Options of {@link classifier}. */
export interface ClassHeadOptions {
  readonly width: number;
  /** Linear layers in all, the last to the classes (3 in the released models). */
  readonly layers: number;
  readonly classes: number;
}

/** (Linear, activation, LayerNorm) `layers - 1` times, then Linear: `[cells, d]` to `[cells, classes]`. */
function classHead(
  scope: Scope,
  cell: Value,
  { width, layers, classes }: ClassHeadOptions,
  activation: (x: Value) => Value,
): Value {
  let x = cell;
  for (let layer = 0; layer < layers - 1; layer++) {
    const first = 3 * layer; // torch numbers linear, activation and norm one after another
    x = activation(linear(scope.at('_decoder', first), x, width));
    x = layerNorm(scope.at('_decoder', first + 2), x);
  }
  return linear(scope.at('out_layer'), x, classes);
}

/** Class logits of each cell. */
export function classifier(scope: Scope, cell: Value, options: ClassHeadOptions): Value {
  return classHead(scope, cell, options, relu);
}

/** Linear layers of the discriminator, fixed in the reference. */
const discriminatorLayers = 3;

/** Options of {@link batchDiscriminator}. */
export interface DiscriminatorOptions {
  readonly width: number;
  readonly batches: number;
  /** Factor of the reversed gradient below; without it the gradient passes as it is. */
  readonly reverse?: number | undefined;
}

/** Batch logits of each cell; with `reverse` the encoder below is trained against them. */
export function batchDiscriminator(
  scope: Scope,
  cell: Value,
  { width, batches, reverse }: DiscriminatorOptions,
): Value {
  const seen = reverse === undefined ? cell : reverseGradient(cell, reverse);
  return classHead(scope, seen, { width, layers: discriminatorLayers, classes: batches }, leakyRelu);
}
