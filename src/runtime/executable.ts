/** @file A graph made ready on a device: run it any number of times, at any size of its named dimensions. */

import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-common';
import { DeviceError, isScgptError } from '../support/errors.ts';
import type { Tensor, TensorDtype } from '../support/tensor.ts';
import type { Backend } from './device.ts';

/** Tensors by the name of a graph's input or output. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** A loaded graph. Runs of one executable must not overlap. */
export interface Executable {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /**
   * Computes the outputs of the graph.
   *
   * @param feeds a tensor for every input
   * @param into tensors that results are written to, by output; results not named here come in new tensors
   * @param fetches the outputs wanted, default all
   * @throws DeviceError when the device fails, most often for want of memory
   */
  run(feeds: NamedTensors, into?: NamedTensors, fetches?: readonly string[]): Promise<NamedTensors>;
  dispose(): Promise<void>;
}

/** The dtypes that cross between host and device. */
const dtypes: readonly string[] = [
  'float32',
  'int32',
  'int64',
  'int8',
  'uint8',
  'bool',
] satisfies TensorDtype[];

/** The part of the ONNX Runtime packages that is used: both have it. */
export interface Runtime {
  readonly InferenceSession: { create: typeof InferenceSession.create };
  readonly Tensor: TensorConstructor;
}

/** Creates sessions of a runtime on one of its execution providers. */
export function sessionBackend(runtime: Runtime, provider: string, threads: number | undefined): Backend {
  return {
    async createExecutable({ file, weights }) {
      const session = await runtime.InferenceSession.create(file, {
        executionProviders: [provider],
        externalData: weights,
        // The next level would fuse "add, add, layer norm" into SkipLayerNormalization, which is 4 times slower on the CPU.
        graphOptimizationLevel: 'basic',
        logSeverityLevel: 3,
        ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      });
      return new SessionExecutable(session, runtime.Tensor, provider);
    },
  };
}

/** An executable over a session of either ONNX Runtime package. */
class SessionExecutable implements Executable {
  private readonly session: InferenceSession;
  private readonly tensor: TensorConstructor;
  private readonly device: string;

  constructor(session: InferenceSession, tensor: TensorConstructor, device: string) {
    this.session = session;
    this.tensor = tensor;
    this.device = device;
  }

  get inputs(): readonly string[] {
    return this.session.inputNames;
  }

  get outputs(): readonly string[] {
    return this.session.outputNames;
  }

  async run(
    feeds: NamedTensors,
    into: NamedTensors = {},
    fetches: readonly string[] = this.outputs,
  ): Promise<NamedTensors> {
    const given = Object.fromEntries(
      Object.entries(feeds).map(([name, value]) => [name, this.toDevice(value)]),
    );
    const wanted = Object.fromEntries(
      fetches.map((name) => [name, into[name] === undefined ? null : this.toDevice(into[name])]),
    );
    try {
      const results = await this.session.run(given, wanted);
      return Object.fromEntries(fetches.map((name) => [name, into[name] ?? fromDevice(results[name])]));
    } catch (error) {
      if (isScgptError(error)) throw error;
      throw runFailure(error, feeds, this.device);
    }
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }

  private toDevice({ dtype, shape, data }: Tensor): OrtTensor {
    switch (dtype) {
      case 'float32':
      case 'int32':
      case 'int64':
      case 'int8':
      case 'uint8':
      case 'bool':
        return new this.tensor(dtype, data as Float32Array, shape);
      default:
        throw new DeviceError({
          what: `a ${dtype} tensor cannot be given to a graph`,
          expected: dtypes.join(', '),
          reason: 'dtype',
        });
    }
  }
}

function fromDevice(value: OrtTensor): Tensor {
  if (!dtypes.includes(value.type)) {
    throw new DeviceError({ what: `a graph gave a ${value.type} tensor`, expected: dtypes.join(', ') });
  }
  return { dtype: value.type, shape: value.dims, data: value.data } as Tensor;
}

function runFailure(error: unknown, feeds: NamedTensors, device: string): DeviceError {
  const sizes = Object.entries(feeds).map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
  const message = error instanceof Error ? error.message : String(error);
  const memory = /alloc|memory|OOM/i.test(message);
  return new DeviceError({
    what: memory ? 'there is not enough memory for this computation' : `the computation failed: ${message}`,
    where: `${device}, with ${sizes.join(', ')}`,
    advice: memory ? 'Use a smaller batch size or a smaller maximum length' : undefined,
    reason: memory ? 'memory' : 'run',
    cause: error,
  });
}
