import { describe, expect, it } from 'vitest';
import { describeFailure } from '../../../src/cli/failures.ts';
import { DeviceError, InputError } from '../../../src/support/errors.ts';

describe('describeFailure', () => {
  it('exits with 2 for input and 1 for a failure while running', () => {
    expect(describeFailure(new InputError({ what: 'no X', where: 'a.h5ad' }), false)).toEqual({
      message: 'error: a.h5ad: no X.',
      exitCode: 2,
    });
    expect(describeFailure(new DeviceError({ what: 'out of memory' }), false).exitCode).toBe(1);
  });

  it('shows a stack trace, with causes, only when asked', () => {
    const error = new InputError({ what: 'no X', cause: new Error('inner') });
    expect(describeFailure(error, false).message).not.toContain('    at ');
    const verbose = describeFailure(error, true).message;
    expect(verbose).toContain('    at ');
    expect(verbose).toContain('caused by Error: inner');
  });

  it('says that the disk is full', () => {
    const error = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(describeFailure(error, false).message).toContain('the disk is full');
  });

  it('owns up to a bug', () => {
    expect(describeFailure(new TypeError('x is undefined'), false).message).toContain('This is a bug');
    expect(describeFailure('text', false).exitCode).toBe(1);
  });
});
