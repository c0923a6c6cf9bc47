/** @file Mean and spread of every gene over the cells: scaled values give themselves away by them. */

import { median, quantile } from '../quantile.ts';

/** Genes taken together. */
export interface ColumnStatistics {
  readonly columnMeanAbsMedian: number;
  readonly columnSdMedian: number;
  /** Quartiles of the standard deviations of the columns that vary; 0 when none does. */
  readonly columnSdQuartiles: readonly [number, number];
  /** Share of neighbouring columns of which the second varies less: 1 for principal components. */
  readonly columnSdFalling: number;
}

/** Sums values and their squares by column. */
export class ColumnMoments {
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;

  constructor(columns: number) {
    this.sums = new Float64Array(columns);
    this.squares = new Float64Array(columns);
  }

  add(column: number, value: number): void {
    this.sums[column] += value;
    this.squares[column] += value * value;
  }

  statistics(rows: number): ColumnStatistics {
    const deviations = this.deviations(rows);
    const varying = deviations.filter((deviation) => deviation > 0).sort();
    const quartile = (level: number) => (varying.length === 0 ? 0 : quantile(varying, varying.length, level));
    const falling = deviations.filter((deviation, column) => deviation < deviations[column - 1]).length;
    const some = rows > 0 && this.sums.length > 0;
    return {
      columnMeanAbsMedian: some ? median(this.sums.map((sum) => Math.abs(sum / rows))) : 0,
      columnSdMedian: some ? median(deviations) : 0,
      columnSdQuartiles: [quartile(0.25), quartile(0.75)],
      columnSdFalling: falling / Math.max(1, this.sums.length - 1),
    };
  }

  private deviations(rows: number): Float64Array {
    return this.sums.map((sum, column) => {
      const square = this.squares[column];
      const around = square - (sum * sum) / rows;
      // What rounding leaves of a column without variance.
      return rows < 2 || around <= 1e-12 * square ? 0 : Math.sqrt(around / (rows - 1));
    });
  }
}
