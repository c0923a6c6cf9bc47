/** @file The zip format of `torch.save`: one pickle, one entry per storage. */

import { CheckpointError } from '../../support/errors.ts';
import type { ByteSource } from './byte-source.ts';
import type { Checkpoint } from './checkpoint.ts';
import { unpickle } from './pickle.ts';
import { inTorchWorld } from './torch-pickle.ts';
import { torchCheckpoint } from './torch-state.ts';
import { type ZipEntry, ZipReader } from './zip-reader.ts';

/** The pickle of a state dictionary is some hundred bytes a tensor; more than this is no model's. */
const largestPickle = 1 << 26;

/**
 * Opens a zip checkpoint: reads its directory and its pickle, no values.
 *
 * @throws CheckpointError when it is incomplete, hostile, or no checkpoint.
 */
export async function openTorchZip(source: ByteSource): Promise<Checkpoint> {
  const zip = await ZipReader.open(source);
  const pickleEntry = findPickle(source, zip);
  const folder = pickleEntry.name.slice(0, -'data.pkl'.length);
  const pickle = await zip.read(pickleEntry, pickleEntry.name);
  const { value } = inTorchWorld(source.name, (world) => unpickle(pickle, 0, world));
  const entryOf = (key: string): ZipEntry | undefined => zip.entries.get(`${folder}data/${key}`);
  return torchCheckpoint(source.name, 'torch zip', value, {
    bigEndian: await isBigEndian(source, zip, zip.entries.get(`${folder}byteorder`)),
    size: (key) => entryOf(key)?.size,
    read: (key, what) => zip.read(entryOf(key)!, what),
  });
}

function findPickle(source: ByteSource, zip: ZipReader): ZipEntry {
  const pickles = [...zip.entries.values()].filter(({ name }) => /^[^/]*\/data\.pkl$/.test(name));
  const script = [...zip.entries.keys()].some((name) => /^[^/]*\/constants\.pkl$/.test(name));
  if (pickles.length !== 1 || script || pickles[0].size > largestPickle) {
    throw new CheckpointError({
      what: script ? 'this is a TorchScript program' : 'this zip archive is no torch checkpoint',
      where: source.name,
      expected: 'the archive that torch.save(model.state_dict(), path) writes, with one data.pkl',
      advice: script ? 'Save the state_dict() of the model instead.' : undefined,
      reason: 'not_a_checkpoint',
    });
  }
  return pickles[0];
}

async function isBigEndian(
  source: ByteSource,
  zip: ZipReader,
  entry: ZipEntry | undefined,
): Promise<boolean> {
  if (entry === undefined) return false; // torch 1 wrote no record and knew little-endian machines only
  const order = entry.size > 16 ? '' : new TextDecoder().decode(await zip.read(entry, entry.name)).trim();
  if (order === 'little' || order === 'big') return order === 'big';
  throw new CheckpointError({
    what: `its byte order is '${order}'`,
    where: source.name,
    expected: 'little or big',
    reason: 'byte_order',
  });
}
