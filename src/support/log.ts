/** @file Where messages go: a logger the caller passes in, so that the library itself never prints. */

/** Receives messages for people. `debug` is shown only on request; `warning` always unless silenced. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warning(message: string): void;
}

/** Drops everything: the library's default. */
export const silent: Logger = { debug() {}, info() {}, warning() {} };

/** Keeps everything in memory, for tests and for reports that list a run's warnings. */
export class RecordingLogger implements Logger {
  readonly warnings: string[] = [];
  readonly infos: string[] = [];
  readonly forwardTo: Logger;

  constructor(forwardTo: Logger = silent) {
    this.forwardTo = forwardTo;
  }

  debug(message: string): void {
    this.forwardTo.debug(message);
  }

  info(message: string): void {
    this.infos.push(message);
    this.forwardTo.info(message);
  }

  warning(message: string): void {
    this.warnings.push(message);
    this.forwardTo.warning(message);
  }
}
