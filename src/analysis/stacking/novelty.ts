/**
 * @file How unlike all known classes a cell is, by two signs: it correlates less with its class than cells of it do,
 * and its expression diverges more from the class's profile.
 */

import type { SparseRows } from '../../single-cell/matrix.ts';
import { median } from '../../single-cell/quantile.ts';
import { logProfiles } from './profiles.ts';

/** What is usual in each class, of one sign. */
export interface UsualRange {
  /** Median of the class's cells; of all cells where the class has few. */
  readonly middle: Float64Array; // [classes]
  /** Median distance from it, drawn towards that of all cells where the class has few. */
  readonly unit: Float64Array; // [classes]
}

/** What novelty is measured by. */
export interface NoveltyScale {
  /** Logarithms of each gene's share in the expression of a class. */
  readonly profiles: Float64Array; // [classes, genes]
  /** Divergence that cells have for the genes seen in them, x = ln(1 + genes): c0 + c1 x + c2 x^2. */
  readonly depth: Float64Array; // [3]
  readonly divergence: UsualRange;
  readonly correlation: UsualRange;
}

/** With fewer cells, a class's own median is not steady. */
const fewestOfClass = 5;
/** All cells together count as so many when a class's unit is found. */
const unitPrior = 20;
/** Median distance to standard deviation, of a normal distribution. */
const toDeviation = 1.4826;
/** One sign alone makes no cell more familiar or stranger than these. */
const [mostFamiliar, strangest] = [-5, 20];

/** What correlation counts for beside divergence: best where types were left out of references. */
const correlationWeight = 2;

/** Cells to learn or to judge: log-normalised expression, and correlations. */
export interface NoveltyCells {
  readonly entries: SparseRows; // [cells, genes]
  /** With the centroids of all classes, see `ownCorrelations`. */
  readonly correlations: Float64Array; // [cells, classes]
}

/** Learns the scale from labelled cells. */
export function noveltyScale(
  { entries, correlations }: NoveltyCells,
  labels: Int32Array,
  classCount: number,
): NoveltyScale {
  const profiles = logProfiles(entries, labels, classCount);
  const { divergences, depths } = divergencesFrom(entries, profiles, labels);
  const depth = quadraticFit(depths, divergences);
  const own = Float64Array.from(labels, (label, cell) => correlations[cell * classCount + label]);
  return {
    profiles,
    depth,
    divergence: usualRange(beyondDepth(divergences, depths, depth), labels, classCount),
    correlation: usualRange(own, labels, classCount),
  };
}

/**
 * Novelty of each cell, in standard deviations of the cells of its class: a weighted mean of both signs; NaN for cells
 * without a class.
 *
 * @param codes the class that each cell was given
 * @param present genes that were measured; default all
 */
export function noveltyScores(
  scale: NoveltyScale,
  { entries, correlations }: NoveltyCells,
  codes: Int32Array,
  present?: Uint8Array,
): Float32Array {
  const classCount = scale.divergence.middle.length;
  const profiles = present === undefined ? scale.profiles : among(scale.profiles, present);
  const { divergences, depths } = divergencesFrom(entries, profiles, codes);
  const beyond = beyondDepth(divergences, depths, scale.depth);
  return Float32Array.from(codes, (code, cell) => {
    if (code < 0) return Number.NaN;
    const diverging = inUnits(beyond[cell], code, scale.divergence);
    const unlike = -inUnits(correlations[cell * classCount + code], code, scale.correlation);
    return (diverging + correlationWeight * unlike) / (1 + correlationWeight);
  });
}

function inUnits(value: number, code: number, { middle, unit }: UsualRange): number {
  return Math.min(strangest, Math.max(mostFamiliar, (value - middle[code]) / unit[code]));
}

