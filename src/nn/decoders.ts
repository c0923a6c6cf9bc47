/** @file Heads that predict expression: from each token's row, and from the cell embedding and the gene. */

import type { Value } from '../graph/graph.ts';
import { add, leakyRelu, maximum, minimum, multiply, sigmoid } from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { reshape } from '../graph/ops/shape.ts';
import { GraphError } from '../support/errors.ts';
import { linear, linearOfParts } from './linear.ts';
import type { Scope } from './scope.ts';

/** A prediction for every token. */
export interface ExpressionPrediction {
  /** `[cells, tokens]` */
  readonly value: Value;
  /** The probability that the gene is not zero, `[cells, tokens]`, where the model has one. */
  readonly nonZeroProbability?: Value;
}

/** `[cells, tokens, 1]` to `[cells, tokens]`. */
const dropLast = (x: Value): Value => reshape(x, x.shape.slice(0, -1));

/** Linear over all parts, LeakyReLU, Linear, LeakyReLU, Linear to one number: `[cells, tokens]`. */
function threeLayers(scope: Scope, parts: readonly Value[], width: number): Value {
  const first = leakyRelu(linearOfParts(scope.at(0), parts, width));
  const second = leakyRelu(linear(scope.at(2), first, width));
  return dropLast(linear(scope.at(4), second, 1));
}

/**
 * The expression head.
 *
 * @param parts what it reads, side by side: token rows `[cells, tokens, d]`, then perhaps one row per cell `[cells, 1, d]`
 */
export function expressionDecoder(
  scope: Scope,
  parts: readonly Value[],
  { width, zeroProbability }: { readonly width: number; readonly zeroProbability: boolean },
): ExpressionPrediction {
  const value = threeLayers(scope.at('fc'), parts, width);
  if (!zeroProbability) return { value };
  return { value, nonZeroProbability: sigmoid(threeLayers(scope.at('zero_logit'), parts, width)) };
}

/** How the cell-prompted head joins the cell embedding and the gene's query. */
export type QueryStyle = 'inner product' | 'concat query' | 'sum query';

/** Width of the concatenated query and of the hidden layer, fixed in the reference. */
const concatenatedWidth = 64;

/**
 * The cell-prompted head: expression of each gene from the cell embedding and the gene's embedding.
 *
 * @param cell `[cells, d]`, or `[cells, 2d]` with the batch embedding beside
 * @param genes gene embeddings before the transformer, `[cells, tokens, d]`
 * @param options.besideGenes what queries read beside the genes, `[cells, tokens or 1, d]`, in the style 'inner product'
 */
export function cellConditionedDecoder(
  scope: Scope,
  cell: Value,
  genes: Value,
  options: {
    readonly width: number;
    readonly style: QueryStyle;
    readonly zeroProbability: boolean;
    readonly besideGenes?: Value | undefined;
  },
): ExpressionPrediction {
  const { width, style, zeroProbability, besideGenes } = options;
  const [cells, tokens] = genes.shape;
  const cellWidth = Number(cell.shape[1]);
  if (style === 'inner product') {
    const parts = besideGenes === undefined ? [genes] : [genes, besideGenes];
    const query = sigmoid(linearOfParts(scope.at('gene2query'), parts, parts.length * width)); // [cells, tokens, d or 2d]
    const column = reshape(cell, [cells, cellWidth, 1]);
    const along = (name: string, bias: boolean): Value =>
      dropLast(matmul(linear(scope.at(name), query, cellWidth, { bias }), column));
    const value = along('W', false);
    return zeroProbability ? { value, nonZeroProbability: sigmoid(along('W_zero_logit', true)) } : { value };
  }
  if (zeroProbability || cellWidth !== width || besideGenes !== undefined) {
    throw new GraphError({
      what: `the cell-prompted head '${style}' has neither zero probabilities nor batch labels nor modalities`,
      expected: `the style 'inner product'`,
      reason: 'style',
    });
  }
  const row = reshape(cell, [cells, 1, width]);
  const queryWidth = style === 'concat query' ? concatenatedWidth : width;
  const query = sigmoid(linear(scope.at('gene2query'), genes, queryWidth)); // [cells, tokens, queryWidth]
  const parts = style === 'concat query' ? [row, query] : [add(row, query)];
  const slope = scope.at('hidden_activation').parameter('weight', [1]);
  const hidden = parametricRelu(linearOfParts(scope.at('fc1'), parts, concatenatedWidth), slope); // [cells, tokens, 64]
  return { value: reshape(linear(scope.at('fc2'), hidden, 1), [cells, tokens]) };
}

/** Positive values as they are, negative ones times a learnt slope. */
function parametricRelu(x: Value, slope: Value): Value {
  return add(maximum(x, 0), multiply(slope, minimum(x, 0)));
}
