/** @file What every failed command leaves. */

import { expect } from 'vitest';
import type { Finished } from './run.ts';

/** Fails with this code and one message, without a stack trace. */
export function expectFailure(done: Finished, code: number, ...words: RegExp[]): void {
  expect(done.stderr).not.toMatch(/^\s+at /m);
  expect(done.stderr).not.toContain('This is a bug');
  expect(done.stderr.match(/^error: /gm)).toHaveLength(1);
  for (const word of words) expect(done.stderr).toMatch(word);
  expect(done.stdout).toBe('');
  expect(done.code).toBe(code);
}
