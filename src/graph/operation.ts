/**
 * @file Every operation a graph can hold, as plain data: its kind and attributes.
 *
 * The set is small and differentiable; anything richer is built out of it in `nn/`. Operands and shapes are in the
 * constructors under `ops/`. Nothing here knows which executor will run it.
 */

import type { Tensor } from '../support/tensor.ts';

/** Element types a graph computes with. */
export type Dtype = 'float32' | 'int32' | 'int64' | 'int8' | 'bool';

/** Elementwise over two broadcast operands of one dtype. */
export type BinaryKind = 'add' | 'subtract' | 'multiply' | 'divide' | 'minimum' | 'maximum';

/** Elementwise over two broadcast operands, giving bool. */
export type CompareKind = 'equal' | 'greater';

/** Elementwise over one float32 operand. */
export type UnaryKind = 'relu' | 'sigmoid' | 'sqrt';

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
  | { readonly kind: 'softmax'; readonly axis: number }
  | { readonly kind: 'layerNorm'; readonly epsilon: number }
  | { readonly kind: 'gatherRows' }
  | { readonly kind: 'reshape' }
  | { readonly kind: 'transpose'; readonly permutation: readonly number[] }
  | { readonly kind: 'concat'; readonly axis: number }
  | {
      readonly kind: 'slice';
      readonly axis: number;
      readonly start: number;
      readonly end: number | undefined;
    }
  | {
      readonly kind: 'reduce';
      readonly by: ReduceKind;
      readonly axes: readonly number[];
      readonly keepDims: boolean;
    };

export type OperationKind = Operation['kind'];
