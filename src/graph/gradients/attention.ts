/** @file Gradients of attention and dropout, whose masks are computed again from their keys. */

import type { Node, Value } from '../graph.ts';
import type { Operation } from '../operation.ts';
import { dropout } from '../ops/dropout.ts';
import { multiply, subtract } from '../ops/elementwise.ts';
import { matmul } from '../ops/matmul.ts';
import {
  attentionOperands,
  headsApart,
  headsTogether,
  type MixtureOperands,
  withColumn,
} from '../ops/mixture.ts';
import { softmax } from '../ops/normalise.ts';
import { reduceSum } from '../ops/reduce.ts';
import { slice } from '../ops/shape.ts';
import type { GradientRules } from './rule.ts';

/** The weights before dropout, from queries and keys. */
function weightsOf({ query, key }: MixtureOperands): Value {
  return softmax(matmul(query, key, { transposeRight: true }));
}

/**
 * With P the weights, P' those after dropout and O = P' V: dV = P'^T dO; dP = dropout(dO V^T);
 * dS = P (dP - rowsum(dP P)), where the sum equals rowsum(dO O) (Dao et al. 2022, appendix B.2).
 *
 * @param output O
 * @param gradient dO
 * @param drop applies the dropout of the weights; nothing without it
 */
function mixtureGradient(
  { query, key, value }: MixtureOperands,
  weights: Value,
  output: Value,
  gradient: Value,
  drop?: (x: Value) => Value,
): MixtureOperands {
  const rowSums = reduceSum(multiply(gradient, output), [-1], true); // [cells, heads, queries, 1]
  let ofScores: Value; // [cells, heads, queries, keys]
  if (drop === undefined) {
    // dO V^T - rowsum as one product, with one more column on both sides.
    const left = withColumn(gradient, multiply(rowSums, -1));
    const right = withColumn(value, value.graph.scalar(1));
    ofScores = multiply(weights, matmul(left, right, { transposeRight: true }));
  } else {
    const ofWeights = drop(matmul(gradient, value, { transposeRight: true }));
    ofScores = multiply(weights, subtract(ofWeights, rowSums));
  }
  return {
    query: matmul(ofScores, key),
    key: matmul(ofScores, query, { transposeLeft: true }),
    value: matmul(drop?.(weights) ?? weights, gradient, { transposeLeft: true }),
  };
}

function dropOf({ dropout: rate }: Extract<Operation, { kind: 'mixture' }>, { inputs }: Node) {
  if (rate === 0) return undefined;
  const [, , , rows, columns] = inputs;
  return (x: Value): Value => dropout(x, { rate, rows, columns });
}

/** Rules by operation. */
export const attentions: GradientRules<'attention' | 'mixture' | 'dropout'> = {
  mixture(operation, node, [gradient]) {
    if (gradient === undefined) return [];
    const [query, key, value] = node.inputs;
    const operands = { query, key, value };
    const [output, stored] = node.outputs;
    const weights = operation.recompute ? weightsOf(operands) : stored;
    const of = mixtureGradient(operands, weights, output, gradient, dropOf(operation, node));
    return [of.query, of.key, of.value];
  },

  /** Executors keep no weights of an attention: they are computed again. */
  attention({ heads, masked }, { inputs, outputs: [output] }, [gradient]) {
    if (gradient === undefined) return [];
    const [query, key, value, keep] = inputs;
    const operands = attentionOperands({ query, key, value }, heads, masked ? keep : undefined);
    const of = mixtureGradient(
      operands,
      weightsOf(operands),
      headsApart(output, heads),
      headsApart(gradient, heads),
    );
    const size = Number(query.shape[2]) / heads;
    const withoutMask = (x: Value): Value => headsTogether(masked ? slice(x, 3, 0, size) : x);
    return [multiply(withoutMask(of.query), size ** -0.5), withoutMask(of.key), headsTogether(of.value)];
  },

  dropout: ({ rate }, { inputs: [, rows, columns] }, [gradient]) =>
    gradient === undefined ? [] : [dropout(gradient, { rate, rows, columns })],
};
