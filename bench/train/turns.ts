/** @file Lets contenders train in turn, each turn in a fresh process, and gathers what they answer. */

import { type Answer, Peer } from '../support/peer.ts';
import { stepFlops } from './flops.ts';
import { configOf, type Workload } from './workload.ts';

/** One way to train. */
export interface Contender {
  readonly name: string;
  readonly side: 'ours' | 'reference';
  /** What its process is told: whether probabilities are stored, or the type of products. */
  readonly mode: 'stored' | 'recomputed' | 'float32' | 'bfloat16';
}

export const contenders: readonly Contender[] = [
  { name: 'PyTorch f32', side: 'reference', mode: 'float32' },
  { name: 'PyTorch bf16 autocast', side: 'reference', mode: 'bfloat16' },
  { name: 'ours, f32', side: 'ours', mode: 'stored' },
  { name: 'ours, f32, probabilities recomputed', side: 'ours', mode: 'recomputed' },
];

/** What one contender did. */
export interface Turns {
  readonly contender: Contender;
  /** Seconds a step, one for each round: the mean over the batches. */
  readonly seconds: number[];
  /**
   * Seconds of processor time a step and thread, by round: as long as the step where nothing else runs, and still of
   * use where something does.
   */
  readonly processorSeconds: number[];
  /** Loss of the first step. */
  firstLoss: number;
  /** The most memory of any turn, in bytes. */
  peakRss: number;
}

/** What came of a workload. */
export interface Measured {
  readonly name: string;
  readonly cells: number;
  readonly vocabulary: Workload['vocabulary'];
  /** Needed work of a step, the mean over the batches. */
  readonly flops: number;
  /** Products of one matrix product, GFLOPS, by round. */
  readonly peaks: { readonly ours: number[]; readonly reference: number[] };
  readonly turns: readonly Turns[];
}

/** Runs every contender once a round: a step to warm up, then one timed step a batch. */
export async function measure(
  workload: Workload,
  folder: string,
  chosen: readonly Contender[],
  { rounds, threads }: { readonly rounds: number; readonly threads: number },
): Promise<Measured> {
  const config = configOf(workload);
  const { batches, name, vocabulary } = workload;
  const turns = chosen.map(
    (contender): Turns => ({
      contender,
      seconds: [],
      processorSeconds: [],
      firstLoss: Number.NaN,
      peakRss: 0,
    }),
  );
  const peaks = { ours: [] as number[], reference: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const turn of turns) {
      const { side, name: method } = turn.contender;
      const peer = start(turn.contender, folder, threads);
      await peer.answer();
      if (peaks[side].length <= round) peaks[side].push(Number((await peer.ask({ mode: 'gemm' })).gflops));
      turn.firstLoss = Number((await peer.ask({ mode: 'step', batch: 0 })).loss);
      const answers: Answer[] = [];
      for (const batch of batches.keys()) answers.push(await peer.ask({ mode: 'step', batch }));
      peer.close();
      const mean = (key: string): number =>
        answers.reduce((sum, answer) => sum + Number(answer[key]), 0) / answers.length;
      turn.seconds.push(mean('seconds'));
      turn.processorSeconds.push(mean('cpu') / threads);
      turn.peakRss = Math.max(turn.peakRss, Number(answers.at(-1)?.rss));
      console.error(`${name}, round ${round + 1}: ${method} ${mean('seconds').toFixed(2)} s`);
    }
  }
  const flops = batches.reduce((sum, batch) => sum + stepFlops(config, batch), 0) / batches.length;
  const [first] = Object.values(batches[0]);
  return { name, cells: first.shape[0], vocabulary, flops, peaks, turns };
}

function start({ name, side, mode }: Contender, folder: string, threads: number): Peer {
  if (side === 'ours') {
    const worker = new URL('../train-ours.js', import.meta.url).pathname;
    return new Peer(name, process.execPath, [worker, folder, String(threads), mode]);
  }
  const python = process.env.SCGPT_BENCH_PYTHON ?? 'python3';
  return new Peer(name, python, ['bench/reference/train_reference.py', folder, String(threads), mode]);
}
