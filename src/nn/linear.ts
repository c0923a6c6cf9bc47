/** @file Linear layers in torch's layout: `y = x W^T + b` with `W` `[out, in]`, in float32 or with 8-bit weights. */

import type { Value } from '../graph/graph.ts';
import { refuse } from '../graph/ops/check.ts';
import { add } from '../graph/ops/elementwise.ts';
import { matmul, quantisedMatmul } from '../graph/ops/matmul.ts';
import { slice } from '../graph/ops/shape.ts';
import type { Dim } from '../graph/shape.ts';
import type { StateDict, Tensor } from '../support/tensor.ts';
import type { Scope } from './scope.ts';

/** Suffixes of what replaces `weight` in 8 bits: the integers `[in, out]` and one scale for each of the outputs. */
const quantisedNames = { weight: 'weight.int8', scales: 'weight.scales' } as const;

/** Options of {@link linear}. */
export interface LinearOptions {
  readonly bias?: boolean;
  /** Rows of the stored weight that make up this layer, where one matrix holds several layers. Default all. */
  readonly rows?: { readonly start: number; readonly of: number };
  /** Names of the parameters, default `weight` and `bias`. */
  readonly names?: { readonly weight: string; readonly bias: string };
}

/** `x` `[..., in]` to `[..., out]`. */
export function linear(scope: Scope, x: Value, out: number, options: LinearOptions = {}): Value {
  const { bias = true, rows = { start: 0, of: out }, names = { weight: 'weight', bias: 'bias' } } = options;
  const width = x.shape.at(-1);
  if (typeof width !== 'number') return refuse('linear', 'a last dimension of known size', x);
  const part = (value: Value, axis: number): Value =>
    rows.of === out ? value : slice(value, axis, rows.start, rows.start + out);

  let product: Value;
  if (scope.precision === 'int8') {
    const prefix = names.weight.slice(0, -'weight'.length);
    const weight = scope.parameter(prefix + quantisedNames.weight, [width, rows.of], 'int8');
    const scales = scope.parameter(prefix + quantisedNames.scales, [rows.of]);
    product = quantisedMatmul(x, part(weight, 1), part(scales, 0));
  } else {
    const weight = scope.parameter(names.weight, [rows.of, width]);
    product = matmul(x, part(weight, 0), { transposeRight: true });
    const added = lowRankProduct(scope, x, names.weight, rows.of, part);
    if (added !== undefined) product = add(product, added);
  }
  return bias ? add(product, part(scope.parameter(names.bias, [rows.of]), 0)) : product;
}

/** Names of the low-rank factors of a weight: `A` `[rank, in]` and `B` `[out, rank]`. */
export function lowRankNames(weight: string): { readonly a: string; readonly b: string } {
  const layer = weight.slice(0, -'weight'.length);
  return { a: `${layer}lora_A`, b: `${layer}lora_B` };
}

/** The weight that a low-rank factor of this name adapts; undefined for other names. */
export function adaptedWeight(factor: string): string | undefined {
  return /lora_[AB]$/.test(factor) ? factor.replace(/lora_[AB]$/, 'weight') : undefined;
}

/** `(alpha / rank) x A^T B^T`, where training adapts this weight. */
function lowRankProduct(
  scope: Scope,
  x: Value,
  weight: string,
  outputs: number,
  part: (value: Value, axis: number) => Value,
): Value | undefined {
  const lowRank = scope.training?.lowRank;
  if (lowRank === undefined || !lowRank.targets(scope.prefix + weight)) return undefined;
  const { rank, alpha } = lowRank;
  const names = lowRankNames(weight);
  const a = scope.parameter(names.a, [rank, Number(x.shape.at(-1))]);
  const b = part(scope.parameter(names.b, [outputs, rank]), 0);
  return matmul(matmul(x, a, { transposeRight: true }), b, { transposeRight: true, scale: alpha / rank });
}

/**
 * A linear layer over parts lying side by side, without laying them there: `sum of x_i W_i^T + b`, where `W_i` are the
 * weight's columns for part `i`. A part with one row per cell `[cells, 1, d]` is multiplied once and then broadcast.
 */
export function linearOfParts(scope: Scope, parts: readonly Value[], out: number): Value {
  if (parts.length === 1) return linear(scope, parts[0], out);
  const widths = parts.map((part) => Number(part.shape.at(-1)));
  const weight = scope.parameter('weight', [out, widths.reduce((total, width) => total + width, 0)]);
  let start = 0;
  const products = parts.map((part, place) => {
    const columns = slice(weight, 1, start, start + widths[place]);
    start += widths[place];
    return matmul(part, columns, { transposeRight: true });
  });
  return add(
    products.reduce((total, product) => add(total, product)),
    scope.parameter('bias', [out]),
  );
}

/**
 * The 8-bit parameters that a graph declares, made from their float32 weights; others are passed through.
 *
 * Each output's weights are scaled so that the largest is 127 (symmetric, per channel).
 *
 * @param declared names and shapes of the graph's parameters
 */
export function quantiseParameters(
  declared: ReadonlyMap<string, { readonly shape: readonly Dim[] }>,
  parameters: StateDict,
): StateDict {
  const prepared: StateDict = new Map();
  for (const name of declared.keys()) {
    if (name.endsWith(quantisedNames.scales)) continue;
    if (!name.endsWith(quantisedNames.weight)) {
      const value = parameters.get(name);
      if (value !== undefined) prepared.set(name, value);
      continue;
    }
    const weight = parameters.get(name.slice(0, -'.int8'.length));
    if (weight?.dtype !== 'float32') continue;
    const { integers, scales } = quantise(weight as Tensor<'float32'>);
    prepared.set(name, integers);
    prepared.set(`${name.slice(0, -quantisedNames.weight.length)}${quantisedNames.scales}`, scales);
  }
  return prepared;
}

/** `[out, in]` float32 to `[in, out]` int8 and a scale per output. */
function quantise({ shape: [out, width], data }: Tensor<'float32'>): {
  integers: Tensor<'int8'>;
  scales: Tensor<'float32'>;
} {
  const integers = new Int8Array(width * out);
  const scales = new Float32Array(out);
  for (let row = 0; row < out; row++) {
    let largest = 0;
    for (let i = 0; i < width; i++) largest = Math.max(largest, Math.abs(data[row * width + i]));
    scales[row] = largest / 127;
    const inverse = largest === 0 ? 0 : 127 / largest;
    for (let i = 0; i < width; i++) integers[i * out + row] = Math.round(data[row * width + i] * inverse);
  }
  return {
    integers: { dtype: 'int8', shape: [width, out], data: integers },
    scales: { dtype: 'float32', shape: [out], data: scales },
  };
}
