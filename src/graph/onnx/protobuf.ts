/** @file Writes protobuf messages as a list of parts, so that large fields (weights) are never copied. */

const utf8 = new TextEncoder();

/** LEB128 of a non-negative integer, or of a negative one in 64-bit two's complement. */
function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Uint8Array.from(bytes);
}

const varintType = 0;
const lengthDelimitedType = 2;
const FIXED_32 = 5;
const FIXED_64 = 1;

/** A message under construction. Fields are written in the order of the calls; every method returns the message. */
export class Message {
  private readonly fields: Uint8Array[] = [];
  private bytesWritten = 0;

  /** The encoded bytes, in order. Concatenated or written one after another they are the message. */
  get parts(): readonly Uint8Array[] {
    return this.fields;
  }

  get byteLength(): number {
    return this.bytesWritten;
  }

  integer(field: number, value: number | bigint): this {
    return this.tag(field, varintType).append(varint(value));
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.tag(field, FIXED_32).append(bytes);
  }

  double(field: number, value: number): this {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    return this.tag(field, FIXED_64).append(bytes);
  }

  text(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value));
  }

  /** A bytes field. `value` is kept by reference and must not change before the message is written out. */
  bytes(field: number, value: Uint8Array): this {
    return this.tag(field, lengthDelimitedType).append(varint(value.byteLength)).append(value);
  }

  /** A repeated integer field in packed form. */
  integers(field: number, values: readonly (number | bigint)[]): this {
    return this.message(
      field,
      values.reduce((packed: Message, value) => packed.append(varint(value)), new Message()),
    );
  }

  message(field: number, child: Message): this {
    this.tag(field, lengthDelimitedType).append(varint(child.byteLength));
    for (const part of child.fields) this.append(part);
    return this;
  }

  private tag(field: number, wireType: number): this {
    return this.append(varint(field * 8 + wireType));
  }

  private append(bytes: Uint8Array): this {
    this.fields.push(bytes);
    this.bytesWritten += bytes.byteLength;
    return this;
  }
}

/** Copies parts into one array: needed where an API takes a whole file. */
export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.byteLength;
  }
  return whole;
}
