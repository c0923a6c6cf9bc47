/** @file Archives as other tools and machines write them: deflated, zip64, big-endian; and those that lie. */

import { readFileSync } from 'node:fs';
import { deflateSync, unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/model/checkpoint/byte-source.ts';
import { openCheckpoint } from '../../../../src/model/checkpoint/open.ts';
import { encodeTorch } from '../../../../src/model/checkpoint/torch-writer.ts';
import type { StateDict } from '../../../../src/support/tensor.ts';
import { fixturePath } from '../fixture.ts';
import { bits } from './arbitrary.ts';

const official = new Uint8Array(readFileSync(fixturePath('checkpoints/good/official.pt')));
const read = async (bytes: Uint8Array): Promise<StateDict> =>
  (await openCheckpoint(bytesSource(bytes, 'archive.pt'))).read();

const small: StateDict = new Map([
  ['encoder.embedding.weight', { dtype: 'float32', shape: [2, 2], data: new Float32Array([1, -2, 3.5, 0]) }],
  ['steps', { dtype: 'int64', shape: [], data: new BigInt64Array([258n]) }],
  ['half', { dtype: 'float16', shape: [1], data: new Uint16Array([0x3c00]) }],
  ['flag', { dtype: 'bool', shape: [2], data: new Uint8Array([1, 0]) }],
]);
const smallFile = new Uint8Array(Buffer.concat(encodeTorch(small)));

describe('archives', () => {
  it('are read when someone packed them again, deflated', async () => {
    const packed = zipSync(unzipSync(official), { level: 6 });
    expect(packed.length).toBeLessThan(official.length);
    expect(bits(await read(packed))).toEqual(bits(await read(official)));
  });

  it('are read when a big-endian machine wrote them', async () => {
    const files = unzipSync(smallFile);
    const sizes = [4, 8, 2, 1];
    for (const [key, size] of sizes.entries()) {
      const bytes = files[`archive/data/${key}`];
      for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
    }
    files['archive/byteorder'] = new TextEncoder().encode('big');
    expect(bits(await read(zipSync(files, { level: 0 })))).toEqual(bits(small));
  });

  it('are read with the directory of archives beyond 4 GiB', async () => {
    const end = smallFile.length - 22;
    const view = new DataView(smallFile.buffer, smallFile.byteOffset);
    const record = new DataView(new ArrayBuffer(56 + 20));
    record.setUint32(0, 0x06064b50, true);
    record.setBigUint64(4, 44n, true);
    record.setBigUint64(24, BigInt(view.getUint16(end + 10, true)), true);
    record.setBigUint64(32, BigInt(view.getUint16(end + 10, true)), true);
    record.setBigUint64(40, BigInt(view.getUint32(end + 12, true)), true);
    record.setBigUint64(48, BigInt(view.getUint32(end + 16, true)), true);
    record.setUint32(56, 0x07064b50, true);
    record.setBigUint64(64, BigInt(end), true);
    const tail = smallFile.slice(end);
    tail.fill(0xff, 8, 20);
    const bytes = Buffer.concat([smallFile.subarray(0, end), new Uint8Array(record.buffer), tail]);
    expect(bits(await read(new Uint8Array(bytes)))).toEqual(bits(small));
  });

  it('are refused when an entry unpacks to another size than it declares', async () => {
    const bomb = deflateSync(new Uint8Array(1 << 20));
    const files = unzipSync(smallFile);
    const packed = zipSync({ ...files, 'archive/data/0': [new Uint8Array(16), { level: 6 }] }, { level: 0 });
    const at = Buffer.from(packed).indexOf('archive/data/0') + 'archive/data/0'.length;
    packed.set(bomb.subarray(0, 10), at);
    await expect(read(packed)).rejects.toThrow(/storage 0 .*(cannot be unpacked|does not match)/);
  });

  it('are refused when they are programs or other archives', async () => {
    const files = unzipSync(smallFile);
    await expect(read(zipSync({ ...files, 'archive/constants.pkl': new Uint8Array(1) }))).rejects.toThrow(
      /TorchScript/,
    );
    await expect(read(zipSync({ 'readme.txt': new Uint8Array(3) }))).rejects.toThrow(/no torch checkpoint/);
  });
});
