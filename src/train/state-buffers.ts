/** @file The buffers of a model in training: every state twice, its current values and room for those of the next step. */

import type { Graph } from '../graph/graph.ts';
import type { NamedTensors } from '../runtime/executable.ts';
import { UsageError } from '../support/errors.ts';
import { copyOf, elementCount, type StateDict, type Tensor } from '../support/tensor.ts';
import { type StepGraph, stepNames } from './step-graph.ts';
import type { TrainerState } from './trainer.ts';

/** Stands for the batch's own domain in names of graphs with statistics for each domain. */
const currentDomain = '.current.';

/** Every state by its name in the step's graph, twice. */
export class StateBuffers {
  private readonly current = new Map<string, Tensor>();
  private readonly spare = new Map<string, Tensor>();
  private readonly parameterNames: readonly string[];
  private readonly trained: readonly string[];

  constructor(
    parameters: StateDict,
    { graph, trained, buffers }: StepGraph,
    sums: boolean,
    resume: Omit<TrainerState, 'parameters'> | undefined,
  ) {
    this.parameterNames = [...parameters.keys()];
    this.trained = trained;
    for (const [name, tensor] of parameters) this.current.set(name, copyOf(tensor));
    for (const [name, { shape }] of graph.parameters) {
      for (const each of this.meant(name)) this.requireShape(each, shape as readonly number[]);
    }
    for (const name of buffers) {
      for (const each of this.meant(name)) this.spare.set(each, zerosLike(this.tensor(each)));
    }
    for (const name of trained) {
      const like = this.tensor(name);
      this.hold(name, like);
      this.hold(stepNames.first(name), copyOf(resume?.firstMoments.get(name) ?? zerosLike(like)));
      this.hold(stepNames.second(name), copyOf(resume?.secondMoments.get(name) ?? zerosLike(like)));
      if (sums) this.hold(stepNames.sum(name), zerosLike(like));
    }
  }

  get state(): Omit<TrainerState, 'step'> {
    const pick = (names: readonly string[], of: (name: string) => string): StateDict =>
      new Map(names.map((name) => [name, this.tensor(of(name))]));
    return {
      parameters: pick(this.parameterNames, (name) => name),
      firstMoments: pick(this.trained, stepNames.first),
      secondMoments: pick(this.trained, stepNames.second),
    };
  }

  /**
   * The current values that a graph takes.
   *
   * @param domain whose statistics are the current ones, where the model has some for each domain
   */
  feeds(graph: Graph, domain?: number): NamedTensors {
    const feeds: Record<string, Tensor> = {};
    for (const name of [...graph.parameters.keys(), ...graph.inputs.keys()]) {
      const found = this.current.get(ofDomain(name, domain));
      if (found !== undefined) feeds[name] = found;
    }
    return feeds;
  }

  /** Where the new values go, by output. */
  targets(graph: Graph, domain?: number): NamedTensors {
    const targets: Record<string, Tensor> = {};
    for (const [output, name] of this.moved(graph, domain)) targets[output] = this.spare.get(name) as Tensor;
    return targets;
  }

  /** Makes the new values the current ones. */
  advance(graph: Graph, domain?: number): void {
    for (const [output, name] of this.moved(graph, domain)) {
      const next = this.spare.get(name) as Tensor;
      this.spare.set(name, this.tensor(name));
      this.current.set(name, next);
      if (output.endsWith('running_mean'))
        this.countBatch(name.replace(/running_mean$/, 'num_batches_tracked'));
    }
  }

  /** Outputs of a graph that are new values, and what they are the values of. */
  private moved(graph: Graph, domain: number | undefined): (readonly [output: string, name: string])[] {
    const prefix = stepNames.next('');
    return [...graph.outputs.keys()]
      .filter((output) => output.startsWith(prefix))
      .map((output) => [output, ofDomain(output.slice(prefix.length), domain)]);
  }

  /** torch keeps how many batches running statistics have seen; nothing reads it. */
  private countBatch(name: string): void {
    const count = this.current.get(name);
    if (count?.dtype === 'int64') (count as Tensor<'int64'>).data[0]++;
  }

  /** The parameters that a name in a graph may stand for: one, or one of each domain. */
  private meant(name: string): readonly string[] {
    if (!name.includes(currentDomain)) return [name];
    const [before, after] = name.split(currentDomain);
    return this.parameterNames.filter((each) => each.startsWith(`${before}.`) && each.endsWith(`.${after}`));
  }

  clearSums(): void {
    for (const [name, { data }] of this.current) {
      if (name.startsWith(stepNames.sum(''))) (data as Float32Array).fill(0);
    }
  }

  private hold(name: string, tensor: Tensor): void {
    this.current.set(name, tensor);
    this.spare.set(name, zerosLike(tensor));
  }

  private tensor(name: string): Tensor {
    const found = this.current.get(name);
    if (found !== undefined) return found;
    throw new UsageError({ what: `the parameter '${name}' has no value`, reason: 'parameter' });
  }

  private requireShape(name: string, shape: readonly number[]): void {
    const found = this.tensor(name);
    if (String(found.shape) === String(shape) && found.dtype === 'float32') return;
    throw new UsageError({
      what: `the parameter '${name}' is ${found.dtype} [${found.shape}]`,
      expected: `float32 [${shape}]`,
      reason: 'parameter',
    });
  }
}

function zerosLike({ shape }: Tensor): Tensor {
  return { dtype: 'float32', shape, data: new Float32Array(elementCount(shape)) };
}

function ofDomain(name: string, domain: number | undefined): string {
  if (!name.includes(currentDomain)) return name;
  if (domain === undefined) {
    throw new UsageError({
      what: 'the model normalises its input per batch, and the step is told no batch',
      expected: 'the domain of the cells, all of one batch',
      reason: 'domain',
    });
  }
  return name.replace(currentDomain, `.${domain}.`);
}
