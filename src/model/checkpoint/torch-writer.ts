/** @file Writes the zip format of `torch.save`, so that `torch.load(path, weights_only=True)` reads it. */

import { crc32 } from '../../support/crc32.ts';
import { OutputError } from '../../support/errors.ts';
import { bytesOf, type StateDict, type Tensor, type TensorDtype } from '../../support/tensor.ts';

const storageNames: Readonly<Record<TensorDtype, string>> = {
  float32: 'FloatStorage',
  float64: 'DoubleStorage',
  float16: 'HalfStorage',
  bfloat16: 'BFloat16Storage',
  int64: 'LongStorage',
  int32: 'IntStorage',
  int16: 'ShortStorage',
  int8: 'CharStorage',
  uint8: 'ByteStorage',
  bool: 'BoolStorage',
};

/** torch maps storages into memory, which wants them at multiples of this. */
const alignment = 64;
/** Beyond this a zip archive needs another kind of directory. */
const largestArchive = 0xffffffff;
const text = new TextEncoder();

/**
 * Encodes a state dictionary as torch does: an `OrderedDict` of contiguous tensors, each with a storage of its own,
 * stored unpacked and aligned. The result is parts to be written one after the other; values are not copied.
 *
 * @param root the folder inside the archive; torch uses the file's name without its ending
 * @throws OutputError when the file would pass 4 GiB.
 */
export function encodeTorch(state: StateDict, root = 'archive'): Uint8Array[] {
  const tensors = [...state.values()];
  const archive = new ZipParts();
  archive.add(`${root}/data.pkl`, pickleState(state));
  archive.add(`${root}/.format_version`, text.encode('1'));
  archive.add(`${root}/.storage_alignment`, text.encode(String(alignment)));
  archive.add(`${root}/byteorder`, text.encode('little'));
  for (const [key, tensor] of tensors.entries()) archive.add(`${root}/data/${key}`, bytesOf(tensor));
  archive.add(`${root}/version`, text.encode('3\n'));
  return archive.finish();
}

/** Collects the pickle operations of protocol 2. */
class PickleWriter {
  private readonly bytes: number[] = [];

  operations(...codes: number[]): this {
    this.bytes.push(...codes);
    return this;
  }

  text(value: string): this {
    const encoded = text.encode(value);
    this.bytes.push(0x58, ...littleEndian32(encoded.length)); // BINUNICODE
    for (const byte of encoded) this.bytes.push(byte);
    return this;
  }

  global(module: string, name: string): this {
    this.bytes.push(0x63, ...text.encode(`${module}\n${name}\n`)); // GLOBAL
    return this;
  }

  integer(value: number): this {
    if (value < 0x80000000) {
      this.bytes.push(0x4a, ...littleEndian32(value)); // BININT
    } else {
      const digits = new Uint8Array(8);
      new DataView(digits.buffer).setBigInt64(0, BigInt(value), true);
      this.bytes.push(0x8a, digits.length, ...digits); // LONG1
    }
    return this;
  }

  tuple(values: readonly number[]): this {
    this.bytes.push(0x28); // MARK
    for (const value of values) this.integer(value);
    this.bytes.push(0x74); // TUPLE
    return this;
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.bytes);
  }
}

function littleEndian32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
}

function pickleState(state: StateDict): Uint8Array {
  const pickle = new PickleWriter().operations(0x80, 2); // PROTO 2
  pickle.global('collections', 'OrderedDict').operations(0x29, 0x52, 0x28); // EMPTY_TUPLE, REDUCE, MARK
  let key = 0;
  for (const [name, tensor] of state) pickleTensor(pickle.text(name), tensor, key++);
  return pickle.operations(0x75, 0x2e).finish(); // SETITEMS, STOP
}

/** `_rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, backward_hooks)` */
function pickleTensor(pickle: PickleWriter, { dtype, shape, data }: Tensor, key: number): void {
  pickle.global('torch._utils', '_rebuild_tensor_v2').operations(0x28, 0x28); // MARK, MARK
  pickle.text('storage').global('torch', storageNames[dtype]).text(String(key)).text('cpu');
  pickle.integer(data.length).operations(0x74, 0x51); // TUPLE, BINPERSID
  pickle.integer(0).tuple(shape).tuple(rowMajorStrides(shape)).operations(0x89); // NEWFALSE
  pickle.global('collections', 'OrderedDict').operations(0x29, 0x52, 0x74, 0x52); // (), REDUCE, TUPLE, REDUCE
}

function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  for (let axis = shape.length - 1, step = 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= Math.max(shape[axis], 1);
  }
  return strides;
}

/** A zip archive of stored entries, as parts. */
class ZipParts {
  private readonly parts: Uint8Array[] = [];
  private readonly directory: Uint8Array[] = [];
  private size = 0;

  add(name: string, content: Uint8Array): void {
    const encodedName = text.encode(name);
    const padding = this.paddingBefore(encodedName.length);
    const checksum = crc32(content);
    const local = header(0x04034b50, 30, encodedName, padding, checksum, content.length);
    const central = header(0x02014b50, 46, encodedName, new Uint8Array(), checksum, content.length);
    new DataView(central.buffer).setUint32(42, this.size, true);
    this.directory.push(central);
    this.push(local);
    this.push(content);
  }

  finish(): Uint8Array[] {
    const start = this.size;
    for (const entry of this.directory) this.push(entry);
    const end = new DataView(new ArrayBuffer(22));
    end.setUint32(0, 0x06054b50, true);
    end.setUint16(8, this.directory.length, true);
    end.setUint16(10, this.directory.length, true);
    end.setUint32(12, this.size - start, true);
    end.setUint32(16, start, true);
    this.push(new Uint8Array(end.buffer));
    if (this.size > largestArchive || this.directory.length > 0xfffe) {
      throw new OutputError({
        what: `the checkpoint would take ${this.size} bytes in ${this.directory.length} entries`,
        expected: 'at most 4 GiB and 65,534 entries in a .pt file',
        advice: 'Write safetensors instead.',
        reason: 'too_large',
      });
    }
    return this.parts;
  }

  /** An extra field that moves the content to an aligned place; torch fills it with Z as well. */
  private paddingBefore(nameLength: number): Uint8Array {
    const fieldHeader = 4;
    const unpadded = this.size + 30 + nameLength + fieldHeader;
    const length = (alignment - (unpadded % alignment)) % alignment;
    const field = new Uint8Array(fieldHeader + length).fill(0x5a);
    field.set([0x46, 0x42, length & 0xff, length >>> 8]); // the field's name is FB
    return field;
  }

  private push(part: Uint8Array): void {
    this.parts.push(part);
    this.size += part.length;
  }
}

/** A local header or a directory entry: they differ in six bytes and in what follows. */
function header(
  signature: number,
  fixedSize: number,
  name: Uint8Array,
  extra: Uint8Array,
  checksum: number,
  size: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(fixedSize + name.length + extra.length);
  const view = new DataView(bytes.buffer);
  const inDirectory = fixedSize === 46;
  const at = inDirectory ? 6 : 4; // a directory entry begins with the version that made it
  view.setUint32(0, signature, true);
  view.setUint16(at, 20, true); // version needed to read it
  view.setUint16(at + 2, 0x0800, true); // names are UTF-8
  view.setUint32(at + 10, checksum, true);
  view.setUint32(at + 14, size, true);
  view.setUint32(at + 18, size, true);
  view.setUint16(at + 22, name.length, true);
  view.setUint16(at + 24, extra.length, true);
  bytes.set(name, fixedSize);
  bytes.set(extra, fixedSize + name.length);
  return bytes;
}
