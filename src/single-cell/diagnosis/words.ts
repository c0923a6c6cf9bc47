/** @file Tells people what their values are and what that means for scGPT. */

import type { InputStatistics } from './statistics.ts';
import type { InputKind, Verdict } from './verdict.ts';

/** Whether values can go into the model: as they are, with a warning, or not at all. */
export type InputUse = 'as_is' | 'with_care' | 'refuse';

interface Words {
  readonly use: InputUse;
  /** What the values are. */
  readonly what: string;
  /** What that means for the model, or what to do. */
  readonly advice: string;
}

const sameRanks =
  'scGPT bins the values of each cell by rank, and these have the order of the counts: the bins are the same';
const takeRaw = 'Use the raw counts instead: --layer counts, or the raw part of the file, if it has one';

export const wordsOf: Readonly<Record<InputKind, Words>> = {
  raw_counts: { use: 'as_is', what: 'raw counts', advice: 'Nothing needs to be done' },
  corrected_counts: {
    use: 'as_is',
    what: 'corrected counts with fractions',
    advice: 'They are used as counts, not rounded',
  },
  scaled_counts: {
    use: 'as_is',
    what: 'counts times one number',
    advice: `${sameRanks}. Divide by the number to have counts`,
  },
  normalised_total: { use: 'as_is', what: 'values normalised to one total', advice: sameRanks },
  cpm: {
    use: 'as_is',
    what: 'values normalised to a million (CPM or TPM)',
    advice: `${sameRanks}, except that TPM also divides by gene length, which cannot be undone`,
  },
  normalised_no_fixed_total: {
    use: 'as_is',
    what: 'normalised values without a common total (FPKM, size factors, or genes left out)',
    advice: 'Their ranks are used. Division by gene length, if there was one, cannot be undone',
  },
  log1p: {
    use: 'as_is',
    what: 'log1p of normalised counts',
    advice: `${sameRanks}. Do not take the logarithm again`,
  },
  log1p_of_counts: {
    use: 'as_is',
    what: 'log1p of raw counts, not normalised',
    advice: `${sameRanks}. expm1 gives the counts back`,
  },
  log1p_twice: {
    use: 'with_care',
    what: 'log1p taken twice',
    advice: 'Ranks are unharmed, but anything that uses the values is wrong: undo one with expm1',
  },
  log2: {
    use: 'as_is',
    what: 'log2(1 + x) of normalised counts',
    advice: `${sameRanks}. Times ln 2 it is log1p`,
  },
  log10: {
    use: 'as_is',
    what: 'log10(1 + x) of normalised counts',
    advice: `${sameRanks}. Times ln 10 it is log1p`,
  },
  log_like: {
    use: 'as_is',
    what: 'small positive fractions, probably logarithms of normalised values',
    advice: 'Their ranks are used',
  },
  imputed: {
    use: 'with_care',
    what: 'values without a single zero: smoothed or imputed',
    advice: `The model expects zeros for genes that were not seen. ${takeRaw}`,
  },
  clr: {
    use: 'with_care',
    what: 'centred log-ratios, as protein counts are given',
    advice: 'These probably are proteins: use the RNA part with models of genes',
  },
  already_binned: {
    use: 'with_care',
    what: 'values that are binned already',
    advice: `Binning again keeps their order but not the bins. ${takeRaw}`,
  },
  binary: {
    use: 'with_care',
    what: 'only two values (accessibility or a mask)',
    advice: 'All non-zero values tie, so only which genes are on reaches the model',
  },
  scaled: {
    use: 'refuse',
    what: 'scaled values: each gene centred, with unit variance',
    advice: `The order of genes within a cell is lost, and the model needs it. ${takeRaw}`,
  },
  scaled_not_centred: {
    use: 'with_care',
    what: 'values that look scaled to unit variance per gene',
    advice: `If so, the order of genes within a cell is lost. ${takeRaw}`,
  },
  residuals: {
    use: 'refuse',
    what: 'residuals of a model of the counts, with negative values',
    advice: `They are differences, not expression. ${takeRaw}`,
  },
  embedding: {
    use: 'refuse',
    what: 'components of an embedding, not genes',
    advice: 'Give the matrix of counts, with genes in columns',
  },
  negative_values: {
    use: 'refuse',
    what: 'negative values, which no expression has',
    advice: `Scaled, corrected or subtracted values cannot be binned. ${takeRaw}`,
  },
  all_zero: { use: 'refuse', what: 'nothing but zeros', advice: 'Choose another matrix or layer' },
  constant: {
    use: 'refuse',
    what: 'one and the same value everywhere',
    advice: 'Choose another matrix or layer',
  },
  not_finite: {
    use: 'refuse',
    what: 'values that are no numbers (NaN) or infinite',
    advice:
      'Find where they come from, often a division by zero or a table with gaps, and save the file again',
  },
};

/** What is remarkable beside the verdict. */
export function remarks({ kind, targetSum, unit }: Verdict, statistics: InputStatistics): string[] {
  const linear = statistics.scales.get('linear')!;
  const found: string[] = [];
  if (targetSum !== undefined) found.push(`The total of a cell is ${round(targetSum)}.`);
  if (unit !== undefined) found.push(`One count is ${round(unit)}.`);
  if (kind !== 'raw_counts') return found;
  if (linear.rowSumsNearMedian >= 0.95) found.push('All cells have the same total: they were sampled down.');
  if (statistics.max > 20_000) found.push('Very large counts: reads rather than molecules.');
  if (statistics.columns <= 500 && statistics.zeroShare < 0.2) {
    found.push(`Few zeros in ${statistics.columns} features: these look like proteins, not genes.`);
  }
  if (statistics.columns > 500 && linear.rowSumMedian < 500) {
    found.push(`Shallow: the median cell has ${round(linear.rowSumMedian)} counts.`);
  }
  return found;
}

function round(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString('en-US', { maximumFractionDigits: 6 });
}
