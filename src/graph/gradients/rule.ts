/** @file What a gradient rule is: from the gradients of a node's results to those of its operands. */

import type { Node, Value } from '../graph.ts';
import type { Operation, OperationKind } from '../operation.ts';
import { reduceSum } from '../ops/reduce.ts';
import { reshape } from '../ops/shape.ts';

/** A gradient, or none where the loss does not depend on the value or cannot be differentiated by it. */
export type Gradient = Value | undefined;

/**
 * The rule of one operation.
 *
 * @param node its operands and results, which a rule may read
 * @param gradients of each result; at least one is there
 * @returns of each operand
 */
export type GradientRule<K extends OperationKind> = (
  operation: Extract<Operation, { kind: K }>,
  node: Node,
  gradients: readonly Gradient[],
) => readonly Gradient[];

/** Rules for some operations. */
export type GradientRules<K extends OperationKind> = { readonly [Kind in K]: GradientRule<Kind> };

/** Sums a gradient over the dimensions along which `operand` was broadcast. */
export function summedTo(operand: Value, gradient: Value): Value {
  const { shape } = operand;
  const lead = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((dim, axis) =>
    axis < lead || (shape[axis - lead] === 1 && dim !== 1) ? [axis] : [],
  );
  return axes.length === 0 ? gradient : reshape(reduceSum(gradient, axes), shape);
}
