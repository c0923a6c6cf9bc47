/** @file All values of a matrix taken together: how many there are, how many distinct, and whether one unit explains them. */

import type { CellValues } from './cell.ts';

/** Distinct values are counted up to here. */
const distinctLimit = 65_536;
const fractionBins = 1000;

/** The non-zero, finite values. */
export interface ValueStatistics {
  /** Share of whole numbers; null when everything is zero, as the other numbers here. */
  readonly integerShareOfNonzero: number | null;
  /** At most {@link distinctLimit}, which then means many. */
  readonly distinctNonzeroValues: number;
  readonly meanOfNonzero: number | null;
  /** Median distance from a whole number: 0.25 for values spread evenly. */
  readonly fractionMedian: number | null;
  /** The smallest value when all are whole multiples of it; null for 0.01 and its like, which only show rounding. */
  readonly unit: number | null;
  /** The number of barcodes K with which all values are -K ln(1 - n / K) of whole n (Grün et al. 2014). */
  readonly collisionSpace: number | null;
}

/** Gathers {@link ValueStatistics}. */
export class ValueSummary {
  nonzeros = 0;
  negatives = 0;
  private integers = 0;
  private total = 0;
  private readonly distinct = new Set<number>();
  private readonly fractions = new Float64Array(fractionBins); // distances 0 .. 0.5

  add(cell: CellValues): void {
    for (const [value, times] of cell) {
      this.nonzeros += times;
      this.total += times * value;
      if (value < 0) this.negatives += times;
      const fraction = Math.abs(value - Math.round(value));
      if (fraction <= 1e-6) this.integers += times;
      this.fractions[Math.min(fractionBins - 1, Math.floor(2 * fractionBins * fraction))] += times;
      if (this.distinct.size < distinctLimit) this.distinct.add(value);
    }
  }

  statistics(): ValueStatistics {
    const { nonzeros } = this;
    const ofNonzero = (sum: number) => (nonzeros === 0 ? null : sum / nonzeros);
    return {
      integerShareOfNonzero: ofNonzero(this.integers),
      distinctNonzeroValues: this.distinct.size,
      meanOfNonzero: ofNonzero(this.total),
      fractionMedian: nonzeros === 0 ? null : this.fractionMedian(),
      unit: this.unit(),
      collisionSpace: this.collisionSpace(),
    };
  }

  private fractionMedian(): number {
    let below = 0;
    const bin = this.fractions.findIndex((count) => {
      below += count;
      return 2 * below >= this.nonzeros;
    });
    return bin / (2 * fractionBins);
  }

  /** The distinct values, where all of them are known and none is negative. */
  private known(): number[] {
    const all = this.negatives === 0 && this.distinct.size > 1 && this.distinct.size < distinctLimit;
    return all ? [...this.distinct] : [];
  }

  private unit(): number | null {
    const values = this.known();
    if (values.length === 0) return null;
    const unit = values.reduce((a, b) => Math.min(a, b));
    const decimals = Math.log10(unit);
    if (Math.abs(decimals - Math.round(decimals)) < 1e-6) return null;
    return values.every((value) => isMultiple(value / unit)) ? unit : null;
  }

  private collisionSpace(): number | null {
    const values = this.known();
    if (values.length === 0 || this.integers > 0) return null;
    const spaces = [256, 1024, 4096, 16_384, 65_536]; // barcodes of 4 .. 8 bases
    return spaces.find((k) => values.every((value) => isMultiple(-k * Math.expm1(-value / k)))) ?? null;
  }
}

/** Slack for single precision, relative for large numbers. */
function isMultiple(ratio: number): boolean {
  return Math.abs(ratio - Math.round(ratio)) < Math.max(1e-3, 2e-7 * ratio);
}
