/** @file What was measured of training, in tables and words. */

import { median, type Row } from '../support/table.ts';
import type { Measured, Turns } from './turns.ts';

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
const secondsOf = (turns: Turns | undefined): number => median(turns?.seconds ?? [Number.NaN]);
const processorOf = (turns: Turns | undefined): number => median(turns?.processorSeconds ?? [Number.NaN]);
const turnsOf = ({ turns }: Measured, name: string): Turns | undefined =>
  turns.find(({ contender }) => contender.name === name);

/** A workload's heading: sizes, work, what the processors can do and whether they were shared. */
export function describe(measured: Measured): string {
  const { name, vocabulary, flops, peaks, turns } = measured;
  const { ours, reference } = vocabulary;
  const genes = ours === reference ? `${ours} tokens` : `${ours} tokens of ${reference} in the reference`;
  const shares = turns.flatMap(({ seconds, processorSeconds }) =>
    seconds.map((wall, round) => processorSeconds[round] / wall),
  );
  return [
    `**${name}** (vocabulary: ${genes}).`,
    `${(flops / 1e9).toFixed(0)} GFLOP a step.`,
    `f32 GEMM peak: ours ${median(peaks.ours).toFixed(0)}, PyTorch ${median(peaks.reference).toFixed(0)} GFLOPS.`,
    `Share of the processors' time that went to a step: ${(100 * Math.min(...shares)).toFixed(0)} % or more.`,
  ].join(' ');
}

/** A row for each way to train. */
export function rowsOf(measured: Measured): Row[] {
  const { turns, cells, flops, peaks } = measured;
  const [f32, bf16] = ['PyTorch f32', 'PyTorch bf16 autocast'].map((name) =>
    secondsOf(turnsOf(measured, name)),
  );
  return turns.map((turn) => {
    const seconds = secondsOf(turn);
    const gflops = flops / seconds / 1e9;
    return {
      method: turn.contender.name,
      's a step (median)': seconds.toFixed(2),
      'processor s': processorOf(turn).toFixed(2),
      'cells/s': (cells / seconds).toFixed(2),
      'x PyTorch f32': (f32 / seconds).toFixed(2),
      'x PyTorch bf16': (bf16 / seconds).toFixed(2),
      'GFLOPS of needed work': gflops.toFixed(0),
      '% of f32 GEMM peak': ((100 * gflops) / median(peaks[turn.contender.side])).toFixed(0),
      'peak RSS, GB': gigabytes(turn.peakRss),
      'first loss': turn.firstLoss.toPrecision(6),
    };
  });
}

/** A row for each size. */
export function growthRow(measured: Measured): Row {
  const [ours, theirs] = [turnsOf(measured, 'ours, f32'), turnsOf(measured, 'PyTorch f32')];
  const gflops = measured.flops / secondsOf(ours) / 1e9;
  return {
    'cells x tokens, vocabulary': measured.name,
    'ours, s': secondsOf(ours).toFixed(2),
    'PyTorch f32, s': secondsOf(theirs).toFixed(2),
    'ours, processor s': processorOf(ours).toFixed(2),
    'PyTorch f32, processor s': processorOf(theirs).toFixed(2),
    'x PyTorch f32': (secondsOf(theirs) / secondsOf(ours)).toFixed(2),
    'ours, GFLOPS': gflops.toFixed(0),
    'ours, peak RSS, GB': gigabytes(ours?.peakRss ?? Number.NaN),
    'PyTorch, peak RSS, GB': gigabytes(theirs?.peakRss ?? Number.NaN),
  };
}
