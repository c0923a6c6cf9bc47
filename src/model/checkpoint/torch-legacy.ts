/** @file The format of `torch.save` before zip: five pickles in a row, then the storages. */

import { CheckpointError } from '../../support/errors.ts';
import { type ByteSource, readRange } from './byte-source.ts';
import type { Checkpoint } from './checkpoint.ts';
import { itemSize } from './element-types.ts';
import { type PickleValue, unpickle } from './pickle.ts';
import { inTorchWorld, StorageReference } from './torch-pickle.ts';
import { torchCheckpoint } from './torch-state.ts';

const magicNumber = 0x1950a86a20f9469cfc6cn;
const protocolVersion = 1001;
const firstWindow = 1 << 20;
const countSize = 8;

interface LegacyHeader {
  readonly bigEndian: boolean;
  readonly root: PickleValue;
  /** Storages in the order in which they follow. */
  readonly keys: readonly string[];
  /** Where the first one begins. */
  readonly end: number;
  readonly storages: ReadonlyMap<string, StorageReference>;
}

/**
 * Opens a checkpoint of the legacy format: reads its pickles, no values.
 *
 * @throws CheckpointError when it is incomplete, hostile, or no checkpoint.
 */
export async function openTorchLegacy(source: ByteSource): Promise<Checkpoint> {
  const header = await readHeader(source);
  const ranges = new Map<string, { offset: number; size: number }>();
  let at = header.end;
  for (const key of header.keys) {
    const storage = header.storages.get(key);
    if (storage === undefined) throw malformed(source, `storage ${key} belongs to no tensor`);
    const what = `storage ${key}`;
    const count = new DataView((await readRange(source, at, countSize, what)).buffer);
    const elements = Number(count.getBigInt64(0, !header.bigEndian));
    const size = elements * itemSize(storage.dtype);
    if (elements < 0 || at + countSize + size > source.size) {
      throw new CheckpointError({
        what: `the storage data end early, inside ${what}`,
        where: source.name,
        expected: `${size} bytes from byte ${at + countSize}, in a file of ${source.size} bytes`,
        advice: 'The file is incomplete: download or copy it again.',
        reason: 'truncated',
      });
    }
    ranges.set(key, { offset: at + countSize, size });
    at += countSize + size;
  }
  return torchCheckpoint(source.name, 'torch legacy', header.root, {
    bigEndian: header.bigEndian,
    size: (key) => ranges.get(key)?.size,
    read: (key, what) => readRange(source, ranges.get(key)!.offset, ranges.get(key)!.size, what),
  });
}

/** Reads the pickles from a window at the file's start, which is doubled until they fit. */
async function readHeader(source: ByteSource): Promise<LegacyHeader> {
  for (let window = firstWindow; ; window *= 2) {
    const bytes = await source.read(0, Math.min(window, source.size));
    try {
      return parseHeader(source, bytes);
    } catch (error) {
      const tooShort = error instanceof CheckpointError && error.reason === 'truncated';
      if (!tooShort || window >= source.size) throw error;
    }
  }
}

function parseHeader(source: ByteSource, bytes: Uint8Array): LegacyHeader {
  const storages = new Map<string, StorageReference>();
  let end = 0;
  const next = (): PickleValue =>
    inTorchWorld(source.name, (world) => {
      const persistent = (reference: PickleValue): PickleValue => {
        const storage = world.persistent(reference);
        if (storage instanceof StorageReference) storages.set(storage.key, storage);
        return storage;
      };
      const result = unpickle(bytes, end, { ...world, persistent });
      end = result.end;
      return result.value;
    });
  if (next() !== magicNumber) {
    throw malformed(source, 'this pickle was not written by torch.save');
  }
  if (next() !== protocolVersion) throw malformed(source, `its format is not version ${protocolVersion}`);
  const system = next();
  const root = next();
  const keys = next();
  if (!(system instanceof Map) || !isKeys(keys)) {
    throw malformed(source, 'its list of storages is missing');
  }
  return { bigEndian: system.get('little_endian') === false, root, keys, end, storages };
}

function isKeys(value: PickleValue): value is string[] {
  return Array.isArray(value) && value.every((key) => typeof key === 'string');
}

function malformed(source: ByteSource, what: string): CheckpointError {
  return new CheckpointError({
    what,
    where: source.name,
    expected: 'a checkpoint written by torch.save(model.state_dict(), path)',
    reason: 'not_a_checkpoint',
  });
}
