/**
 * @file Every operation a graph can hold, as plain data: its kind and attributes.
 *
 * The set is small and differentiable; anything richer is built out of it in `nn/`. Operands and shapes are in the
 * constructors under `ops/`. Nothing here knows which executor will run it.
 */

import type { Tensor } from '../support/tensor.ts';
import type { Dim } from './shape.ts';

/** Element types a graph computes with. */
export type Dtype = 'float32' | 'int32' | 'int64' | 'int8' | 'bool';

/** Elementwise over two broadcast operands of one dtype. */
export type BinaryKind = 'add' | 'subtract' | 'multiply' | 'divide' | 'minimum' | 'maximum';

/** Elementwise over two broadcast operands, giving bool. */
export type CompareKind = 'equal' | 'greater';

/** Elementwise over one float32 operand. */
export type UnaryKind = 'relu' | 'sigmoid' | 'sqrt' | 'exp' | 'log';

export type ReduceKind = 'sum' | 'mean';

export type Operation =
  /** Given at every run. */
  | { readonly kind: 'input'; readonly name: string }
  /** A weight, by its name in the checkpoint: fixed in inference, given and returned in training. */
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'constant'; readonly tensor: Tensor }
  | { readonly kind: BinaryKind }
  | { readonly kind: CompareKind }
  | { readonly kind: UnaryKind }
  | { readonly kind: 'leakyRelu'; readonly slope: number }
  | { readonly kind: 'where' }
  | { readonly kind: 'cast'; readonly to: Dtype }
  /** The same values forward; in the backward pass the gradient is multiplied by `scale` (0 stops it, -1 reverses it). */
  | { readonly kind: 'scaleGradient'; readonly scale: number }
  | {
      readonly kind: 'matmul';
      readonly transposeLeft: boolean;
      readonly transposeRight: boolean;
      readonly scale: number;
    }
  /** Left operand quantised to 8 bits as it comes, right operand stored as int8 with one scale per column. */
  | { readonly kind: 'quantisedMatmul' }
  | { readonly kind: 'attention'; readonly heads: number; readonly masked: boolean }
  /** The inner part of attention, heads apart, as training needs it. */
  | {
      readonly kind: 'mixture';
      /** Share of the probabilities that is dropped. */
      readonly dropout: number;
      /** Whether the backward pass computes the probabilities again instead of keeping them. */
      readonly recompute: boolean;
    }
  /** Zeros where the product of both keys, modulo 2^32, lies in the lowest `rate` of int32; the rest scaled up to make up for it. */
  | { readonly kind: 'dropout'; readonly rate: number }
  | { readonly kind: 'softmax'; readonly axis: number }
  | { readonly kind: 'logSoftmax'; readonly axis: number }
  | { readonly kind: 'layerNorm'; readonly epsilon: number }
  | { readonly kind: 'gatherRows' }
  /** Zeros with rows added at given indices, equal indices adding up: the gradient of `gatherRows`. */
  | { readonly kind: 'scatterRows' }
  | { readonly kind: 'reshape' }
  /** Repeats along dimensions of size 1. */
  | { readonly kind: 'expand' }
  | { readonly kind: 'transpose'; readonly permutation: readonly number[] }
  | { readonly kind: 'concat'; readonly axis: number }
  | { readonly kind: 'split'; readonly axis: number }
  /** Zeros with `x` from `start` on along one axis: the gradient of `slice`. */
  | { readonly kind: 'place'; readonly axis: number; readonly start: number }
  /** The product of sizes, as a number: what a mean divides by. */
  | { readonly kind: 'extent'; readonly dims: readonly Dim[] }
  | {
      readonly kind: 'slice';
      readonly axis: number;
      readonly start: number;
      readonly end: number | undefined;
    }
  /** The largest along the last dimension, largest first and equal ones in their order, and their places. */
  | { readonly kind: 'topK'; readonly k: number }
  | {
      readonly kind: 'reduce';
      readonly by: ReduceKind;
      readonly axes: readonly number[];
      readonly keepDims: boolean;
    };

export type OperationKind = Operation['kind'];
