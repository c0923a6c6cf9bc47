/** @file How far a long computation has come: a callback interface the command line draws and the app shows. */

/** One report. `done` and `total` count `unit` (cells, genes, bytes). */
export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  /** What was done before this run began, as when it is resumed: no time was spent on it. Default 0. */
  readonly before?: number | undefined;
  /** More to show, such as the loss. */
  readonly note?: string | undefined;
}

/** Called often; must return quickly. */
export type ProgressListener = (progress: Progress) => void;

/** Options every long-running function takes. */
export interface RunControl {
  readonly onProgress?: ProgressListener | undefined;
  /** Stops the work at the next batch with a {@link CancelledError}; nothing partial is left behind. */
  readonly signal?: AbortSignal | undefined;
}
