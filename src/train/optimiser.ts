/** @file Adam and AdamW as graph: one parameter's update from its gradient and moments. */

import type { Graph, Value } from '../graph/graph.ts';
import { add, divide, minimum, multiply, sqrt, subtract } from '../graph/ops/elementwise.ts';
import { reduceSum } from '../graph/ops/reduce.ts';
import type { Tensor } from '../support/tensor.ts';

/** Settings of {@link adamUpdate}; the defaults are torch's, which the published models were trained with. */
export interface AdamSettings {
  /** Decay of the first moment. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the second moment. Default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment. Default 1e-8; the reference's mixed-precision recipes have 1e-4. */
  readonly epsilon?: number;
  /** Default 0. */
  readonly weightDecay?: number;
  /** `added` to the gradient, as in Adam, or `decoupled` from it, as in AdamW. Default `decoupled`. */
  readonly decay?: 'added' | 'decoupled';
}

/** The numbers of a step that change from step to step. */
export interface AdamScalars {
  readonly stepSize: Value;
  readonly rootCorrection: Value;
  readonly keep: Value;
}

const names = {
  stepSize: 'adam/step_size',
  rootCorrection: 'adam/root_correction',
  keep: 'adam/keep',
} as const;

/** Declares the step's numbers as inputs. */
export function adamScalars(graph: Graph): AdamScalars {
  const scalar = (name: string): Value => graph.input(name, 'float32', []);
  return {
    stepSize: scalar(names.stepSize),
    rootCorrection: scalar(names.rootCorrection),
    keep: scalar(names.keep),
  };
}

/**
 * The values of {@link adamScalars}.
 *
 * @param step optimiser steps with this one, from 1
 */
export function adamFeeds(
  settings: AdamSettings,
  learningRate: number,
  step: number,
): Record<string, Tensor> {
  const { beta1 = 0.9, beta2 = 0.999, weightDecay = 0, decay = 'decoupled' } = settings;
  const scalar = (value: number): Tensor => ({ dtype: 'float32', shape: [], data: Float32Array.of(value) });
  return {
    [names.stepSize]: scalar(learningRate / (1 - beta1 ** step)),
    [names.rootCorrection]: scalar(1 / Math.sqrt(1 - beta2 ** step)),
    [names.keep]: scalar(decay === 'decoupled' ? 1 - learningRate * weightDecay : 1),
  };
}

/** A parameter and its moments. */
export interface AdamMoments {
  readonly parameter: Value;
  readonly first: Value;
  readonly second: Value;
}

/** One step of Adam (Kingma & Ba 2015) or AdamW (Loshchilov & Hutter 2019) for one parameter. */
export function adamUpdate(
  { parameter, first, second }: AdamMoments,
  gradient: Value,
  { stepSize, rootCorrection, keep }: AdamScalars,
  settings: AdamSettings,
): AdamMoments {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0, decay = 'decoupled' } = settings;
  const decays = weightDecay > 0;
  const slope = decays && decay === 'added' ? add(gradient, multiply(parameter, weightDecay)) : gradient;
  const newFirst = add(multiply(first, beta1), multiply(slope, 1 - beta1));
  const newSecond = add(multiply(second, beta2), multiply(multiply(slope, slope), 1 - beta2));
  const root = add(multiply(sqrt(newSecond), rootCorrection), epsilon);
  const kept = decays && decay === 'decoupled' ? multiply(parameter, keep) : parameter;
  const change = multiply(divide(newFirst, root), stepSize);
  return { parameter: subtract(kept, change), first: newFirst, second: newSecond };
}

/** The Euclidean norm of all gradients together. */
export function globalNorm(gradients: readonly Value[]): Value {
  const squares = gradients.map((gradient) =>
    reduceSum(
      multiply(gradient, gradient),
      gradient.shape.map((_, axis) => axis),
    ),
  );
  return sqrt(squares.reduce((total, square) => add(total, square)));
}

/** What every gradient is multiplied by so that their norm is at most `largest` (torch's `clip_grad_norm_`). */
export function clipFactor(norm: Value, largest: number): Value {
  return minimum(divide(largest, add(norm, 1e-6)), 1);
}
