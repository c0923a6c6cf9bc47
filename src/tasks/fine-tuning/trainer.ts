/** @file A trainer of fine-tuning objectives, with what is held fixed and low-rank factors where those are trained. */

import type { Graph } from '../../graph/graph.ts';
import type { ModelConfig } from '../../model/config.ts';
import { expectedParameters } from '../../model/parameters.ts';
import type { ValueRows } from '../../model/value-table.ts';
import { Dropout } from '../../nn/dropout.ts';
import type { LowRank, TrainingScope } from '../../nn/scope.ts';
import type { Device } from '../../runtime/device.ts';
import type { StateDict } from '../../support/tensor.ts';
import { lowRankParameters, mergeLowRank } from '../../train/low-rank.ts';
import { type ObjectiveWeights, objectives } from '../../train/objectives.ts';
import type { TrainingState } from '../../train/run/training-state.ts';
import { freezeOf, trainable } from '../../train/trainable.ts';
import { createTrainer, type Trainer } from '../../train/trainer.ts';

/** What a fine-tuning minimises and how. */
export interface FineTuningPlan {
  readonly weights: ObjectiveWeights;
  readonly values: ValueRows;
  /** What is held fixed of the model. */
  readonly freeze: string;
  readonly clipNorm: number;
  readonly seed: number;
}

/** A trainer and the way from its parameters to those of the model. */
export interface FineTuner {
  readonly trainer: Trainer;
  /** Parameters under the model's own names, low-rank factors put in. */
  merged(trained: StateDict): StateDict;
}

/** The rank of factors beside every weight matrix of the transformer, and what their product counts times the rank. */
const lowRank = { rank: 8, alpha: 16 } as const;

/** Opens the trainer; dropout is the model's. */
export async function openFineTuner(
  device: Device,
  config: ModelConfig,
  parameters: StateDict,
  { weights, values, freeze: frozen, clipNorm, seed }: FineTuningPlan,
  state?: TrainingState,
): Promise<FineTuner> {
  const freeze = freezeOf(frozen);
  const factors = freeze === 'low-rank' ? besideTransformer(config) : undefined;
  const added = factors === undefined ? [] : lowRankParameters(config, factors, seed);
  const build = (training?: (graph: Graph) => TrainingScope) =>
    objectives(config, { weights, training, lowRank: factors, distinctValues: values.values });
  const trainer = await createTrainer(
    device,
    { training: build((graph) => trainingScope(graph, config)), evaluation: build() },
    state?.parameters ?? new Map([...parameters, ...added]),
    { adam: { weightDecay: 0 }, clipNorm, seed, trains: trainable(config, { freeze }) },
    state && { ...state, step: state.progress.step },
  );
  return {
    trainer,
    merged: (trained) => (factors === undefined ? trained : mergeLowRank(trained, factors)),
  };
}

function besideTransformer(config: ModelConfig): LowRank {
  const expected = expectedParameters(config);
  return { ...lowRank, targets: (name) => expected.get(name)?.part === 'transformer' };
}

function trainingScope(
  graph: Graph,
  { dropout: rate, embeddingSize, hiddenSize }: ModelConfig,
): TrainingScope {
  const width = Math.max(embeddingSize, hiddenSize);
  return { dropout: rate > 0 ? new Dropout(graph, { rate, width }) : undefined, probabilities: 'stored' };
}
