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

/** A product's factors, or a sum's terms with their signs: splits at an operator outside parentheses. */
function parts(dim: string, operator: '*' | '+'): string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < dim.length; i++) {
    if (dim[i] === '(') depth++;
    else if (dim[i] === ')') depth--;
    else if (depth === 0 && i > start && (dim[i] === operator || (operator === '+' && dim[i] === '-'))) {
      found.push(dim.slice(start, i));
      start = dim[i] === '-' ? i : i + 1; // a minus stays with its term
    }
  }
  return [...found, dim.slice(start)];
}

const isNumber = (text: string): boolean => /^-?\d+$/.test(text);

/** The product of dimensions: named factors are sorted, so that equal products have equal names. */
export function product(dims: Shape): Dim {
  const factors = dims.flatMap((dim) => {
    const text = String(dim);
    return parts(text, '+').length > 1 ? [`(${text})`] : parts(text, '*');
  });
  const names = factors.filter((factor) => !isNumber(factor)).sort();
  const known = factors.filter(isNumber).reduce((size, factor) => size * Number(factor), 1);
  if (names.length === 1 && known === 1) return names[0].replace(/^\((.*)\)$/, '$1');
  if (names.length === 0 || known === 0) return known;
  return [...(known === 1 ? [] : [String(known)]), ...names].join('*');
}

/** The sum of dimensions, as concatenation and slicing make them: known parts are added up, so `tokens-1` and 1 are `tokens`. */
export function sum(dims: Shape): Dim {
  const terms = dims.flatMap((dim) => (typeof dim === 'number' ? [String(dim)] : parts(dim, '+')));
  const names = terms.filter((term) => !isNumber(term));
  const known = terms.filter(isNumber).reduce((total, term) => total + Number(term), 0);
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

/** How to compute a named size from sizes it is made of. */
export type DimExpression =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'product' | 'sum'; readonly terms: readonly Dim[] };

/** Takes a named size apart: one name, a product or a sum. */
export function dimExpression(dim: string): DimExpression {
  const asDim = (text: string): Dim => (isNumber(text) ? Number(text) : text);
  const terms = parts(dim, '+');
  if (terms.length > 1) return { kind: 'sum', terms: terms.map(asDim) };
  const factors = parts(dim, '*');
  if (factors.length > 1) return { kind: 'product', terms: factors.map(asDim) };
  return dim.startsWith('(') ? dimExpression(dim.slice(1, -1)) : { kind: 'name', name: dim };
}

/** A size when the sizes of its names are known. */
export function evaluateDim(dim: Dim, sizeOf: (name: string) => number): number {
  if (typeof dim === 'number') return dim;
  const expression = dimExpression(dim);
  if (expression.kind === 'name') return sizeOf(expression.name);
  const sizes = expression.terms.map((term) => evaluateDim(term, sizeOf));
  return expression.kind === 'sum'
    ? sizes.reduce((total, size) => total + size, 0)
    : sizes.reduce((total, size) => total * size, 1);
}
