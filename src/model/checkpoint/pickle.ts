/**
 * @file A machine for Python's pickle language that can build data and nothing else.
 *
 * It knows the operations that tensors, dictionaries and numbers are written with. A global name never becomes
 * code: it is looked up in the caller's list, and one that is not there ends the reading.
 */

import { CheckpointError } from '../../support/errors.ts';

/** Data a pickle can hold here: lists and tuples are arrays, dictionaries maps; the rest the caller makes. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | object;

/** What a global name stands for: a value, and what calling it gives if it can be called. */
export interface PickleGlobal {
  readonly value: PickleValue;
  readonly call?: (parameters: readonly PickleValue[]) => PickleValue;
}

/** The caller's part: which names exist, and what a reference to data outside the pickle becomes. */
export interface PickleWorld {
  /** For messages: the file. */
  readonly where: string;
  /** What `module.name` stands for; undefined: it is forbidden. */
  readonly global: (module: string, name: string) => PickleGlobal | undefined;
  readonly persistent: (reference: PickleValue) => PickleValue;
}

/** A pickle that was read, and where it ended. */
export interface Unpickled {
  readonly value: PickleValue;
  /** Offset of the first byte after it. */
  readonly end: number;
}

/** A name of the allow-list while it is on the stack. */
class NamedGlobal {
  readonly name: string;
  readonly meaning: PickleGlobal;

  constructor(name: string, meaning: PickleGlobal) {
    this.name = name;
    this.meaning = meaning;
  }
}

/** Newest pickle protocol whose framing is known. */
const newestProtocol = 5;

/**
 * Reads one pickle.
 *
 * @throws CheckpointError with reason `forbidden_global` for a name outside the list, `truncated` at an early end,
 * `pickle` for anything else that is wrong.
 */
export function unpickle(bytes: Uint8Array, start: number, world: PickleWorld): Unpickled {
  return new PickleMachine(bytes, start, world).run();
}

class PickleMachine {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly world: PickleWorld;
  private at: number;
  private stack: PickleValue[] = [];
  private readonly marked: PickleValue[][] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(bytes: Uint8Array, start: number, world: PickleWorld) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.world = world;
    this.at = start;
  }

  run(): Unpickled {
    for (;;) {
      const code = this.uint8();
      if (code === stop) return { value: this.pop(), end: this.at };
      const operation = operations.get(code);
      if (operation === undefined) {
        const name = code.toString(16).padStart(2, '0');
        throw this.error(`byte ${this.at - 1} is an operation (0x${name}) that no tensor is written with`);
      }
      operation(this);
    }
  }

  error(what: string): CheckpointError {
    return new CheckpointError({
      what: `the pickle cannot be read: ${what}`,
      where: this.world.where,
      expected: 'a dictionary of tensors written by torch.save',
      reason: 'pickle',
    });
  }

  /** Moves past `length` bytes and returns where they began. */
  private take(length: number): number {
    const begin = this.at;
    if (length > this.bytes.length - begin) {
      throw new CheckpointError({
        what: 'the pickle ends early',
        where: this.world.where,
        advice: 'The file is incomplete: download or copy it again.',
        reason: 'truncated',
      });
    }
    this.at += length;
    return begin;
  }

  uint8(): number {
    return this.bytes[this.take(1)];
  }

  uint16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  int32(): number {
    return this.view.getInt32(this.take(4), true);
  }

  uint32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  uint64(): number {
    return Number(this.view.getBigUint64(this.take(8), true));
  }

  /** Floats are the one number that pickle writes big-endian. */
  float64(): number {
    return this.view.getFloat64(this.take(8));
  }

  raw(length: number): Uint8Array {
    const begin = this.take(length);
    return this.bytes.subarray(begin, begin + length);
  }

  text(length: number): string {
    return new TextDecoder().decode(this.raw(length));
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) this.take(this.bytes.length);
    const text = this.text(end - this.at);
    this.at = end + 1;
    return text;
  }

  /** A whole number of any length, two's complement, little-endian. */
  longInteger(length: number): number | bigint {
    let value = 0n;
    const digits = this.raw(length);
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(digits[i]);
    if (length > 0 && digits[length - 1] >= 0x80) value -= 1n << BigInt(8 * length);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined) throw this.error('it takes a value that was never put');
    return value;
  }

  top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined) throw this.error('it looks at a value that was never put');
    return value;
  }

  mark(): void {
    this.marked.push(this.stack);
    this.stack = [];
  }

  /** The values since the last mark. */
  sinceMark(): PickleValue[] {
    const values = this.stack;
    const before = this.marked.pop();
    if (before === undefined) throw this.error('it closes a group that was never opened');
    this.stack = before;
    return values;
  }

  popMany(count: number): PickleValue[] {
    if (this.stack.length < count) throw this.error('it takes values that were never put');
    return this.stack.splice(this.stack.length - count);
  }

  remember(key: number): void {
    this.memo.set(key, this.top());
  }

  rememberNext(): void {
    this.remember(this.memo.size);
  }

  recall(key: number): void {
    const value = this.memo.get(key);
    if (value === undefined) throw this.error(`it asks for value ${key}, which was never kept`);
    this.push(value);
  }

  append(values: readonly PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.error('it appends to something that is no list');
    for (const value of values) list.push(value);
  }

  setItems(pairs: readonly PickleValue[]): void {
    const dictionary = this.top();
    if (!(dictionary instanceof Map)) throw this.error('it sets a key of something that is no dictionary');
    if (pairs.length % 2 !== 0) throw this.error('a key has no value');
    for (let i = 0; i < pairs.length; i += 2) dictionary.set(pairs[i], pairs[i + 1]);
  }

  pushGlobal(module: PickleValue, name: PickleValue): void {
    if (typeof module !== 'string' || typeof name !== 'string') throw this.error('a global has no name');
    const meaning = this.world.global(module, name);
    if (meaning === undefined) {
      throw new CheckpointError({
        what: `the file asks for ${module}.${name}, which a checkpoint has no use for; nothing was executed`,
        where: this.world.where,
        expected: 'tensors and plain data only',
        advice:
          'Such a file can be an attack. Ask where it comes from, and never open it with pickle or torch.',
        reason: 'forbidden_global',
      });
    }
    this.push(new NamedGlobal(`${module}.${name}`, meaning));
  }

  /** Calls a name of the list with a tuple of parameters. */
  reduce(): void {
    const parameters = this.pop();
    const callee = this.pop();
    if (!(callee instanceof NamedGlobal) || callee.meaning.call === undefined) {
      throw this.error('it calls something that cannot be called');
    }
    if (!Array.isArray(parameters)) throw this.error(`${callee.name} is called without parameters`);
    this.push(callee.meaning.call(parameters.map(meaningOf)));
  }

  /** Attributes of a dictionary (`_metadata` of a state dictionary) are passed over; nothing else has any. */
  build(): void {
    this.pop();
    if (!(this.top() instanceof Map))
      throw this.error('it sets attributes of something that is no dictionary');
  }

  persistent(): void {
    const reference = this.pop();
    this.push(this.world.persistent(Array.isArray(reference) ? reference.map(meaningOf) : reference));
  }

  checkProtocol(): void {
    const protocol = this.uint8();
    if (protocol > newestProtocol)
      throw this.error(`its protocol ${protocol} is newer than ${newestProtocol}`);
  }
}

