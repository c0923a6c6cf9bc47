/** @file Decides from the statistics what kind of values a matrix holds. */

import type { ScaleName } from './scales.ts';
import type { InputStatistics } from './statistics.ts';

/** What the values are. */
export type InputKind =
  | 'raw_counts'
  /** Counts after a correction that leaves fractions: ambient RNA, barcode collisions. */
  | 'corrected_counts'
  /** Counts times one number. */
  | 'scaled_counts'
  | 'normalised_total'
  /** Totals of one million: counts per million or transcripts per million. */
  | 'cpm'
  /** Positive values without a common total: FPKM, size factors, or genes left out after normalising. */
  | 'normalised_no_fixed_total'
  | 'log1p'
  | 'log1p_of_counts'
  | 'log1p_twice'
  | 'log2'
  | 'log10'
  /** Small positive fractions that probably are logarithms, of unknown base and total. */
  | 'log_like'
  /** Without zeros: smoothed or imputed. */
  | 'imputed'
  /** Centred log-ratio of protein counts. */
  | 'clr'
  | 'already_binned'
  | 'binary'
  /** Each gene centred and scaled to unit variance. */
  | 'scaled'
  /** Each gene scaled to unit variance, zeros kept. */
  | 'scaled_not_centred'
  | 'residuals'
  /** Components, not genes. */
  | 'embedding'
  | 'negative_values'
  | 'all_zero'
  | 'constant'
  | 'not_finite';

/** How sure a verdict is. */
export type Confidence = 'certain' | 'likely' | 'possible';

/** A verdict and the numbers that go with it. */
export interface Verdict {
  readonly kind: InputKind;
  readonly confidence: Confidence;
  /** The total every cell was normalised to, where it is known. */
  readonly targetSum?: number;
  /** What one count became, for `scaled_counts`. */
  readonly unit?: number;
}

/** Nearly all cells must agree; some always differ in real data. */
const nearlyAll = 0.95;

/**
 * Decides what the values are.
 *
 * @param cells the number of cells of the whole matrix, of which the statistics may have seen a part
 */
export function decide(statistics: InputStatistics, cells: number): Verdict {
  if (statistics.notFinite > 0) return verdict('not_finite', 'certain');
  if (statistics.integerShareOfNonzero === null) return verdict('all_zero', 'certain');
  if (statistics.distinctNonzeroValues === 1) {
    return verdict(statistics.zeroShare === 0 ? 'constant' : 'binary', 'certain');
  }
  if (statistics.negativeShare > 0) return decideSigned(statistics, cells);
  if (statistics.integerShareOfNonzero === 1) return decideWhole(statistics);
  return decideTotals(statistics) ?? decideUnits(statistics) ?? decideFractions(statistics);
}

function verdict(
  kind: InputKind,
  confidence: Confidence,
  more: Omit<Verdict, 'kind' | 'confidence'> = {},
): Verdict {
  return { kind, confidence, ...more };
}

function decideSigned(statistics: InputStatistics, cells: number): Verdict {
  const { min, max, zeroShare, integerShareOfNonzero, columnMeanAbsMedian, columnSdMedian } = statistics;
  if (integerShareOfNonzero === 1) return verdict('negative_values', 'certain');
  // Analytic Pearson residuals are clipped at the root of the number of cells, those of sctransform at that of a 30th.
  const isClip = (value: number) => [cells, cells / 30].some((n) => Math.abs(value ** 2 / n - 1) < 1e-4);
  if (isClip(max) || isClip(min)) return verdict('residuals', 'likely');
  const few = zeroShare < 1e-3 && statistics.columns <= 512;
  if (few && statistics.columnSdFalling > 0.75) return verdict('embedding', 'likely');
  if (columnMeanAbsMedian < 0.05 * columnSdMedian && hasUnitVariance(statistics)) {
    return verdict('scaled', columnMeanAbsMedian < 1e-3 ? 'certain' : 'likely');
  }
  // Clipping at 10, as tutorials do, leaves rare genes less than unit variance.
  if (columnMeanAbsMedian < 0.1 && Number.isInteger(max)) return verdict('scaled', 'likely');
  if (few) return verdict('embedding', 'likely');
  const spread = columnSdMedian > 0.5 && columnSdMedian < 2 && columnMeanAbsMedian < 0.1;
  return spread ? verdict('residuals', 'possible') : verdict('negative_values', 'certain');
}

