/** @file A small random model and random batches, for what training must do whatever the numbers. */

import { type ModelConfig, modelConfig } from '../../../src/model/config.ts';
import { initialParameters } from '../../../src/model/initial-parameters.ts';
import { Dropout } from '../../../src/nn/dropout.ts';
import type { LowRank, TrainingScope } from '../../../src/nn/scope.ts';
import { type DeviceName, openDevice } from '../../../src/runtime/device.ts';
import type { NamedTensors } from '../../../src/runtime/executable.ts';
import { randomStream } from '../../../src/support/random.ts';
import { bytesOf, type StateDict, type Tensor } from '../../../src/support/tensor.ts';
import { type ObjectiveOptions, objectives } from '../../../src/train/objectives.ts';
import {
  createTrainer,
  type Trainer,
  type TrainerOptions,
  type TrainerState,
} from '../../../src/train/trainer.ts';

export const config: ModelConfig = modelConfig({
  vocabularySize: 30,
  embeddingSize: 16,
  heads: 2,
  hiddenSize: 24,
  layers: 2,
  bins: 11,
  classes: 3,
});

export const parameters = (): StateDict => initialParameters(config, 11);

/** A batch of 6 tokens a cell, two of them masked; the last of odd cells is a pad. */
export function randomBatch(cells: number, seed: number): Record<string, Tensor> {
  const tokens = 6;
  const shape = [cells, tokens];
  const random = randomStream(seed, 'batch');
  const each = <T>(value: (token: number, cell: number) => T): T[] =>
    Array.from({ length: cells * tokens }, (_, i) => value(i % tokens, Math.floor(i / tokens)));
  const target = Float32Array.from(each((token) => (token === 0 ? 0 : random.integer(11))));
  const masked = Uint8Array.from(each((token) => Number(token === 2 || token === 4)));
  return {
    genes: { dtype: 'int32', shape, data: Int32Array.from(each(() => random.integer(30))) },
    values: { dtype: 'float32', shape, data: target.map((value, i) => (masked[i] === 1 ? -1 : value)) },
    target: { dtype: 'float32', shape, data: target },
    masked: { dtype: 'bool', shape, data: masked },
    keep: {
      dtype: 'bool',
      shape,
      data: Uint8Array.from(each((token, cell) => Number(!(token === 5 && cell % 2 === 1)))),
    },
    labels: { dtype: 'int32', shape: [cells], data: Int32Array.from({ length: cells }, (_, i) => i % 3) },
    places: { dtype: 'int32', shape: [cells], data: Int32Array.from({ length: cells }, (_, i) => i) },
  };
}

/** Rows `start` to `end` of every tensor of a batch. */
export function cellsOf(batch: NamedTensors, start: number, end: number): NamedTensors {
  return Object.fromEntries(
    Object.entries(batch).map(([name, { dtype, shape, data }]) => {
      const width = shape[1] ?? 1;
      const part = data.slice(start * width, end * width);
      return [name, { dtype, shape: [end - start, ...shape.slice(1)], data: part } as Tensor];
    }),
  );
}

/** What training adds to the forward pass. */
export function trainingScope(
  rate: number,
  options: { readonly probabilities?: TrainingScope['probabilities'] } = {},
): NonNullable<ObjectiveOptions['training']> {
  const { probabilities = 'stored' } = options;
  return (graph) => ({
    probabilities,
    dropout: rate === 0 ? undefined : new Dropout(graph, { rate, width: 24 }),
  });
}

/** Options of {@link train}. */
export interface SmallTraining extends Partial<TrainerOptions> {
  readonly device?: DeviceName;
  readonly dropout?: number;
  readonly lowRank?: LowRank;
  readonly from?: StateDict;
  readonly resume?: TrainerState;
}

/** A trainer of the small model: masked values from tokens and cell, and cell classes. */
export async function train({
  device: name = 'cpu',
  dropout = 0,
  lowRank,
  from = parameters(),
  resume,
  ...options
}: SmallTraining = {}): Promise<Trainer> {
  const weights = { gep: 1, gepc: 1, cls: 1 };
  const device = await openDevice({ device: name, threads: 1 });
  return createTrainer(
    device,
    {
      training: objectives(config, { weights, lowRank, training: trainingScope(dropout) }),
      evaluation: objectives(config, { weights, lowRank }),
    },
    resume?.parameters ?? from,
    { adam: { epsilon: 1e-3 }, clipNorm: 1, seed: 5, trains: () => true, ...options },
    resume,
  );
}

/** A copy that later steps do not change. */
export function copyOf({ parameters, firstMoments, secondMoments, step }: TrainerState): TrainerState {
  const copy = (state: StateDict): StateDict =>
    new Map([...state].map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() } as Tensor]));
  return {
    parameters: copy(parameters),
    firstMoments: copy(firstMoments),
    secondMoments: copy(secondMoments),
    step,
  };
}

/** Everything of a state as bytes, by name: equal only where every bit is. */
export function bytesOfState(state: TrainerState): Record<string, string> {
  const entries = Object.entries({
    parameter: state.parameters,
    first: state.firstMoments,
    second: state.secondMoments,
  }).flatMap(([kind, tensors]) =>
    [...tensors].map(
      ([name, tensor]) => [`${kind} ${name}`, Buffer.from(bytesOf(tensor)).toString('hex')] as const,
    ),
  );
  return Object.fromEntries([...entries, ['step', String(state.step)]]);
}
