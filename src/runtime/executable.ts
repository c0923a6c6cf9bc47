/** @file A graph made ready on a device: run it any number of times, at any size of its named dimensions. */

import type { Tensor } from '../support/tensor.ts';

/** Tensors by the name of a graph's input or output. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/** A loaded graph. Runs of one executable must not overlap. */
export interface Executable {
  /** Names of the inputs a run must give. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /**
   * Computes the outputs of the graph.
   *
   * @param feeds a tensor for every input
   * @param into tensors that results are written to, by output; results not named here come in new tensors
   * @throws DeviceError when the device fails, most often for want of memory
   */
  run(feeds: NamedTensors, into?: NamedTensors): Promise<NamedTensors>;
  dispose(): Promise<void>;
}

/** A model file and the weights beside it. */
export interface EncodedModel {
  readonly file: Uint8Array;
  readonly weights: readonly { readonly path: string; readonly data: Uint8Array }[];
  /**
   * Run the nodes as they are. Merging equal ones would keep alive what a backward pass computes again to save memory.
   */
  readonly asWritten?: boolean;
}

/** Makes executables on one device. */
export interface Backend {
  createExecutable(model: EncodedModel): Promise<Executable>;
}
