/**
 * @file Condition tokens: what is known of a cell or of a gene beside its expression, added to the tokens' embeddings.
 *
 * Cui et al. 2024, Methods, "Input embeddings": a token enters as the sum of the embeddings of its gene, its value and
 * its conditions, such as modality, batch or perturbation. Each condition has a name, a table with a row for each of its
 * values, and row 0 for where it is not given, which training learns too.
 */

import type { Graph, Value } from '../graph/graph.ts';
import { add } from '../graph/ops/elementwise.ts';
import { gatherRows, reshape } from '../graph/ops/shape.ts';
import type { Shape } from '../graph/shape.ts';
import { layerNorm } from '../nn/norms.ts';
import type { Scope } from '../nn/scope.ts';
import { GraphError } from '../support/errors.ts';
import type { Condition, ModelConfig } from './config.ts';

/** Rows of the conditions' tables by name: int32 `[cells]` where it is of cells, `[cells, tokens]` where of genes. */
export type ConditionInputs = ReadonlyMap<string, Value>;

/** Which tokens of a cell: those it is known by, those to predict, or these with their values, as its other half. */
export type TokenStream = 'known' | 'unknown' | 'other';

/** What the input of a condition is called; a condition of genes has one for each stream of tokens. */
export function conditionInput(name: string, stream?: TokenStream): string {
  return stream === undefined ? `condition/${name}` : `condition/${name}/${stream}`;
}

/** Declares the inputs of those conditions that are of cells, or of genes. */
export function conditionInputs(
  graph: Graph,
  conditions: readonly Condition[],
  of: Condition['of'],
  shape: Shape,
  stream?: TokenStream,
): ConditionInputs {
  return new Map(
    conditions
      .filter((condition) => condition.of === of)
      .map(({ name }) => [name, graph.input(conditionInput(name, stream), 'int32', shape)]),
  );
}

/**
 * Adds the embedding of every condition to `x`, `[cells, tokens, d]`.
 *
 * @throws GraphError when a condition of the model has no input
 */
export function withConditions(
  scope: Scope,
  { conditions, embeddingSize }: ModelConfig,
  x: Value,
  inputs: ConditionInputs = new Map(),
): Value {
  let sum = x;
  for (const { name, of, values } of conditions) {
    const rows = inputs.get(name);
    if (rows === undefined) {
      throw new GraphError({
        what: `this model needs the input '${conditionInput(name)}'`,
        reason: 'input',
      });
    }
    const at = scope.at('condition_encoder', name);
    const table = at.parameter('embedding.weight', [values.length + 1, embeddingSize]);
    const embedded = gatherRows(layerNorm(at.at('enc_norm'), table), rows); // [cells, d] or [cells, tokens, d]
    sum = add(sum, of === 'cells' ? reshape(embedded, [rows.shape[0], 1, embeddingSize]) : embedded);
  }
  return sum;
}
