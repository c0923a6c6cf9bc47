/** @file How far a long computation has come: a callback interface the command line draws and the app shows. */

/** One report. `done` and `total` count `unit` (cells, genes, bytes). */
export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
}

/** Called often; must return quickly. */
export type ProgressListener = (progress: Progress) => void;

/** Options every long-running function takes. */
export interface RunControl {
  readonly onProgress?: ProgressListener | undefined;
  /** Stops the work at the next batch with a {@link CancelledError}; nothing partial is left behind. */
  readonly signal?: AbortSignal | undefined;
}
