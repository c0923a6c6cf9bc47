/**
 * @file Shapes of graph values: each dimension is a size known when the graph is built, or a name for a size known when it runs.
 *
 * Products and sums of named sizes are names too (`cells*tokens`, `known+unknown`); equal names are equal sizes.
 */

import { GraphError } from '../support/errors.ts';

/** A size, or the name of one. */
export type Dim = number | string;

/** Row-major; empty for a scalar. */
export type Shape = readonly Dim[];

/** `[cells, tokens, 512]`, for messages and dumps. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** The product of dimensions: named factors are sorted, so that equal products have equal names. */
export function product(dims: Shape): Dim {
  const factors = dims.flatMap((dim) => String(dim).split('*'));
  const names = factors.filter((factor) => !/^\d+$/.test(factor)).sort();
  const known = factors
    .filter((factor) => /^\d+$/.test(factor))
    .reduce((size, factor) => size * Number(factor), 1);
  if (names.length === 0 || known === 0) return known;
  return [...(known === 1 ? [] : [String(known)]), ...names].join('*');
}

/** The sum of dimensions, as concatenation and slicing make them: known parts are added up, so `tokens-1` and 1 are `tokens`. */
export function sum(dims: Shape): Dim {
  let known = 0;
  const names: string[] = [];
  for (const dim of dims) {
    const [, name, constant] = /^(.*?)([+-]\d+)?$/.exec(String(dim)) ?? [];
    if (typeof dim === 'number') known += dim;
    else {
      names.push(name);
      known += Number(constant ?? 0);
    }
  }
  if (names.length === 0) return known;
  const rest = known === 0 ? '' : known > 0 ? `+${known}` : String(known);
  return names.join('+') + rest;
}

/** Resolves a negative axis and refuses one outside the shape. */
export function axisOf(operator: string, axis: number, shape: Shape): number {
  const resolved = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(axis) || resolved < 0 || resolved >= shape.length) {
    throw new GraphError({
      what: `${operator}: axis ${axis} does not exist`,
      expected: `an axis of ${formatShape(shape)}`,
      reason: 'shape',
    });
  }
  return resolved;
}

/** The shape two operands broadcast to under NumPy's rules; a named size broadcasts only with itself and 1. */
export function broadcast(operator: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const at = (shape: Shape, axis: number) => shape[axis - rank + shape.length] ?? 1;
  return Array.from({ length: rank }, (_, axis) => {
    const left = at(a, axis);
    const right = at(b, axis);
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new GraphError({
      what: `${operator}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast`,
      expected: `equal sizes or 1 in every dimension, got ${left} and ${right}`,
      reason: 'shape',
    });
  });
}
