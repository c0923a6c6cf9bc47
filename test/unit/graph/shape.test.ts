/** @file Arithmetic of known and named sizes. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  axisOf,
  broadcast,
  type Dim,
  dimExpression,
  evaluateDim,
  formatShape,
  product,
  sum,
} from '../../../src/graph/shape.ts';

const dim = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom<Dim>('cells', 'tokens', 'known'));

describe('product', () => {
  it('gives equal products equal names, in any order and nesting', () => {
    fc.assert(
      fc.property(fc.array(dim, { maxLength: 6 }), fc.nat(6), (dims, cut) => {
        const nested = [product(dims.slice(cut)), product(dims.slice(0, cut))];
        expect(product(nested)).toBe(product(dims));
        expect(product([...dims].reverse())).toBe(product(dims));
      }),
    );
  });

  it('multiplies known sizes and keeps names', () => {
    expect(product([2, 3])).toBe(6);
    expect(product(['tokens', 2, 'cells', 4])).toBe('8*cells*tokens');
    expect(product([])).toBe(1);
    expect(product(['cells', 0])).toBe(0);
  });

  it('keeps a sum together as one factor', () => {
    expect(product(['cells', 'known+unknown'])).toBe('(known+unknown)*cells');
    expect(product([2, 'tokens-1'])).toBe('2*(tokens-1)');
    expect(product(['tokens-1', 1])).toBe('tokens-1');
    expect(product([product(['cells', 'tokens-1']), 3])).toBe(product([3, 'tokens-1', 'cells']));
  });
});

describe('sum', () => {
  it('adds known parts up', () => {
    expect(sum([2, 3])).toBe(5);
    expect(sum(['known', 'unknown'])).toBe('known+unknown');
    expect(sum(['tokens', -1])).toBe('tokens-1');
    expect(sum([1, 'tokens-1'])).toBe('tokens');
    expect(sum(['tokens-3', 1])).toBe('tokens-2');
    expect(sum([4, 'tokens'])).toBe('tokens+4');
  });
});

describe('dimExpression', () => {
  it('takes a name apart at its outermost operators', () => {
    expect(dimExpression('cells')).toEqual({ kind: 'name', name: 'cells' });
    expect(dimExpression('8*cells*tokens')).toEqual({ kind: 'product', terms: [8, 'cells', 'tokens'] });
    expect(dimExpression('known+unknown-1')).toEqual({ kind: 'sum', terms: ['known', 'unknown', -1] });
    expect(dimExpression('2*(tokens-1)')).toEqual({ kind: 'product', terms: [2, '(tokens-1)'] });
    expect(dimExpression('(tokens-1)')).toEqual({ kind: 'sum', terms: ['tokens', -1] });
  });
});

describe('evaluateDim', () => {
  const sizes: Record<string, number> = { cells: 3, tokens: 5, known: 2 };
  const evaluate = (dim: Dim): number => evaluateDim(dim, (name) => sizes[name]);

  it('computes products, sums and their nesting', () => {
    expect(evaluate(7)).toBe(7);
    expect(evaluate('tokens')).toBe(5);
    expect(evaluate(product(['cells', 'tokens', 4]))).toBe(60);
    expect(evaluate(sum(['tokens', -1]))).toBe(4);
    expect(evaluate(product([2, sum(['known', 'tokens', 1])]))).toBe(16);
    expect(evaluate(product([sum([product([sum(['known', 1]), 'cells']), 2]), 'tokens']))).toBe(55);
  });

  it('agrees with arithmetic on what product and sum name', () => {
    const { tree } = fc.letrec<{ tree: { dim: Dim; size: number } }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.integer({ min: 1, max: 9 }).map((size) => ({ dim: size, size })),
        fc.constantFrom(...Object.keys(sizes)).map((name) => ({ dim: name, size: sizes[name] })),
        fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((trees) => ({
          dim: product(trees.map(({ dim }) => dim)),
          size: trees.reduce((total, { size }) => total * size, 1),
        })),
        fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((trees) => ({
          dim: sum(trees.map(({ dim }) => dim)),
          size: trees.reduce((total, { size }) => total + size, 0),
        })),
      ),
    }));
    fc.assert(
      fc.property(tree, ({ dim, size }) => evaluate(dim) === size),
      { numRuns: 1000 },
    );
  });
});

describe('broadcast', () => {
  it('follows NumPy, names broadcasting with themselves and 1', () => {
    expect(broadcast('add', ['cells', 1, 32], ['tokens', 1])).toEqual(['cells', 'tokens', 32]);
    expect(broadcast('add', [], [3])).toEqual([3]);
  });

  it('names the operation and both shapes', () => {
    expect(() => broadcast('add', ['cells', 3], [4])).toThrow(
      'add: shapes [cells, 3] and [4] do not broadcast. Expected equal sizes or 1 in every dimension, got 3 and 4.',
    );
    expect(() => broadcast('add', ['cells'], ['tokens'])).toThrow('got cells and tokens');
  });
});

describe('axisOf', () => {
  it('counts negative axes from the end and refuses others', () => {
    expect(axisOf('softmax', -1, ['cells', 3])).toBe(1);
    expect(() => axisOf('softmax', 2, ['cells', 3])).toThrow(
      'softmax: axis 2 does not exist. Expected an axis of [cells, 3]',
    );
    expect(() => axisOf('softmax', 0.5, [3])).toThrow('axis 0.5');
  });
});

it('formats shapes', () => {
  expect(formatShape(['cells', 3])).toBe('[cells, 3]');
});
