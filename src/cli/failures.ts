/** @file How a command ends when something is wrong: one message, an exit code, a stack trace only on request. */

import { isScgptError } from '../support/errors.ts';

/** What to print and which code to exit with. */
export interface Failure {
  readonly message: string;
  readonly exitCode: number;
}

/** Words and exit code for any thrown value: 2 for bad usage or input, 1 for failures while running. */
export function describeFailure(error: unknown, verbose: boolean): Failure {
  const stack = verbose && error instanceof Error ? `\n${stackOf(error)}` : '';
  if (isScgptError(error)) return { message: `error: ${error.message}${stack}`, exitCode: error.exitCode };
  const text = error instanceof Error ? error.message : String(error);
  if (isCode(error, 'ENOSPC')) {
    return {
      message: `error: the disk is full: ${text}. Free some space and run the command again.${stack}`,
      exitCode: 1,
    };
  }
  const hint = verbose ? '' : '\nThis is a bug: run again with --verbose and report the stack trace.';
  return { message: `error: unexpected failure: ${text}${hint}${stack}`, exitCode: 1 };
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function stackOf(error: Error): string {
  const own = error.stack ?? error.message;
  return error.cause instanceof Error ? `${own}\ncaused by ${stackOf(error.cause)}` : own;
}
