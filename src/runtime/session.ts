/** @file Executables over sessions of ONNX Runtime, the native package and the portable one alike. */

import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-web';
import { DeviceError } from '../support/errors.ts';
import type { Tensor, TensorDtype } from '../support/tensor.ts';
import type { Backend, Executable, NamedTensors } from './executable.ts';

/** The part of the ONNX Runtime packages that is used. */
export interface Runtime {
  readonly InferenceSession: { create: typeof InferenceSession.create };
  readonly Tensor: TensorConstructor;
}

/** How sessions are made. */
export interface SessionSettings {
  /** ONNX Runtime's execution provider. */
  readonly provider: string;
  readonly threads?: number | undefined;
  /** Whether results are written into tensors given as fetches. The portable package takes such tensors and leaves them as they were. */
  readonly writesIntoFetches: boolean;
}

/** A backend over one of the packages. */
export function sessionBackend(runtime: Runtime, settings: SessionSettings): Backend {
  const { provider, threads } = settings;
  return {
    async createExecutable({ file, weights, asWritten }) {
      const session = await runtime.InferenceSession.create(file, {
        executionProviders: [provider],
        externalData: weights,
        // The next level would fuse "add, add, layer norm" into SkipLayerNormalization, which is 4 times slower on the CPU.
        graphOptimizationLevel: asWritten === true ? 'disabled' : 'basic',
        // A plan of a training step's memory would be a second copy of it, given back and taken anew in every step.
        ...(asWritten === true ? { enableMemPattern: false } : {}),
        logSeverityLevel: 4, // failures come back as errors; nothing is printed
        ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      });
      return new SessionExecutable(runtime.Tensor, session, settings);
    },
  };
}

class SessionExecutable implements Executable {
  private readonly tensor: TensorConstructor;
  private readonly session: InferenceSession;
  private readonly settings: SessionSettings;

  constructor(tensor: TensorConstructor, session: InferenceSession, settings: SessionSettings) {
    this.tensor = tensor;
    this.session = session;
    this.settings = settings;
  }

  get inputs(): readonly string[] {
    return this.session.inputNames;
  }

  get outputs(): readonly string[] {
    return this.session.outputNames;
  }

  async run(feeds: NamedTensors, into: NamedTensors = {}): Promise<NamedTensors> {
    const given = Object.fromEntries(
      Object.entries(feeds).map(([name, value]) => [name, this.toDevice(value)]),
    );
    const direct = this.settings.writesIntoFetches ? into : {};
    const wanted = Object.fromEntries(
      this.outputs.map((name) => [name, direct[name] === undefined ? null : this.toDevice(direct[name])]),
    );
    let results: InferenceSession.OnnxValueMapType;
    try {
      results = await this.session.run(given, wanted);
    } catch (error) {
      throw runFailure(error, feeds, this.settings.provider);
    }
    return Object.fromEntries(this.outputs.map((name) => [name, delivered(results[name], into[name])]));
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }

  private toDevice({ dtype, shape, data }: Tensor): OrtTensor {
    if (!isExchanged(dtype)) {
      throw new DeviceError({
        what: `a ${dtype} tensor cannot be given to a graph`,
        expected: exchanged.join(', '),
        reason: 'dtype',
      });
    }
    return new this.tensor(dtype, data as Float32Array, shape);
  }
}

/** The dtypes that cross between host and device; ONNX Runtime has the same names and arrays for them. */
const exchanged = ['float32', 'int32', 'int64', 'int8', 'uint8', 'bool'] as const satisfies TensorDtype[];

function isExchanged(dtype: string): dtype is (typeof exchanged)[number] {
  return exchanged.some((known) => known === dtype);
}

/** A result in the tensor where it was wanted, or in a new one. */
function delivered({ type, dims, data }: OrtTensor, into: Tensor | undefined): Tensor {
  if (!isExchanged(type)) throw new DeviceError({ what: `a graph gave a ${type} tensor`, reason: 'dtype' });
  if (into === undefined) return { dtype: type, shape: dims, data } as Tensor;
  if (data !== into.data) (into.data as Float32Array).set(data as Float32Array);
  return into;
}

function runFailure(error: unknown, feeds: NamedTensors, provider: string): DeviceError {
  const sizes = Object.entries(feeds).map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
  const message = error instanceof Error ? error.message : String(error);
  const memory = /alloc|memory/i.test(message);
  return new DeviceError({
    what: memory ? 'there is not enough memory for this computation' : `the computation failed: ${message}`,
    where: `device ${provider}, with ${sizes.join(', ')}`,
    advice: memory ? 'Use a smaller batch size or a smaller maximum length' : undefined,
    reason: memory ? 'memory' : 'run',
    cause: error,
  });
}
