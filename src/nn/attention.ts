/** @file Multi-head self-attention with its projections, fused or with every intermediate in sight. */

import type { Value } from '../graph/graph.ts';
import { attention } from '../graph/ops/attention.ts';
import { where } from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { attentionOperands, headsTogether, type MixtureOperands, mixture } from '../graph/ops/mixture.ts';
import { softmax } from '../graph/ops/normalise.ts';
import { concat, reshape, slice, transpose } from '../graph/ops/shape.ts';
import { linear } from './linear.ts';
import type { Scope } from './scope.ts';

/** One matrix holds three projections: `[3d, d]`, rows q, k, v, each head-major. */
export const qkvNames = { weight: 'Wqkv.weight', bias: 'Wqkv.bias' };

/** Queries, keys and values, each `[cells, tokens, d]`. */
interface Projections {
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
}

/** Projects rows by one third of the matrix (0 queries, 1 keys, 2 values): `[cells, rows, d]`. */
export function projectThird(scope: Scope, x: Value, third: 0 | 1 | 2, width: number): Value {
  return linear(scope, x, width, { rows: { start: third * width, of: 3 * width }, names: qkvNames });
}

function project(scope: Scope, x: Value, width: number): Projections {
  return {
    query: projectThird(scope, x, 0, width),
    key: projectThird(scope, x, 1, width),
    value: projectThird(scope, x, 2, width),
  };
}

/** How rows attend to one another. */
export interface AttentionOptions {
  readonly width: number;
  readonly heads: number;
  /** bool `[cells, tokens]`: tokens that may be attended to; all without it. */
  readonly keep: Value | undefined;
  /** Rows that ask at a time in inference, which bounds memory and changes no number; all without it. */
  readonly queriesAtOnce?: number | undefined;
}

/** Attention of all rows to all rows, before the output projection: `[cells, tokens, d]`. */
export function selfAttention(scope: Scope, x: Value, options: AttentionOptions): Value {
  const { query, key, value } = project(scope, x, options.width);
  return attend(scope, { query, key, value }, options);
}

/**
 * Attention of queries to keys, `[cells, rows, d]`. Without dropout, and where the backward pass computes the weights
 * again, executors need not store them.
 */
export function attend(scope: Scope, operands: MixtureOperands, options: AttentionOptions): Value {
  const { training } = scope;
  const { heads, keep } = options;
  const { query, key, value } = operands;
  if (training === undefined || (training.dropout === undefined && training.probabilities === 'recomputed')) {
    const answers = queriesInTurn(query, options).map((some) => attention(some, key, value, heads, keep));
    return answers.length === 1 ? answers[0] : concat(answers, 1);
  }
  const apart = attentionOperands(operands, heads, keep);
  return headsTogether(weighted(scope, apart));
}

/** Queries `[cells, rows, d]` in pieces of rows; in one piece where their number is not known beforehand. */
function queriesInTurn(query: Value, { queriesAtOnce }: AttentionOptions): readonly Value[] {
  const rows = query.shape[1];
  if (queriesAtOnce === undefined || typeof rows !== 'number' || rows <= queriesAtOnce) return [query];
  const starts = Array.from({ length: Math.ceil(rows / queriesAtOnce) }, (_, piece) => piece * queriesAtOnce);
  return starts.map((start) => slice(query, 1, start, Math.min(rows, start + queriesAtOnce)));
}

/** A {@link mixture} as training wants it. */
export function weighted({ training }: Scope, { query, key, value }: MixtureOperands): Value {
  const [cells, heads, queries] = query.shape;
  return mixture(query, key, value, {
    dropout: training?.dropout?.weights([cells, heads, queries, key.shape[2]]),
    probabilities: training?.probabilities,
  });
}

/** What attention looks at, head by head. */
export interface AttentionMaps {
  /** `q . k` without scale and mask: `[cells, heads, queries, keys]`. */
  readonly scores: Value;
  /** Softmax of the scaled scores over the kept keys: `[cells, heads, queries, keys]`. */
  readonly probabilities: Value;
}

/** The attention maps of a layer, for looking at (gene networks); {@link selfAttention} does not store them. */
export function attentionMaps(
  scope: Scope,
  x: Value,
  { width, heads, keep }: AttentionOptions,
): AttentionMaps {
  const { query, key } = project(scope, x, width);
  const split = (rows: Value): Value => {
    const apart = reshape(rows, [rows.shape[0], rows.shape[1], heads, width / heads]);
    return transpose(apart, [0, 2, 1, 3]); // [cells, heads, tokens, d / heads]
  };
  const product = { transposeRight: true };
  const scores = matmul(split(query), split(key), product);
  const scaled = matmul(split(query), split(key), { ...product, scale: (width / heads) ** -0.5 });
  if (keep === undefined) return { scores, probabilities: softmax(scaled) };
  const keys = reshape(keep, [keep.shape[0], 1, 1, keep.shape[1]]); // [cells, 1, 1, keys]
  return { scores, probabilities: softmax(where(keys, scaled, -Infinity)) };
}
