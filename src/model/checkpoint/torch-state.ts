/** @file From an unpickled object to a checkpoint: finds the dictionary of tensors, checks every view, reads values. */

import { swapBytes } from '../../support/byte-order.ts';
import { CheckpointError } from '../../support/errors.ts';
import { elementCount, type StateDict, type Tensor, type TensorDtype } from '../../support/tensor.ts';
import type { OwnBytes } from './byte-source.ts';
import type { Checkpoint, CheckpointFormat, TensorInformation } from './checkpoint.ts';
import { emptyArray, itemSize, typedArray } from './element-types.ts';
import type { PickleValue } from './pickle.ts';
import { type StorageReference, TensorView } from './torch-pickle.ts';

/** The storages of a file, wherever its format keeps them. */
export interface Storages {
  /** Bytes of a storage; undefined: the file has none of that key. */
  readonly size: (key: string) => number | undefined;
  /** Reads a storage; `what` names it in messages. */
  readonly read: (key: string, what: string) => Promise<OwnBytes>;
  readonly bigEndian: boolean;
}

/** Keys under which training scripts keep the weights, in the order in which they are looked for. */
const wrappers = ['state_dict', 'model_state_dict', 'model', 'module', 'net', 'network', 'weights'];
const deepestWrapping = 4;
/** Shared and overlapping views may need more memory than the file has bytes, but not this many times more. */
const mostSharing = 16;

/**
 * Turns an unpickled object into a checkpoint.
 *
 * @throws CheckpointError when it holds no dictionary of tensors, or a tensor lies outside its storage.
 */
export function torchCheckpoint(
  name: string,
  format: CheckpointFormat,
  root: PickleValue,
  storages: Storages,
): Checkpoint {
  const { views, wrapper } = findState(name, root);
  const checked = new Set<StorageReference>();
  for (const [parameter, view] of views) {
    if (!checked.has(view.storage)) checkStorage(name, parameter, view.storage, storages);
    checked.add(view.storage);
    checkView(name, parameter, view);
  }
  checkSharing(name, views);
  const tensors = new Map<string, TensorInformation>();
  for (const [parameter, { storage, shape }] of views)
    tensors.set(parameter, { dtype: storage.dtype, shape });
  return { name, format, tensors, wrapper, read: (names) => readViews(views, storages, names) };
}

interface FoundState {
  readonly views: Map<string, TensorView>;
  readonly wrapper: string[];
}

function findState(where: string, root: PickleValue): FoundState {
  const wrapper: string[] = [];
  let here = root;
  for (let depth = 0; depth <= deepestWrapping && here instanceof Map; depth++) {
    const dictionary: Map<PickleValue, PickleValue> = here;
    const key = wrappers.find((candidate) => dictionary.get(candidate) instanceof Map);
    if (key === undefined) {
      const views = tensorsOf(dictionary);
      if (views.size > 0) return { views, wrapper };
      break;
    }
    wrapper.push(key);
    here = dictionary.get(key) ?? null;
  }
  throw new CheckpointError({
    what: `the file holds ${describe(root)}, not a dictionary of tensors`,
    where,
    expected: `a state dictionary, by itself or under one of the keys ${wrappers.join(', ')}`,
    advice: 'Save the model with torch.save(model.state_dict(), path).',
    reason: 'no_state_dict',
  });
}

/** The tensors of a dictionary; numbers and texts beside them, such as an epoch, are no weights. */
function tensorsOf(dictionary: Map<PickleValue, PickleValue>): Map<string, TensorView> {
  const views = new Map<string, TensorView>();
  for (const [key, value] of dictionary) {
    if (typeof key === 'string' && value instanceof TensorView) views.set(key, value);
  }
  return views;
}

function describe(value: PickleValue): string {
  if (value instanceof TensorView) return 'one tensor';
  if (value instanceof Map) {
    const keys = [...value.keys()].slice(0, 5).map(String).join(', ');
    return value.size === 0 ? 'an empty dictionary' : `a dictionary without tensors (keys ${keys})`;
  }
  return Array.isArray(value) ? 'a list' : 'something else';
}

