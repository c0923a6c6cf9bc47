/** @file The graph of one training step: forward, backward, clipping, update; every state goes in and comes out. */

import { differentiate } from '../graph/differentiate.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { add, multiply } from '../graph/ops/elementwise.ts';
import { UsageError } from '../support/errors.ts';
import { type AdamSettings, adamScalars, adamUpdate, clipFactor, globalNorm } from './optimiser.ts';

/** What is minimised, and what is told about it. */
export interface Losses {
  /** One number: what the gradients are of. */
  readonly total: Value;
  /** Numbers to report, by the name of the objective. */
  readonly parts: ReadonlyMap<string, Value>;
  /** New values of buffers that the forward pass moves, such as running statistics, by parameter name. */
  readonly buffers?: ReadonlyMap<string, Value>;
}

/** Builds the forward pass and its losses into a graph. */
export type BuildLosses = (graph: Graph) => Losses;

/** How a step treats gradients. */
export interface StepOptions {
  readonly adam: AdamSettings;
  /** Largest norm of all gradients together; larger ones are scaled down. */
  readonly clipNorm: number;
  /** Whether a parameter is trained. */
  trains(name: string): boolean;
}

/**
 * What becomes of the gradients: `update` applies them; `sum` adds them to those of earlier batches; `update-sum` adds
 * them and applies the mean over all batches summed, whose number the input {@link stepNames.share} tells.
 */
export type StepKind = 'update' | 'sum' | 'update-sum';

/** Names of a step's inputs and outputs beside those of the forward pass. */
export const stepNames = {
  total: 'loss',
  norm: 'gradient_norm',
  /** 1 / batches: a scalar. */
  share: 'share_of_batch',
  part: (objective: string): string => `loss/${objective}`,
  first: (parameter: string): string => `first/${parameter}`,
  second: (parameter: string): string => `second/${parameter}`,
  sum: (parameter: string): string => `sum/${parameter}`,
  next: (name: string): string => `next/${name}`,
} as const;

/** A step's graph and the parameters it trains, those that the loss reaches. */
export interface StepGraph {
  readonly graph: Graph;
  readonly trained: readonly string[];
  /** Buffers that the forward pass moves. */
  readonly buffers: readonly string[];
}

/**
 * Builds the graph of a step. Parameters and moments are inputs; their new values are the outputs `next/<name>`.
 *
 * @throws UsageError when the loss reaches no parameter that is to be trained
 */
export function stepGraph(build: BuildLosses, options: StepOptions, step: StepKind): StepGraph {
  const graph = new Graph();
  const losses = build(graph);
  const candidates = [...graph.parameters].filter(([name]) => options.trains(name));
  const gradients = differentiate(
    losses.total,
    candidates.map(([, value]) => value),
  );
  const trained: Trained[] = candidates.flatMap(([name, parameter], i) => {
    const gradient = gradients[i];
    return gradient === undefined ? [] : [{ name, parameter, gradient }];
  });
  if (trained.length === 0) {
    throw new UsageError({
      what: 'there is nothing to train: no parameter that the losses reach is left unfrozen',
      expected: 'at least one',
      reason: 'nothing_to_train',
    });
  }
  declareLosses(graph, losses);
  const summed = step === 'update' ? trained : addToSums(graph, trained);
  const norm = globalNorm(summed.map(({ gradient }) => gradient));
  graph.output(stepNames.norm, norm);
  if (step === 'sum') {
    for (const { name, gradient } of summed) graph.output(stepNames.next(stepNames.sum(name)), gradient);
  } else if (step === 'update') {
    update(graph, summed, clipFactor(norm, options.clipNorm), options.adam);
  } else {
    const share = graph.input(stepNames.share, 'float32', []);
    const factor = multiply(clipFactor(multiply(norm, share), options.clipNorm), share);
    update(graph, summed, factor, options.adam);
  }
  return {
    graph,
    trained: trained.map(({ name }) => name),
    buffers: [...(losses.buffers?.keys() ?? [])],
  };
}

interface Trained {
  readonly name: string;
  readonly parameter: Value;
  readonly gradient: Value;
}

/** Declares the total and its parts as outputs. */
export function declareLosses(graph: Graph, { total, parts, buffers }: Losses): void {
  graph.output(stepNames.total, total);
  for (const [objective, value] of parts) graph.output(stepNames.part(objective), value);
  for (const [name, value] of buffers ?? []) graph.output(stepNames.next(name), value);
}

function addToSums(graph: Graph, trained: readonly Trained[]): readonly Trained[] {
  return trained.map(({ name, parameter, gradient }) => {
    const sum = graph.input(stepNames.sum(name), 'float32', parameter.shape);
    return { name, parameter, gradient: add(sum, gradient) };
  });
}

function update(graph: Graph, trained: readonly Trained[], factor: Value, adam: AdamSettings): void {
  const scalars = adamScalars(graph);
  for (const { name, parameter, gradient } of trained) {
    const moment = (of: (name: string) => string): Value => graph.input(of(name), 'float32', parameter.shape);
    const moments = { parameter, first: moment(stepNames.first), second: moment(stepNames.second) };
    const next = adamUpdate(moments, multiply(gradient, factor), scalars, adam);
    graph.output(stepNames.next(name), next.parameter);
    graph.output(stepNames.next(stepNames.first(name)), next.first);
    graph.output(stepNames.next(stepNames.second(name)), next.second);
  }
}
