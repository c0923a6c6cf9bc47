/** @file A model in training on a device: parameters and moments in two sets of buffers that steps go back and forth between. */

import { Graph } from '../graph/graph.ts';
import { dropoutFeeds } from '../nn/dropout.ts';
import type { Device } from '../runtime/device.ts';
import type { Executable, NamedTensors } from '../runtime/executable.ts';
import { UsageError } from '../support/errors.ts';
import type { StateDict, Tensor } from '../support/tensor.ts';
import { adamFeeds } from './optimiser.ts';
import { StateBuffers } from './state-buffers.ts';
import {
  type BuildLosses,
  declareLosses,
  type StepGraph,
  type StepOptions,
  stepGraph,
  stepNames,
} from './step-graph.ts';

/** Options of {@link createTrainer}. */
export interface TrainerOptions extends StepOptions {
  /** Batches whose gradients are averaged before each update. Default 1. */
  readonly accumulate?: number;
  /** Seed of dropout. */
  readonly seed: number;
}

/** The losses of one batch. */
export interface BatchLosses {
  readonly total: number;
  readonly parts: Readonly<Record<string, number>>;
}

/** What a training step tells. */
export interface StepResult extends BatchLosses {
  /** Of all gradients together, before clipping; over the batches summed so far. */
  readonly gradientNorm: number;
  /** Whether parameters moved: not on batches whose gradients are only summed, nor where a loss is not finite. */
  readonly updated: boolean;
}

/** A state to go on from, or to save: the tensors are the trainer's own and change with the next step. */
export interface TrainerState {
  readonly parameters: StateDict;
  readonly firstMoments: StateDict;
  readonly secondMoments: StateDict;
  /** Updates done. */
  readonly step: number;
}

/** How one batch is taken. */
export interface TakeOptions {
  /** The batch that the cells are from, where the model normalises its input per batch. */
  readonly domain?: number | undefined;
  /** Update even if fewer batches are summed than are accumulated: nothing is left for the next epoch. Default false. */
  readonly update?: boolean | undefined;
}

/** Trains and evaluates a model. */
export interface Trainer {
  /** Parameters that steps change. */
  readonly trained: readonly string[];
  readonly state: TrainerState;
  /**
   * Takes one batch. State changes only when loss and gradients are finite: after a failed step it is what it was.
   *
   * @returns the losses; when one is not finite, nothing was updated
   */
  step(batch: NamedTensors, learningRate: number, options?: TakeOptions): Promise<StepResult>;
  /** Losses of a batch without dropout and without change. */
  evaluate(batch: NamedTensors): Promise<BatchLosses>;
  dispose(): Promise<void>;
}

/** Losses in training, with dropout, and in evaluation, without. */
export interface TrainingLosses {
  readonly training: BuildLosses;
  readonly evaluation: BuildLosses;
}

/**
 * Makes a model ready for training.
 *
 * @param parameters initial values, copied; those no loss reads are kept as they are
 * @param resume moments and step of an earlier run
 */
export async function createTrainer(
  device: Device,
  losses: TrainingLosses,
  parameters: StateDict,
  options: TrainerOptions,
  resume?: Omit<TrainerState, 'parameters'>,
): Promise<Trainer> {
  const batches = options.accumulate ?? 1;
  const last = stepGraph(losses.training, options, batches === 1 ? 'update' : 'update-sum');
  const buffers = new StateBuffers(parameters, last, batches > 1, resume);
  const updating = new LoadedStep(last.graph, await device.load(last.graph, 'given'));
  const summing =
    batches === 1 ? undefined : await loadStep(device, stepGraph(losses.training, options, 'sum'));
  const evaluation = new Graph();
  declareLosses(evaluation, losses.evaluation(evaluation));
  const evaluating = new LoadedStep(evaluation, await device.load(evaluation, 'given'));
  let { step } = resume ?? { step: 0 };
  let summed = 0;

  return {
    trained: last.trained,
    get state() {
      return { ...buffers.state, step };
    },
    async step(batch, learningRate, { domain, update = false } = {}) {
      const updates = update || summed === batches - 1;
      const loaded = updates || summing === undefined ? updating : summing;
      const draws = step * batches + summed;
      const sizeOf = sizesIn(loaded.graph, batch);
      const results = await loaded.run(
        {
          ...batch,
          ...buffers.feeds(loaded.graph, domain),
          ...dropoutFeeds(loaded.graph, sizeOf, options.seed, draws),
          ...(updates ? adamFeeds(options.adam, learningRate, step + 1) : {}),
          [stepNames.share]: scalar(1 / (summed + 1)),
        },
        buffers.targets(loaded.graph, domain),
      );
      const gradientNorm = numberOf(results[stepNames.norm]);
      const found = lossesOf(results);
      const finite = Number.isFinite(gradientNorm) && Number.isFinite(found.total);
      if (finite) {
        buffers.advance(loaded.graph, domain);
        summed = updates ? 0 : summed + 1;
        if (updates) {
          step++;
          buffers.clearSums();
        }
      }
      return { ...found, gradientNorm, updated: updates && finite };
    },
    async evaluate(batch) {
      return lossesOf(await evaluating.run({ ...batch, ...buffers.feeds(evaluating.graph) }, {}));
    },
    async dispose() {
      for (const loaded of [updating, summing, evaluating]) await loaded?.executable.dispose();
    },
  };
}

async function loadStep(device: Device, { graph }: StepGraph): Promise<LoadedStep> {
  return new LoadedStep(graph, await device.load(graph, 'given'));
}

/** A loaded graph that takes only what it has inputs for. */
class LoadedStep {
  readonly graph: Graph;
  readonly executable: Executable;
  private readonly wanted: ReadonlySet<string>;

  constructor(graph: Graph, executable: Executable) {
    this.graph = graph;
    this.executable = executable;
    this.wanted = new Set(executable.inputs);
  }

  async run(feeds: NamedTensors, into: NamedTensors): Promise<NamedTensors> {
    const taken = Object.fromEntries(Object.entries(feeds).filter(([name]) => this.wanted.has(name)));
    return this.executable.run(taken, into);
  }
}

/** The sizes of a graph's named dimensions as the tensors of a batch have them. */
function sizesIn(graph: Graph, batch: NamedTensors): (name: string) => number {
  const sizes = new Map<string, number>();
  for (const [name, { shape }] of graph.inputs) {
    const given = batch[name];
    if (given === undefined) continue;
    shape.forEach((dim, axis) => {
      if (typeof dim === 'string') sizes.set(dim, given.shape[axis]);
    });
  }
  return (name) => {
    const size = sizes.get(name);
    if (size !== undefined) return size;
    throw new UsageError({ what: `no tensor of the batch has the size '${name}'`, reason: 'size' });
  };
}

function scalar(value: number): Tensor {
  return { dtype: 'float32', shape: [], data: Float32Array.of(value) };
}

function numberOf({ data }: Tensor): number {
  return Number(data[0]);
}

function lossesOf(results: NamedTensors): BatchLosses {
  const prefix = stepNames.part('');
  const parts = Object.entries(results)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]) => [name.slice(prefix.length), numberOf(value)] as const);
  return { total: numberOf(results[stepNames.total]), parts: Object.fromEntries(parts) };
}