function checkStorage(where: string, parameter: string, storage: StorageReference, storages: Storages): void {
  const size = storages.size(storage.key);
  if (size === undefined) {
    throw new CheckpointError({
      what: `storage ${storage.key}, with the values of ${parameter}, is missing`,
      where,
      advice: 'The file is incomplete: download or copy it again.',
      reason: 'storage_missing',
    });
  }
  const declared = storage.elements * itemSize(storage.dtype);
  if (size !== declared) {
    throw new CheckpointError({
      what: `storage ${storage.key}, with the values of ${parameter}, has ${size} bytes, ${size < declared ? 'shorter' : 'longer'} than declared`,
      where,
      expected: `${declared} bytes: ${storage.elements} elements of ${storage.dtype}`,
      advice: 'The file is damaged: download or copy it again.',
      reason: 'storage_size',
    });
  }
}

function checkView(where: string, parameter: string, view: TensorView): void {
  const { storage, shape } = view;
  const values = elementCount(shape);
  if (view.reach > storage.elements) {
    throw new CheckpointError({
      what: `${parameter} (${values} values) reaches beyond its storage (${storage.elements})`,
      where,
      advice: 'The file is damaged: download or copy it again.',
      reason: 'view_beyond_storage',
    });
  }
  if (values > storage.elements) {
    throw new CheckpointError({
      what: `${parameter} repeats the ${storage.elements} values of its storage to ${values}`,
      where,
      expected: 'weights that are stored in full',
      advice: 'Save the model after calling contiguous() on that tensor.',
      reason: 'view_repeats',
    });
  }
}

function checkSharing(where: string, views: ReadonlyMap<string, TensorView>): void {
  const stored = new Map<string, number>();
  let wanted = 0;
  for (const { storage, shape } of views.values()) {
    stored.set(storage.key, storage.elements * itemSize(storage.dtype));
    wanted += elementCount(shape) * itemSize(storage.dtype);
  }
  const available = [...stored.values()].reduce((sum, size) => sum + size, 0);
  if (wanted <= mostSharing * available) return;
  throw new CheckpointError({
    what: `${views.size} tensors share so few values that they would take ${Math.ceil(wanted / available)} times their memory`,
    where,
    expected: 'weights that are stored in full',
    reason: 'view_repeats',
  });
}

async function readViews(
  views: ReadonlyMap<string, TensorView>,
  storages: Storages,
  names: ReadonlySet<string> | undefined,
): Promise<StateDict> {
  const wanted = [...views].filter(([name]) => names?.has(name) ?? true);
  const byStorage = new Map<string, [string, TensorView][]>();
  for (const user of wanted) {
    const { key } = user[1].storage;
    byStorage.set(key, [...(byStorage.get(key) ?? []), user]);
  }
  const read = new Map<string, Tensor>();
  for (const [key, users] of byStorage) {
    const { dtype } = users[0][1].storage;
    const bytes = await storages.read(key, `storage ${key} (${users.map(([name]) => name).join(', ')})`);
    if (storages.bigEndian) swapBytes(bytes, itemSize(dtype));
    for (const [name, view] of users) read.set(name, materialise(view, bytes, users.length > 1));
  }
  return new Map(wanted.map(([name]) => [name, read.get(name)!]));
}

/** A view's values in row-major order: the storage itself where it is just that, else a copy. */
function materialise(view: TensorView, bytes: OwnBytes, shared: boolean): Tensor {
  const { offset, shape, strides } = view;
  const dtype: TensorDtype = view.storage.dtype;
  const storage = typedArray(dtype, bytes);
  const count = elementCount(shape);
  if (isRowMajor(shape, strides)) {
    const whole = offset === 0 && count === storage.length && !shared;
    return { dtype, shape, data: whole ? storage : storage.slice(offset, offset + count) };
  }
  const data = emptyArray(dtype, count);
  const index = new Array<number>(shape.length).fill(0);
  let from = offset;
  for (let to = 0; to < count; to++) {
    data[to] = storage[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return { dtype, shape, data };
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis];
  }
  return true;
}
