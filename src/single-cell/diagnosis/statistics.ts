/** @file The numbers a diagnosis rests on, gathered from streamed rows in one pass and bounded memory. */

import { rowOf, type SparseRows } from '../matrix.ts';
import { type CellMeasures, measureCell } from './cell.ts';
import { type ScaleName, scales } from './scales.ts';

/** The cells on one scale. */
export interface ScaleStatistics {
  readonly rowSumMedian: number;
  /** (largest - smallest) / |median| of the cells' sums; null when the median is 0. */
  readonly rowSumRelativeSpread: number | null;
  /** Share of the cells with any value whose sum is within 1 % of the median of these cells. */
  readonly rowSumsNearMedian: number;
  /** Share of the cells with any value whose values all are whole multiples of their smallest; null with negative values. */
  readonly cellsWholeMultiplesOfSmallest: number | null;
  /** Share of non-zero values that are whole numbers. */
  readonly wholeShare: number;
}

/** A place in the matrix and its value. */
export interface MatrixEntry {
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

/** Numbers over the rows that were seen; entries that are NaN or infinite count only as such. */
export interface InputStatistics {
  readonly rows: number;
  readonly columns: number;
  readonly min: number;
  readonly max: number;
  readonly zeroShare: number;
  readonly negativeShare: number;
  /** Null when everything is zero, as are the other shares of non-zero values. */
  readonly integerShareOfNonzero: number | null;
  /** At most {@link distinctLimit}, which then means many. */
  readonly distinctNonzeroValues: number;
  readonly meanOfNonzero: number | null;
  /** Median distance of non-zero values from a whole number: 0.25 for values spread evenly. */
  readonly fractionMedian: number | null;
  /** The smallest value when all are whole multiples of it; null for 0.01 and its like, which only show rounding. */
  readonly unit: number | null;
  /** The number of barcodes K with which all values are -K ln(1 - n / K) of whole n (Grun et al. 2014). */
  readonly collisionSpace: number | null;
  /** Share of the cells whose largest value is that of the first cell. */
  readonly shareOfCellsWithTheSameMaximum: number;
  /** Share of the cells with any value whose largest value is the largest of all. */
  readonly shareOfCellsAtMaximum: number;
  readonly columnMeanAbsMedian: number;
  readonly columnSdMedian: number;
  /** Quartiles of the standard deviations of the columns that vary. */
  readonly columnSdQuartiles: readonly [number, number];
  readonly smallestShare: number;
  readonly centredLogRatioCells: number;
  /** Scales that make no sense for the values are absent. */
  readonly scales: ReadonlyMap<ScaleName, ScaleStatistics>;
  readonly firstNegative: MatrixEntry | null;
  readonly firstNotFinite: MatrixEntry | null;
  readonly notFinite: number;
}

/** Distinct values are counted up to here. */
export const distinctLimit = 65_536;
const cellLimit = 16_384;

/** Gathers {@link InputStatistics} from blocks of rows in any order. */
export class StatisticsCollector {
  private readonly columns: number;
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;
  private readonly distinct = new Set<number>();
  private readonly fractions = new Float64Array(1000); // histogram of distances 0 .. 0.5
  private cells: CellMeasures[] = [];
  private stride = 1;
  private rows = 0;
  private nonzeros = 0;
  private negatives = 0;
  private integers = 0;
  private total = 0;
  private min = Number.POSITIVE_INFINITY;
  private max = Number.NEGATIVE_INFINITY;
  private cellsAtMax = 0;
  private firstMax: number | undefined;
  private cellsAtFirstMax = 0;
  private filled = 0;
  private notFinite = 0;
  private firstNegative: MatrixEntry | null = null;
  private firstNotFinite: MatrixEntry | null = null;

  constructor(columns: number) {
    this.columns = columns;
    this.sums = new Float64Array(columns);
    this.squares = new Float64Array(columns);
  }

