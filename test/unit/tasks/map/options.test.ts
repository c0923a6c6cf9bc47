/** @file Options of mapping that make no sense are refused before any work. */

import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/support/errors.ts';
import { checkMapOptions, type MapOptions } from '../../../../src/tasks/map/options.ts';

describe('checkMapOptions', () => {
  it.each<[MapOptions, RegExp]>([
    [{ neighbours: 0 }, /neighbours is 0/],
    [{ neighbours: 1.5 }, /neighbours is 1.5/],
    [{ reject: 1.1 }, /1\.1.*from 0 to 1/],
    [{ reject: Number.NaN }, /NaN/],
    [{ labels: ['type', 'type'] }, /'type' is named twice/],
    [{ labels: ['type', 'state'], truth: ['type'] }, /2 label columns and 1 columns with true labels/],
  ])('refuses %j', (options, message) => {
    expect(() => checkMapOptions(options)).toThrow(UsageError);
    expect(() => checkMapOptions(options)).toThrow(message);
  });

  it('takes what makes sense', () => {
    checkMapOptions({});
    checkMapOptions({ labels: ['type'], truth: ['known'], neighbours: 1, reject: 0 });
    checkMapOptions({ truth: ['known'], reject: 'off' }); // labels of a saved reference
  });
});
