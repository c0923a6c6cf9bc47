/** @file Multi-head scaled dot-product attention as one operation, which executors may run without storing probabilities. */

import type { Value } from '../graph.ts';
import { refuse, requireDtype } from './check.ts';

/**
 * `softmax(q k^T / sqrt(d / heads)) v` per head, heads lying side by side in the last dimension.
 *
 * @param query `[cells, queries, d]`
 * @param key `[cells, keys, d]`
 * @param value `[cells, keys, d]`
 * @param keep bool `[cells, keys]`: keys that may be attended to; every cell must keep at least one. Without it, all.
 * @returns `[cells, queries, d]`
 */
export function attention(query: Value, key: Value, value: Value, heads: number, keep?: Value): Value {
  for (const operand of [query, key, value]) {
    requireDtype('attention', operand, 'float32');
    if (operand.shape.length !== 3) refuse('attention', 'operands [cells, tokens, d]', operand);
  }
  const [cells, queries, width] = query.shape;
  const [, keys] = key.shape;
  if (typeof width !== 'number' || width % heads !== 0) {
    refuse('attention', `a last dimension that ${heads} heads divide`, query);
  }
  if (String(key.shape) !== String([cells, keys, width]))
    refuse('attention', `a key [${cells}, keys, ${width}]`, key);
  if (String(value.shape) !== String(key.shape))
    refuse('attention', `a value [${key.shape.join(', ')}]`, value);
  const inputs = [query, key, value];
  if (keep !== undefined) {
    requireDtype('attention', keep, 'bool');
    if (String(keep.shape) !== String([cells, keys])) refuse('attention', `a mask [${cells}, ${keys}]`, keep);
    inputs.push(keep);
  }
  const operation = { kind: 'attention', heads, masked: keep !== undefined } as const;
  return query.graph.apply(operation, inputs, [{ dtype: 'float32', shape: [cells, queries, width] }])[0];
}
