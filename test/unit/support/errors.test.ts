import { describe, expect, it } from 'vitest';
import { InputError, isScgptError, OutputError } from '../../../src/support/errors.ts';

describe('ScgptError', () => {
  it('tells what, where, what was expected and what to do', () => {
    const error = new InputError({
      what: 'the index is out of range',
      where: 'cells.h5ad, X/indices, row 3',
      expected: '0 to 7, got 9',
      advice: 'Write the file again',
      reason: 'index_out_of_range',
    });
    expect(error.message).toBe(
      'cells.h5ad, X/indices, row 3: the index is out of range. Expected 0 to 7, got 9. Write the file again.',
    );
    expect(error.exitCode).toBe(2);
    expect(error.reason).toBe('index_out_of_range');
    expect(error.name).toBe('InputError');
  });

  it('keeps a question mark and the cause', () => {
    const cause = new Error('ENOSPC');
    const error = new OutputError({ what: 'could not write', advice: 'Is the disk full?', cause });
    expect(error.message).toBe('could not write. Is the disk full?');
    expect(error.cause).toBe(cause);
    expect(error.exitCode).toBe(1);
  });

  it('is told from other errors', () => {
    expect(isScgptError(new InputError({ what: 'x' }))).toBe(true);
    expect(isScgptError(new Error('x'))).toBe(false);
    expect(isScgptError('x')).toBe(false);
  });
});