  add(block: SparseRows): void {
    for (let row = 0; row < block.rowCount; row++) {
      const { indices, values } = rowOf(block, row);
      const kept = new Float64Array(values.length);
      let count = 0;
      for (let i = 0; i < values.length; i++) {
        const entry = { row: block.start + row, column: indices[i], value: values[i] };
        if (this.addEntry(entry)) kept[count++] = values[i];
      }
      this.addRow(kept.subarray(0, count), values.length < this.columns || count < values.length);
    }
  }

  /** True for values that are neither zero nor NaN nor infinite. */
  private addEntry(entry: MatrixEntry): boolean {
    const { column, value } = entry;
    if (!Number.isFinite(value)) {
      this.notFinite++;
      this.firstNotFinite ??= entry;
      return false;
    }
    if (value === 0) return false;
    this.nonzeros++;
    this.total += value;
    this.sums[column] += value;
    this.squares[column] += value * value;
    if (value < 0) {
      this.negatives++;
      this.firstNegative ??= entry;
    }
    const fraction = Math.abs(value - Math.round(value));
    if (fraction <= 1e-6) this.integers++;
    this.fractions[Math.min(999, Math.floor(fraction * 2000))]++;
    if (this.distinct.size < distinctLimit) this.distinct.add(value);
    return true;
  }

  private addRow(values: Float64Array, hasZero: boolean): void {
    let smallest = hasZero ? 0 : Number.POSITIVE_INFINITY;
    let largest = hasZero ? 0 : Number.NEGATIVE_INFINITY;
    for (const value of values) {
      if (value < smallest) smallest = value;
      if (value > largest) largest = value;
    }
    if (smallest < this.min) this.min = smallest;
    if (largest > this.max) {
      this.max = largest;
      this.cellsAtMax = 0;
    }
    if (largest === this.max) this.cellsAtMax++;
    this.firstMax ??= largest;
    if (largest === this.firstMax) this.cellsAtFirstMax++;
    if (values.length > 0) this.filled++;
    // Every cell at first; when memory is full every second is dropped and only every second taken, and so on.
    if (this.rows++ % this.stride !== 0) return;
    this.cells.push(measureCell(values, this.columns));
    if (this.cells.length < cellLimit) return;
    this.cells = this.cells.filter((_, position) => position % 2 === 0);
    this.stride *= 2;
  }

  /** The statistics of all rows added so far. */
  statistics(): InputStatistics {
    const { rows, columns, nonzeros } = this;
    const ofNonzero = (count: number) => (nonzeros === 0 ? null : count / nonzeros);
    const cells = this.cells.filter(({ values }) => values > 0);
    const deviations = this.columnDeviations();
    const varying = deviations.filter((deviation) => deviation > 0).sort();
    const means = this.sums.map((sum) => Math.abs(sum / rows));
    return {
      rows,
      columns,
      min: nonzeros === 0 ? 0 : this.min,
      max: nonzeros === 0 ? 0 : this.max,
      zeroShare: 1 - (nonzeros + this.notFinite) / Math.max(1, rows * columns),
      negativeShare: this.negatives / Math.max(1, rows * columns),
      integerShareOfNonzero: ofNonzero(this.integers),
      distinctNonzeroValues: this.distinct.size,
      meanOfNonzero: ofNonzero(this.total),
      fractionMedian: nonzeros === 0 ? null : this.fractionMedian(),
      unit: this.commonUnit(),
      collisionSpace: this.collisionSpace(),
      shareOfCellsWithTheSameMaximum: rows === 0 ? 0 : this.cellsAtFirstMax / rows,
      shareOfCellsAtMaximum: this.filled === 0 ? 0 : this.cellsAtMax / this.filled,
      columnMeanAbsMedian: median(means),
      columnSdMedian: median(deviations),
      columnSdQuartiles: [quantile(varying, 0.25), quantile(varying, 0.75)],
      smallestShare: mean(cells, ({ smallestShare }) => smallestShare),
      centredLogRatioCells: mean(cells, ({ centredLogRatio }) => Number(centredLogRatio)),
      scales: this.scaleStatistics(),
      firstNegative: this.firstNegative,
      firstNotFinite: this.firstNotFinite,
      notFinite: this.notFinite,
    };
  }

