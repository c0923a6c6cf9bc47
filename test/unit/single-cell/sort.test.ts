import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Float32Sorter } from '../../../src/single-cell/sort.ts';

describe('Float32Sorter', () => {
  it('sorts as the built-in sort, whatever was sorted before', () => {
    const sorter = new Float32Sorter();
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true }), { maxLength: 3000 }), (values) => {
        sorter.input(values.length).set(values);
        const sorted = sorter.sort(values.length).subarray(0, values.length);
        expect(sorted).toEqual(Float32Array.from(values).sort());
      }),
    );
  });
});
