/** @file How far the log of a run had come at one moment. */

/** The sizes of the log's files, in bytes, by their names. A file that is not named did not exist. */
export type LogPosition = Readonly<Record<string, number>>;
