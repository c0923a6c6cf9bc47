/** @file The epochs of a fine-tuning for integration: how many, of which cells, at what rate. */

import type { Grouping } from '../../analysis/groups.ts';
import type { NeighbourShares } from '../../analysis/integration/neighbour-shares.ts';
import type { NamedTensors } from '../../runtime/executable.ts';
import type { TrainingCells } from '../../train/cells/training-cells.ts';
import { type FineTuningBatches, fineTuningBatch } from '../../train/fine-tuning-batch.ts';
import type { ReadyBatch } from '../../train/loop.ts';
import type { Schedule } from '../../train/schedule.ts';
import { scheduleOf } from '../fine-tuning/settings.ts';
import { batchesWithin, inBatches } from './batches.ts';
import { epochsFor, type IntegrateSettings } from './settings.ts';

/** Epochs and their batches. */
export interface TrainingPlan {
  readonly epochs: number;
  readonly stepsOfEpoch: number;
  readonly totalSteps: number;
  readonly cellsOfEpoch: number;
  readonly schedule: Schedule;
  /** The batches of some rows in an epoch, from the number `skip` on. */
  batches(rows: Int32Array, epoch: number, skip: number): AsyncIterable<ReadyBatch>;
}

/** Plans the epochs over the training rows. */
export function trainingPlan(
  { cells, making }: { readonly cells: TrainingCells; readonly making: FineTuningBatches },
  batch: Grouping, // [rows]
  shares: NeighbourShares | undefined,
  settings: IntegrateSettings,
  training: Int32Array,
): TrainingPlan {
  const { batchSize, seed, batchNorm } = settings;
  const membersOf = (rows: Int32Array, epoch: number): Int32Array[] => {
    if (shares !== undefined) return shares.epoch(rows, batchSize, seed, epoch);
    if (batchNorm) return batchesWithin(rows, batchSize, { seed, epoch, codes: batch.codes });
    return inBatches(rows, batchSize, { seed, epoch });
  };
  const first = membersOf(training, 1);
  const epochs = epochsFor(settings, first.length);
  const totalSteps = epochs * first.length;
  return {
    epochs,
    stepsOfEpoch: first.length,
    totalSteps,
    cellsOfEpoch: first.reduce((sum, members) => sum + members.length, 0),
    schedule: scheduleOf(settings, totalSteps),
    async *batches(rows, epoch, skip) {
      for (const [index, members] of membersOf(rows, epoch).entries()) {
        if (index < skip) continue;
        const chosen = await cells.read(members);
        const { feeds, cells: count, tokens, scored } = fineTuningBatch(chosen, making, epoch);
        const domain = batchNorm ? batch.codes[members[0]] : undefined;
        yield {
          feeds: { ...feeds, ...shareFeeds(shares, members), ...domainFeeds(domain, members.length) },
          cells: count,
          tokens,
          weight: Math.max(1, scored),
          index,
          name: `cell ${chosen[0].name}`,
          domain,
        };
      }
    },
  };
}

function shareFeeds(shares: NeighbourShares | undefined, members: Int32Array): NamedTensors {
  if (shares === undefined) return {};
  const shape = [members.length, members.length];
  return { shares: { dtype: 'float32', shape, data: shares.of(members) } };
}

function domainFeeds(domain: number | undefined, cells: number): NamedTensors {
  if (domain === undefined) return {};
  return { domain: { dtype: 'int32', shape: [cells], data: new Int32Array(cells).fill(domain) } };
}
