/** @file What a torch pickle is made of: the allow-list of names, and tensors as views into storages. */

import { CheckpointError } from '../../support/errors.ts';
import { elementCount, type TensorDtype } from '../../support/tensor.ts';
import type { PickleGlobal, PickleValue, PickleWorld } from './pickle.ts';

/** A block of numbers beside the pickle, named by its key. */
export class StorageReference {
  readonly key: string;
  readonly dtype: TensorDtype;
  /** Elements the pickle says it has. */
  readonly elements: number;

  constructor(key: string, dtype: TensorDtype, elements: number) {
    this.key = key;
    this.dtype = dtype;
    this.elements = elements;
  }
}

/** A tensor as the pickle describes it: a window onto a storage, in elements. */
export class TensorView {
  readonly storage: StorageReference;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(
    storage: StorageReference,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
  ) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }

  /** Elements of the storage from its start to the last one this view reaches. */
  get reach(): number {
    if (elementCount(this.shape) === 0) return 0;
    return this.shape.reduce((reach, size, axis) => reach + (size - 1) * this.strides[axis], this.offset + 1);
  }
}

/** Names that have no use beside being there: types of numbers, devices, layouts in a training checkpoint. */
class InertGlobal {}

const storageTypes: Readonly<Record<string, TensorDtype>> = {
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
};

class StorageType {
  readonly dtype: TensorDtype;

  constructor(dtype: TensorDtype) {
    this.dtype = dtype;
  }
}

const dtypeNames =
  'float32 float64 float16 bfloat16 int64 int32 int16 int8 uint8 bool float double half long int short'.split(
    ' ',
  );

/** The names a checkpoint may use, and what they mean. Everything else is refused. */
const globals: ReadonlyMap<string, PickleGlobal> = new Map<string, PickleGlobal>([
  ['collections.OrderedDict', { value: new InertGlobal(), call: ([pairs]) => orderedDict(pairs) }],
  ['torch._utils._rebuild_tensor', { value: new InertGlobal(), call: rebuildTensor }],
  ['torch._utils._rebuild_tensor_v2', { value: new InertGlobal(), call: rebuildTensor }],
  ['torch._utils._rebuild_parameter', { value: new InertGlobal(), call: ([tensor]) => tensor ?? null }],
  ['torch.Size', { value: new InertGlobal(), call: ([sizes]) => sizes ?? [] }],
  ['torch.device', { value: new InertGlobal(), call: () => new InertGlobal() }],
  ...Object.entries(storageTypes).map(([name, dtype]): [string, PickleGlobal] => [
    `torch.${name}`,
    { value: new StorageType(dtype) },
  ]),
  ...dtypeNames.map((name): [string, PickleGlobal] => [`torch.${name}`, { value: new InertGlobal() }]),
]);

/** A description that makes no sense; {@link inTorchWorld} adds whose it is. */
class MalformedTensor extends Error {}

function orderedDict(pairs: PickleValue | undefined): Map<PickleValue, PickleValue> {
  if (pairs === undefined) return new Map();
  if (!Array.isArray(pairs) || !pairs.every((pair) => Array.isArray(pair) && pair.length === 2)) {
    throw new MalformedTensor('an OrderedDict is not made of pairs');
  }
  return new Map(pairs as [PickleValue, PickleValue][]);
}

function rebuildTensor([storage, offset, shape, strides]: readonly PickleValue[]): TensorView {
  const fits =
    storage instanceof StorageReference &&
    isSize(offset) &&
    Array.isArray(shape) &&
    Array.isArray(strides) &&
    shape.length === strides.length &&
    shape.every(isSize) &&
    strides.every(isSize);
  if (!fits) throw new MalformedTensor('a tensor is not described by storage, offset, sizes and strides');
  return new TensorView(storage, offset, [...shape], [...strides]);
}

function isSize(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function storageReference(reference: PickleValue): StorageReference {
  // ('storage', type, key, location, elements[, view]): the location, such as cuda:0, is where it was.
  if (!Array.isArray(reference) || reference[0] !== 'storage') {
    throw new MalformedTensor('it refers to something outside that is no storage');
  }
  const [, type, key, , elements, view] = reference;
  if (!(type instanceof StorageType) || typeof key !== 'string' || !isSize(elements)) {
    throw new MalformedTensor('a storage has no type, key or size');
  }
  if (view !== undefined && view !== null) {
    throw new MalformedTensor('a storage is a view of another, as only torch 0.3 and older wrote');
  }
  return new StorageReference(key, type.dtype, elements);
}

/** Runs a reader of torch pickles with the allow-list, giving malformed tensors the file's name. */
export function inTorchWorld<T>(where: string, run: (world: PickleWorld) => T): T {
  try {
    return run({
      where,
      global: (module, name) => globals.get(`${module}.${name}`),
      persistent: storageReference,
    });
  } catch (cause) {
    if (!(cause instanceof MalformedTensor)) throw cause;
    throw new CheckpointError({
      what: `the pickle cannot be read: ${cause.message}`,
      where,
      expected: 'a dictionary of tensors written by torch.save',
      reason: 'pickle',
    });
  }
}