/** Kullback-Leibler divergence of each cell's shares from its class's, in nats, and the logarithm of genes seen. */
function divergencesFrom(
  { rowCount, columnCount, indptr, indices, values }: SparseRows,
  profiles: Float64Array,
  codes: Int32Array,
): { readonly divergences: Float64Array; readonly depths: Float64Array } {
  const divergences = new Float64Array(rowCount);
  const depths = new Float64Array(rowCount);
  for (let cell = 0; cell < rowCount; cell++) {
    const [from, to] = [indptr[cell], indptr[cell + 1]];
    depths[cell] = Math.log1p(to - from);
    if (codes[cell] < 0) continue;
    let total = 0;
    for (let i = from; i < to; i++) total += Math.expm1(values[i]);
    const first = codes[cell] * columnCount;
    for (let i = from; i < to; i++) {
      const share = Math.expm1(values[i]) / total;
      if (share > 0) divergences[cell] += share * (Math.log(share) - profiles[first + indices[i]]);
    }
  }
  return { divergences, depths };
}

/** Profiles over the genes that were measured alone: shares that sum to 1 again. */
function among(profiles: Float64Array, present: Uint8Array): Float64Array {
  const genes = present.length;
  const result = profiles.slice();
  for (let first = 0; first < profiles.length; first += genes) {
    let sum = 0;
    for (let gene = 0; gene < genes; gene++) if (present[gene] !== 0) sum += Math.exp(profiles[first + gene]);
    const scale = sum > 0 ? Math.log(sum) : 0;
    for (let gene = 0; gene < genes; gene++) result[first + gene] -= scale;
  }
  return result;
}

function beyondDepth(
  divergences: Float64Array,
  depths: Float64Array,
  [c0, c1, c2]: Float64Array,
): Float64Array {
  return divergences.map((value, cell) => value - c0 - c1 * depths[cell] - c2 * depths[cell] ** 2);
}

function usualRange(values: Float64Array, labels: Int32Array, classCount: number): UsualRange {
  const overall = values.length === 0 ? 0 : median(values);
  const spread = (all: Float64Array, middle: number) =>
    all.length === 0 ? 0 : toDeviation * median(all.map((value) => Math.abs(value - middle)));
  const common = Math.max(spread(values, overall), 1e-6);
  const ranges = Array.from({ length: classCount }, (_, k) => {
    const own = values.filter((_value, cell) => labels[cell] === k);
    const middle = own.length < fewestOfClass ? overall : median(own);
    const unit = (own.length * spread(own, middle) + unitPrior * common) / (own.length + unitPrior);
    return { middle, unit };
  });
  return {
    middle: Float64Array.from(ranges, ({ middle }) => middle),
    unit: Float64Array.from(ranges, ({ unit }) => unit),
  };
}

/** Least squares of y on 1, x, x^2; on the mean alone where there are too few values for more. */
function quadraticFit(x: Float64Array, y: Float64Array): Float64Array {
  const mean = (values: Float64Array) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const [mx, my] = [mean(x), mean(y)];
  const deviation = Math.sqrt(mean(x.map((value) => (value - mx) ** 2)));
  if (x.length < 10 || deviation < 1e-6) return Float64Array.of(my, 0, 0);
  const u = x.map((value) => (value - mx) / deviation); // centred and scaled, so that the powers are far from collinear
  const moment = (power: number) => mean(u.map((value) => value ** power));
  const [m3, m4] = [moment(3), moment(4)];
  const uy = mean(u.map((value, i) => value * (y[i] - my)));
  const u2y = mean(u.map((value, i) => (value ** 2 - 1) * (y[i] - my)));
  const left = m4 - 1 - m3 * m3;
  const b2 = left > 1e-9 ? (u2y - m3 * uy) / left : 0;
  const b1 = uy - b2 * m3;
  const b0 = my - b2;
  return Float64Array.of(
    b0 - (b1 * mx) / deviation + (b2 * mx * mx) / deviation ** 2,
    b1 / deviation - (2 * b2 * mx) / deviation ** 2,
    b2 / deviation ** 2,
  );
}
