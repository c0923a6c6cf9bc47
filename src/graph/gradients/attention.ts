/** @file Gradients of attention and dropout, whose masks are computed again from their keys. */

import type { Node, Value } from '../graph.ts';
import type { Operation } from '../operation.ts';
import { dropout } from '../ops/dropout.ts';
import { multiply, subtract, where } from '../ops/elementwise.ts';
import { matmul } from '../ops/matmul.ts';
import { softmax } from '../ops/normalise.ts';
import { reduceSum } from '../ops/reduce.ts';
import { reshape, transpose } from '../ops/shape.ts';
import type { GradientRules } from './rule.ts';

type Attention = Extract<Operation, { kind: 'attention' }>;

/** `[cells, tokens, d]` to `[cells, heads, tokens, d / heads]`. */
function splitHeads(x: Value, heads: number): Value {
  const [cells, tokens, width] = x.shape;
  return transpose(reshape(x, [cells, tokens, heads, Number(width) / heads]), [0, 2, 1, 3]);
}

/** `[cells, heads, tokens, d / heads]` to `[cells, tokens, d]`. */
function joinHeads(x: Value): Value {
  const [cells, heads, tokens, size] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [cells, tokens, Number(heads) * Number(size)]);
}

/** The probabilities before dropout, `[cells, heads, queries, keys]`: those kept, or computed again. */
function probabilitiesOf(operation: Attention, node: Node, query: Value, key: Value, scale: number): Value {
  if (!operation.recompute) return node.outputs[1];
  const scores = matmul(query, key, { transposeRight: true, scale });
  if (!operation.masked) return softmax(scores);
  const keep = node.inputs[3]; // [cells, keys]
  const broadcast = reshape(keep, [keep.shape[0], 1, 1, keep.shape[1]]);
  return softmax(where(broadcast, scores, -Infinity));
}

/** Rules by operation. */
export const attentions: GradientRules<'attention' | 'dropout'> = {
  /**
   * With P the probabilities, P' those after dropout and O = P' V: dV = P'^T dO; dP = dropout(dO V^T);
   * dS = P (dP - rowsum(dP P)), where the sum equals rowsum(dO O) (Dao et al. 2022, appendix B.2).
   */
  attention(operation, node, [gradient]) {
    if (gradient === undefined) return [];
    const { heads, masked, dropout: rate } = operation;
    const [query, key, value] = node.inputs.slice(0, 3).map((x) => splitHeads(x, heads));
    const scale = Number(query.shape[3]) ** -0.5;
    const [rows, columns] = node.inputs.slice(masked ? 4 : 3);
    const drop = (x: Value): Value => (rate === 0 ? x : dropout(x, { rate, rows, columns }));

    const probabilities = probabilitiesOf(operation, node, query, key, scale);
    const ofContext = splitHeads(gradient, heads); // [cells, heads, queries, d / heads]
    const ofValue = matmul(drop(probabilities), ofContext, { transposeLeft: true });
    const ofProbabilities = drop(matmul(ofContext, value, { transposeRight: true })); // [cells, heads, queries, keys]
    const rowSums = reduceSum(multiply(ofContext, splitHeads(node.outputs[0], heads)), [-1], true);
    const ofScores = multiply(probabilities, subtract(ofProbabilities, rowSums));
    return [
      joinHeads(matmul(ofScores, key, { scale })),
      joinHeads(matmul(ofScores, query, { transposeLeft: true, scale })),
      joinHeads(ofValue),
    ];
  },

  dropout: ({ rate }, { inputs: [, rows, columns] }, [gradient]) =>
    gradient === undefined ? [] : [dropout(gradient, { rate, rows, columns })],
};
