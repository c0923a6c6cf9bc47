/** @file Elementwise operations: arithmetic over two broadcast operands, comparisons, selection, and functions of one operand. */

import { GraphError } from '../../support/errors.ts';
import type { Value } from '../graph.ts';
import type { BinaryKind, CompareKind, Dtype, UnaryKind } from '../operation.ts';
import { broadcast } from '../shape.ts';
import { refuse, requireDtype } from './check.ts';

/** An operand: a value, or a number that becomes a scalar of the other operand's dtype. */
type Operand = Value | number;

function values(operator: string, a: Operand, b: Operand): readonly [Value, Value] {
  if (typeof a !== 'number') return [a, typeof b === 'number' ? a.graph.scalar(b, a.dtype) : b];
  if (typeof b !== 'number') return [b.graph.scalar(a, b.dtype), b];
  throw new GraphError({ what: `${operator}: both operands are numbers`, expected: 'at least one value' });
}

function binary(kind: BinaryKind, a: Operand, b: Operand): Value {
  const [left, right] = values(kind, a, b);
  requireDtype(kind, left, 'float32', 'int32', 'int64');
  if (left.dtype !== right.dtype) refuse(kind, 'operands of one dtype', left, right);
  const shape = broadcast(kind, left.shape, right.shape);
  return left.graph.apply({ kind }, [left, right], [{ dtype: left.dtype, shape }])[0];
}

export const add = (a: Operand, b: Operand): Value => binary('add', a, b);
export const subtract = (a: Operand, b: Operand): Value => binary('subtract', a, b);
export const multiply = (a: Operand, b: Operand): Value => binary('multiply', a, b);
export const divide = (a: Operand, b: Operand): Value => binary('divide', a, b);
export const minimum = (a: Operand, b: Operand): Value => binary('minimum', a, b);
export const maximum = (a: Operand, b: Operand): Value => binary('maximum', a, b);

function compare(kind: CompareKind, a: Operand, b: Operand): Value {
  const [left, right] = values(kind, a, b);
  if (left.dtype !== right.dtype) refuse(kind, 'operands of one dtype', left, right);
  const shape = broadcast(kind, left.shape, right.shape);
  return left.graph.apply({ kind }, [left, right], [{ dtype: 'bool', shape }])[0];
}

export const equal = (a: Operand, b: Operand): Value => compare('equal', a, b);
export const greater = (a: Operand, b: Operand): Value => compare('greater', a, b);

/** `chosen` where `condition` holds, `otherwise` elsewhere; all three broadcast. */
export function where(condition: Value, chosen: Operand, otherwise: Operand): Value {
  requireDtype('where', condition, 'bool');
  const [left, right] = values('where', chosen, otherwise);
  if (left.dtype !== right.dtype) refuse('where', 'branches of one dtype', left, right);
  const shape = broadcast('where', condition.shape, broadcast('where', left.shape, right.shape));
  return condition.graph.apply(
    { kind: 'where' },
    [condition, left, right],
    [{ dtype: left.dtype, shape }],
  )[0];
}

function unary(kind: UnaryKind, x: Value): Value {
  requireDtype(kind, x, 'float32');
  return x.graph.apply({ kind }, [x], [{ dtype: x.dtype, shape: x.shape }])[0];
}

export const relu = (x: Value): Value => unary('relu', x);
export const sigmoid = (x: Value): Value => unary('sigmoid', x);
export const sqrt = (x: Value): Value => unary('sqrt', x);
export const exp = (x: Value): Value => unary('exp', x);
export const log = (x: Value): Value => unary('log', x);

/** `x` where it is positive, `slope * x` elsewhere. */
export function leakyRelu(x: Value, slope = 0.01): Value {
  requireDtype('leakyRelu', x, 'float32');
  return x.graph.apply({ kind: 'leakyRelu', slope }, [x], [{ dtype: x.dtype, shape: x.shape }])[0];
}

export function cast(x: Value, to: Dtype): Value {
  if (x.dtype === to) return x;
  return x.graph.apply({ kind: 'cast', to }, [x], [{ dtype: to, shape: x.shape }])[0];
}

/** The same values; the gradient passes multiplied by `scale`. */
export function scaleGradient(x: Value, scale: number): Value {
  requireDtype('scaleGradient', x, 'float32');
  return x.graph.apply({ kind: 'scaleGradient', scale }, [x], [{ dtype: x.dtype, shape: x.shape }])[0];
}

/** The same values; no gradient passes (torch's `detach`). */
export const stopGradient = (x: Value): Value => scaleGradient(x, 0);

/** The same values; the gradient passes negated and scaled (Ganin & Lempitsky 2015). */
export const reverseGradient = (x: Value, scale = 1): Value => scaleGradient(x, -scale);
