/** @file The numbers a diagnosis rests on, gathered from streamed rows in one pass and bounded memory. */

import type { SparseRows } from '../matrix.ts';
import { median } from '../quantile.ts';
import { type CellMeasures, measureCell } from './cell.ts';
import { ColumnMoments, type ColumnStatistics } from './columns.ts';
import { type ScaleName, scales } from './scales.ts';
import { type ValueStatistics, ValueSummary } from './values.ts';

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
export interface InputStatistics extends ValueStatistics, ColumnStatistics {
  readonly rows: number;
  readonly columns: number;
  readonly min: number;
  readonly max: number;
  readonly zeroShare: number;
  readonly negativeShare: number;
  /** Share of the cells whose largest value is that of the first cell. */
  readonly shareOfCellsWithTheSameMaximum: number;
  /** Share of the cells with any value whose largest value is the largest of all. */
  readonly shareOfCellsAtMaximum: number;
  /** Mean share of a cell's values that equal its smallest. */
  readonly smallestShare: number;
  /** Share of the cells with any value that are centred log-ratios of counts. */
  readonly centredLogRatioCells: number;
  /** Scales that make no sense for the values are absent. */
  readonly scales: ReadonlyMap<ScaleName, ScaleStatistics>;
  readonly firstNegative: MatrixEntry | null;
  readonly firstNotFinite: MatrixEntry | null;
  readonly notFinite: number;
}

/** So many cells are remembered one by one: enough for steady medians. */
const cellLimit = 16_384;

/** Gathers {@link InputStatistics} from blocks of rows in any order. */
export class StatisticsCollector {
  private readonly columns: number;
  private readonly values = new ValueSummary();
  private readonly moments: ColumnMoments;
  private cells: CellMeasures[] = [];
  private stride = 1;
  private rows = 0;
  private filled = 0;
  private min = Number.POSITIVE_INFINITY;
  private max = Number.NEGATIVE_INFINITY;
  private cellsAtMax = 0;
  private firstMax: number | undefined;
  private cellsAtFirstMax = 0;
  private notFinite = 0;
  private firstNegative: MatrixEntry | null = null;
  private firstNotFinite: MatrixEntry | null = null;

  constructor(columns: number) {
    this.columns = columns;
    this.moments = new ColumnMoments(columns);
  }

  add(block: SparseRows): void {
    for (let row = 0; row < block.rowCount; row++) this.addRow(block, row);
  }

  private addRow({ start, indptr, indices, values }: SparseRows, row: number): void {
    const cell = new Map<number, number>();
    let nonzeros = 0;
    for (let i = indptr[row]; i < indptr[row + 1]; i++) {
      const value = values[i];
      if (!Number.isFinite(value)) {
        this.notFinite++;
        this.firstNotFinite ??= { row: start + row, column: indices[i], value };
      } else if (value !== 0) {
        if (value < 0) this.firstNegative ??= { row: start + row, column: indices[i], value };
        this.moments.add(indices[i], value);
        cell.set(value, (cell.get(value) ?? 0) + 1);
        nonzeros++;
      }
    }
    this.values.add(cell);
    this.addExtremes(cell, nonzeros < this.columns);
    this.remember(cell);
  }

  private addExtremes(cell: ReadonlyMap<number, number>, hasZero: boolean): void {
    let smallest = hasZero ? 0 : Number.POSITIVE_INFINITY;
    let largest = hasZero ? 0 : Number.NEGATIVE_INFINITY;
    for (const value of cell.keys()) {
      if (value < smallest) smallest = value;
      if (value > largest) largest = value;
    }
    if (smallest < this.min) this.min = smallest;
    if (largest > this.max) {
      this.max = largest;
      this.cellsAtMax = 0;
    }
    this.firstMax ??= largest;
    if (largest === this.firstMax) this.cellsAtFirstMax++;
    if (cell.size === 0) return;
    this.filled++;
    if (largest === this.max) this.cellsAtMax++;
  }

  /** Every cell at first; when memory is full every second is dropped and only every second taken, and so on. */
  private remember(cell: ReadonlyMap<number, number>): void {
    if (this.rows++ % this.stride !== 0) return;
    this.cells.push(measureCell(cell, this.columns));
    if (this.cells.length < cellLimit) return;
    this.cells = this.cells.filter((_, position) => position % 2 === 0);
    this.stride *= 2;
  }

  /** The statistics of all rows added so far. */
  statistics(): InputStatistics {
    const { rows, columns, values } = this;
    const filled = this.cells.filter((cell) => cell.values > 0);
    const entries = Math.max(1, rows * columns);
    return {
      ...values.statistics(),
      ...this.moments.statistics(rows),
      rows,
      columns,
      min: values.nonzeros === 0 ? 0 : this.min,
      max: values.nonzeros === 0 ? 0 : this.max,
      zeroShare: 1 - (values.nonzeros + this.notFinite) / entries,
      negativeShare: values.negatives / entries,
      shareOfCellsWithTheSameMaximum: this.cellsAtFirstMax / Math.max(1, rows),
      shareOfCellsAtMaximum: this.cellsAtMax / Math.max(1, this.filled),
      smallestShare: mean(filled, ({ smallestShare }) => smallestShare),
      centredLogRatioCells: mean(filled, ({ centredLogRatio }) => Number(centredLogRatio)),
      scales: this.scaleStatistics(filled),
      firstNegative: this.firstNegative,
      firstNotFinite: this.firstNotFinite,
      notFinite: this.notFinite,
    };
  }

  private scaleStatistics(filled: readonly CellMeasures[]): Map<ScaleName, ScaleStatistics> {
    const { nonzeros, negatives } = this.values;
    const found = new Map<ScaleName, ScaleStatistics>();
    scales.forEach(({ name, largest }, scale) => {
      const fits = nonzeros > 0 && negatives === 0 && this.max <= largest;
      if (name === 'linear' || fits) found.set(name, onScale(this.cells, filled, scale, negatives > 0));
    });
    return found;
  }
}

function onScale(
  cells: readonly CellMeasures[],
  filled: readonly CellMeasures[],
  scale: number,
  negative: boolean,
): ScaleStatistics {
  const sumOf = ({ onScales }: CellMeasures) => onScales[scale]?.sum ?? 0;
  const sums = Float64Array.from(cells, sumOf).sort();
  const middle = sums.length === 0 ? 0 : median(sums);
  const spread = sums.length === 0 ? 0 : sums[sums.length - 1] - sums[0];
  const centre = median(filled.map(sumOf));
  const multiples = mean(filled, ({ onScales }) => Number(onScales[scale]?.multiples ?? false));
  const values = filled.reduce((sum, cell) => sum + cell.values, 0);
  const whole = filled.reduce((sum, { onScales }) => sum + (onScales[scale]?.whole ?? 0), 0);
  return {
    rowSumMedian: middle,
    rowSumRelativeSpread: middle === 0 ? null : spread / Math.abs(middle),
    rowSumsNearMedian: mean(filled, (cell) =>
      Number(Math.abs(sumOf(cell) - centre) <= 0.01 * Math.abs(centre)),
    ),
    cellsWholeMultiplesOfSmallest: negative || filled.length === 0 ? null : multiples,
    wholeShare: values === 0 ? 0 : whole / values,
  };
}

function mean<T>(items: readonly T[], of: (item: T) => number): number {
  return items.length === 0 ? 0 : items.reduce((sum, item) => sum + of(item), 0) / items.length;
}
