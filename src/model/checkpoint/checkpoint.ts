/** @file What every checkpoint format gives: names, types and shapes at once, values when asked for. */

import type { StateDict, TensorDtype } from '../../support/tensor.ts';

/** What a checkpoint says of a tensor before its values are read. */
export interface TensorInformation {
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
}

/** The formats that are read. */
export type CheckpointFormat = 'torch zip' | 'torch legacy' | 'safetensors';

/** An opened checkpoint. Its structure is already checked; values are checked as they are read. */
export interface Checkpoint {
  /** What to call it in messages. */
  readonly name: string;
  readonly format: CheckpointFormat;
  /** Tensors by the name in the file, in the file's order. */
  readonly tensors: ReadonlyMap<string, TensorInformation>;
  /** Keys that led to the dictionary of tensors, such as `model_state_dict`; empty when it was the whole file. */
  readonly wrapper: readonly string[];
  /**
   * Reads values. Each tensor has memory of its own.
   *
   * @param names which; all of them by default
   * @throws CheckpointError when values are damaged.
   */
  read(names?: ReadonlySet<string>): Promise<StateDict>;
}
