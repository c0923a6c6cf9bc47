/** @file Checks shared by operation constructors; each failure names the operation, what it expected and what it got. */

import { GraphError } from '../../support/errors.ts';
import type { Value, ValueType } from '../graph.ts';
import type { Dtype } from '../operation.ts';
import { formatShape } from '../shape.ts';

function formatType({ dtype, shape }: ValueType): string {
  return `${dtype} ${formatShape(shape)}`;
}

export function refuse(operator: string, expected: string, ...got: readonly Value[]): never {
  throw new GraphError({
    what: `${operator}: got ${got.map(formatType).join(' and ')}`,
    expected,
    reason: 'shape',
  });
}

export function requireDtype(operator: string, value: Value, ...allowed: readonly Dtype[]): void {
  if (!allowed.includes(value.dtype)) {
    throw new GraphError({
      what: `${operator}: got ${formatType(value)}`,
      expected: allowed.join(' or '),
      reason: 'dtype',
    });
  }
}