function meaningOf(value: PickleValue): PickleValue {
  return value instanceof NamedGlobal ? value.meaning.value : value;
}

const stop = 0x2e;

/** What each operation does. Those that tensors and plain data are not written with are left out on purpose. */
const operations: ReadonlyMap<number, (machine: PickleMachine) => void> = new Map([
  [0x80, (m: PickleMachine) => m.checkProtocol()], // PROTO
  [0x95, (m) => void m.uint64()], // FRAME: a hint for readers that buffer
  [0x28, (m) => m.mark()], // MARK
  [0x4e, (m) => m.push(null)], // NONE
  [0x88, (m) => m.push(true)], // NEWTRUE
  [0x89, (m) => m.push(false)], // NEWFALSE
  [0x4b, (m) => m.push(m.uint8())], // BININT1
  [0x4d, (m) => m.push(m.uint16())], // BININT2
  [0x4a, (m) => m.push(m.int32())], // BININT
  [0x8a, (m) => m.push(m.longInteger(m.uint8()))], // LONG1
  [0x47, (m) => m.push(m.float64())], // BINFLOAT
  [0x8c, (m) => m.push(m.text(m.uint8()))], // SHORT_BINUNICODE
  [0x58, (m) => m.push(m.text(m.uint32()))], // BINUNICODE
  [0x55, (m) => m.push(m.text(m.uint8()))], // SHORT_BINSTRING, of Python 2
  [0x54, (m) => m.push(m.text(m.uint32()))], // BINSTRING, of Python 2
  [0x43, (m) => m.push(m.raw(m.uint8()))], // SHORT_BINBYTES
  [0x42, (m) => m.push(m.raw(m.uint32()))], // BINBYTES
  [0x29, (m) => m.push([])], // EMPTY_TUPLE
  [0x85, (m) => m.push(m.popMany(1))], // TUPLE1
  [0x86, (m) => m.push(m.popMany(2))], // TUPLE2
  [0x87, (m) => m.push(m.popMany(3))], // TUPLE3
  [0x74, (m) => m.push(m.sinceMark())], // TUPLE
  [0x5d, (m) => m.push([])], // EMPTY_LIST
  [0x61, (m) => m.append([m.pop()])], // APPEND
  [0x65, (m) => m.append(m.sinceMark())], // APPENDS
  [0x7d, (m) => m.push(new Map())], // EMPTY_DICT
  [0x73, (m) => m.setItems(m.popMany(2))], // SETITEM
  [0x75, (m) => m.setItems(m.sinceMark())], // SETITEMS
  [0x71, (m) => m.remember(m.uint8())], // BINPUT
  [0x72, (m) => m.remember(m.uint32())], // LONG_BINPUT
  [0x94, (m) => m.rememberNext()], // MEMOIZE
  [0x68, (m) => m.recall(m.uint8())], // BINGET
  [0x6a, (m) => m.recall(m.uint32())], // LONG_BINGET
  [0x63, (m) => m.pushGlobal(m.line(), m.line())], // GLOBAL
  [0x93, (m) => stackGlobal(m)], // STACK_GLOBAL
  [0x52, (m) => m.reduce()], // REDUCE
  [0x62, (m) => m.build()], // BUILD
  [0x51, (m) => m.persistent()], // BINPERSID
]);

function stackGlobal(machine: PickleMachine): void {
  const [module, name] = machine.popMany(2);
  machine.pushGlobal(module, name);
}