function hasUnitVariance({ columnSdMedian, columnSdQuartiles: [low, high] }: InputStatistics): boolean {
  return columnSdMedian > 0.8 && columnSdMedian < 1.25 && high < 1.25 * low;
}

/** Bins reach the same top in every cell and spread evenly below it; counts crowd at one. */
function decideWhole({ shareOfCellsAtMaximum, max, meanOfNonzero }: InputStatistics): Verdict {
  const spread = meanOfNonzero! > max / 4;
  if (shareOfCellsAtMaximum >= 0.9 && spread && max > 2) return verdict('already_binned', 'certain');
  return verdict('raw_counts', max > 20_000 ? 'likely' : 'certain');
}

/** Cells have one total on some scale. */
function decideTotals({ scales }: InputStatistics): Verdict | undefined {
  const linear = scales.get('linear')!;
  const multiples = linear.cellsWholeMultiplesOfSmallest! >= nearlyAll;
  if (linear.rowSumsNearMedian >= nearlyAll) {
    const million = Math.abs(linear.rowSumMedian / 1e6 - 1) < 0.01;
    const kind = million ? 'cpm' : 'normalised_total';
    return verdict(kind, multiples ? 'certain' : 'likely', { targetSum: linear.rowSumMedian });
  }
  const unlogged = scales.get('expm1');
  if (unlogged !== undefined && unlogged.wholeShare > 0.999) return verdict('log1p_of_counts', 'certain');
  for (const [scale, kind] of logarithms) {
    const found = scales.get(scale);
    if (found === undefined || found.rowSumsNearMedian < nearlyAll) continue;
    const confidence = kind === 'log1p_twice' ? 'likely' : 'certain';
    return verdict(kind, confidence, { targetSum: found.rowSumMedian });
  }
  return undefined;
}

const logarithms: readonly (readonly [ScaleName, InputKind])[] = [
  ['expm1', 'log1p'],
  ['exp2m1', 'log2'],
  ['exp10m1', 'log10'],
  ['expm1_twice', 'log1p_twice'],
];

/** The values of a cell, or of all cells, are multiples of one: counts shine through. */
function decideUnits({
  scales,
  unit,
  collisionSpace,
  centredLogRatioCells,
}: InputStatistics): Verdict | undefined {
  if (collisionSpace !== null) return verdict('corrected_counts', 'likely');
  if (unit !== null) return verdict('scaled_counts', 'likely', { unit });
  if (centredLogRatioCells > 0.2) return verdict('clr', 'likely');
  const found = (scale: ScaleName) => (scales.get(scale)?.cellsWholeMultiplesOfSmallest ?? 0) >= nearlyAll;
  if (found('linear')) return verdict('normalised_no_fixed_total', 'likely');
  const logarithm = logarithms.find(([scale]) => found(scale));
  return logarithm === undefined ? undefined : verdict(logarithm[1], 'likely');
}

/** Nothing gives the counts away: only the look of the values is left. */
function decideFractions(statistics: InputStatistics): Verdict {
  const { max, zeroShare, smallestShare, fractionMedian } = statistics;
  if (hasUnitVariance(statistics)) return verdict('scaled_not_centred', 'possible');
  const small = max <= 50;
  if (zeroShare === 0 && small) return verdict('imputed', 'likely');
  if (small && smallestShare > 0.2) return verdict('log1p', 'possible');
  if (fractionMedian! < 0.2 && zeroShare > 0.05) return verdict('corrected_counts', 'likely');
  if (max <= 20) return verdict('log_like', 'possible');
  return verdict('normalised_no_fixed_total', 'likely');
}