  private columnDeviations(): Float64Array {
    const { rows, squares } = this;
    return this.sums.map((sum, column) => {
      const squared = squares[column] - (sum * sum) / rows;
      // What rounding leaves of a column without variance.
      return rows < 2 || squared <= 1e-12 * squares[column] ? 0 : Math.sqrt(squared / (rows - 1));
    });
  }

  private fractionMedian(): number {
    let below = 0;
    const bin = this.fractions.findIndex((count) => {
      below += count;
      return 2 * below >= this.nonzeros;
    });
    return bin / 2000;
  }

  /** The distinct values, where all of them are known and none is negative. */
  private allValues(): number[] {
    return this.negatives > 0 || this.distinct.size >= distinctLimit ? [] : [...this.distinct];
  }

  private commonUnit(): number | null {
    const values = this.allValues();
    if (values.length < 2) return null;
    const unit = values.reduce((a, b) => Math.min(a, b));
    const decimals = Math.log10(unit);
    if (Math.abs(decimals - Math.round(decimals)) < 1e-6) return null;
    return values.every((value) => isMultiple(value / unit)) ? unit : null;
  }

  private collisionSpace(): number | null {
    const values = this.allValues();
    if (values.length < 2 || this.integers > 0) return null;
    const spaces = [256, 1024, 4096, 16_384, 65_536];
    return spaces.find((k) => values.every((value) => isMultiple(-k * Math.expm1(-value / k)))) ?? null;
  }

  private scaleStatistics(): Map<ScaleName, ScaleStatistics> {
    const found = new Map<ScaleName, ScaleStatistics>();
    scales.forEach(({ name, largest }, position) => {
      const fits = name === 'linear' || (this.nonzeros > 0 && this.negatives === 0 && this.max <= largest);
      if (fits) found.set(name, summarise(this.cells, position, this.negatives > 0));
    });
    return found;
  }
}

/** Slack for single precision, relative for large numbers. */
function isMultiple(ratio: number): boolean {
  return Math.abs(ratio - Math.round(ratio)) < Math.max(1e-3, 2e-7 * ratio);
}

function summarise(cells: readonly CellMeasures[], scale: number, negative: boolean): ScaleStatistics {
  const sums = Float64Array.from(cells, ({ onScales }) => onScales[scale]?.sum ?? 0);
  const filled = cells.filter(({ values }) => values > 0);
  const filledSums = Float64Array.from(filled, ({ onScales }) => onScales[scale]?.sum ?? 0);
  const centre = median(filledSums);
  const near = filledSums.filter((sum) => Math.abs(sum - centre) <= 0.01 * Math.abs(centre)).length;
  const middle = median(sums);
  const sorted = sums.sort();
  const values = filled.reduce((count, cell) => count + cell.values, 0);
  const whole = filled.reduce((count, { onScales }) => count + (onScales[scale]?.whole ?? 0), 0);
  return {
    rowSumMedian: middle,
    rowSumRelativeSpread: middle === 0 ? null : (sorted[sorted.length - 1] - sorted[0]) / Math.abs(middle),
    rowSumsNearMedian: filled.length === 0 ? 0 : near / filled.length,
    cellsWholeMultiplesOfSmallest:
      negative || filled.length === 0
        ? null
        : mean(filled, ({ onScales }) => Number(onScales[scale]?.multiples)),
    wholeShare: values === 0 ? 0 : whole / values,
  };
}

function mean<T>(items: readonly T[], of: (item: T) => number): number {
  return items.length === 0 ? 0 : items.reduce((sum, item) => sum + of(item), 0) / items.length;
}

function median(values: Float64Array): number {
  return quantile(values.slice().sort(), 0.5);
}

/** Of ascending values, interpolated between neighbours; 0 of none. */
function quantile(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return 0;
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
