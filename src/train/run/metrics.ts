/** @file One record of a run's log, and its line in `metrics.jsonl`. */

/** Numbers measured at one optimiser step. */
export interface MetricsRecord {
  /** Optimiser steps done. */
  readonly step: number;
  /** The epoch, from 1. */
  readonly epoch: number;
  /** Time trained so far, in seconds. */
  readonly seconds: number;
  readonly split: 'train' | 'validation';
  /** What was measured, such as `loss`, each objective's share, `learningRate` or `cellsPerSecond`. */
  readonly values: Readonly<Record<string, number>>;
}

/**
 * A record as one line of JSON. Keys stand in a fixed order, those of `values` alphabetically, so that equal records
 * are equal lines. Numbers JSON lacks are the texts "NaN", "Infinity" and "-Infinity", as in the JSON of protobuf.
 */
export function metricsLine({ step, epoch, seconds, split, values }: MetricsRecord): string {
  const measured = Object.fromEntries(
    Object.keys(values)
      .sort()
      .map((name) => [name, Number.isFinite(values[name]) ? values[name] : String(values[name])]),
  );
  return `${JSON.stringify({ step, epoch, seconds, split, values: measured })}\n`;
}
