/** @file The errors a user can meet: tagged classes whose message says what was wrong, where, what was expected and what to do. */

/** The parts of an error message, in the order they are told. */
export interface ErrorParts {
  /** What was wrong, in one sentence without a full stop. */
  readonly what: string;
  /** Where: a file, key, gene, cell or option. */
  readonly where?: string | undefined;
  /** What would have been right. */
  readonly expected?: string | undefined;
  /** What the user can do about it. */
  readonly advice?: string | undefined;
  /** A short machine-readable name, stable between versions, such as `truncated`. */
  readonly reason?: string | undefined;
  readonly cause?: unknown;
}

function compose({ what, where, expected, advice }: ErrorParts): string {
  const sentences = [where === undefined ? what : `${where}: ${what}`];
  if (expected !== undefined) sentences.push(`Expected ${expected}`);
  if (advice !== undefined) sentences.push(advice);
  return sentences.map((sentence) => sentence.replace(/[^.?!]$/, '$&.')).join(' ');
}

/** Base of every error this package throws on purpose. Anything else that escapes is a bug. */
export abstract class ScgptError extends Error {
  /** Exit code of the command line: 2 for bad usage or input, 1 for a failure while running. */
  abstract readonly exitCode: 1 | 2;
  readonly what: string;
  readonly where: string | undefined;
  readonly expected: string | undefined;
  readonly advice: string | undefined;
  readonly reason: string | undefined;

  constructor(parts: ErrorParts) {
    super(compose(parts), parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = new.target.name;
    this.what = parts.what;
    this.where = parts.where;
    this.expected = parts.expected;
    this.advice = parts.advice;
    this.reason = parts.reason;
  }
}

/** A command or function was called with options that do not fit. Recover by changing the call. */
export class UsageError extends ScgptError {
  readonly exitCode = 2;
}

/** A data file or its content cannot be used. Recover by fixing the file or choosing another key. */
export class InputError extends ScgptError {
  readonly exitCode = 2;
}

/** A checkpoint or model folder cannot be used. Recover by choosing another file or `--allow-partial`. */
export class CheckpointError extends ScgptError {
  readonly exitCode = 2;
}

/** A graph was built with shapes, dtypes or attributes that do not fit: a bug in the caller. */
export class GraphError extends ScgptError {
  readonly exitCode = 1;
}

/** A computation failed on the device: out of memory, a missing provider, a lost device. */
export class DeviceError extends ScgptError {
  readonly exitCode = 1;
}

/** Training went wrong: losses or gradients that are no numbers any more. The state before the failed step is kept. */
export class TrainingError extends ScgptError {
  readonly exitCode = 1;
}

/** Results could not be written: disk full, no permission, file exists. The old file is untouched. */
export class OutputError extends ScgptError {
  readonly exitCode = 1;
}

/** The user stopped the run. No partial output is left behind. */
export class CancelledError extends ScgptError {
  readonly exitCode = 1;
}

/** True for the errors this package throws on purpose, across copies of the package. */
export function isScgptError(error: unknown): error is ScgptError {
  return error instanceof Error && 'exitCode' in error && 'what' in error;
}
