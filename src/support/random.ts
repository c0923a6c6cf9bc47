/**
 * @file Random numbers keyed by what they are for, never by when they are drawn.
 *
 * A stream is opened from a seed and a key (a purpose and, say, a cell's content hash); the same key gives the
 * same draws whatever else was drawn before. Streams are xoshiro128** (Blackman & Vigna 2021), seeded through
 * MurmurHash3's finaliser over the key's 128-bit hash.
 */

/** One key part. Strings are hashed by UTF-16 code unit, numbers by their float64 bits. */
export type KeyPart = string | number;

const scratch = new DataView(new ArrayBuffer(8));

/** MurmurHash3's 32-bit finaliser: every input bit reaches every output bit. */
function avalanche(x: number): number {
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Accumulates words into four 32-bit lanes; order matters. */
export class KeyHash {
  private a = 0x9e3779b9;
  private b = 0x243f6a88;
  private c = 0xb7e15162;
  private d = 0x3c6ef372;

  word(value: number): this {
    this.a = avalanche(Math.imul(this.a ^ value, 0xcc9e2d51) + 0x1b873593);
    this.b = avalanche(Math.imul(this.b + this.a, 0x85ebca77) ^ value);
    this.c = avalanche(Math.imul(this.c ^ this.b, 0xc2b2ae3d) + value);
    this.d = avalanche(Math.imul(this.d + this.c, 0x27d4eb2f) ^ this.a);
    return this;
  }

  number(value: number): this {
    scratch.setFloat64(0, value);
    return this.word(scratch.getUint32(0)).word(scratch.getUint32(4));
  }

  text(value: string): this {
    this.word(value.length);
    for (let i = 0; i < value.length; i++) this.word(value.charCodeAt(i));
    return this;
  }

  part(value: KeyPart): this {
    return typeof value === 'string' ? this.word(1).text(value) : this.word(2).number(value);
  }

  /** The four lanes as unsigned words. */
  lanes(): readonly [number, number, number, number] {
    return [this.a >>> 0, this.b >>> 0, this.c >>> 0, this.d >>> 0];
  }

  /** The four lanes as 32 hexadecimal digits. */
  hexadecimal(): string {
    return this.lanes()
      .map((lane) => lane.toString(16).padStart(8, '0'))
      .join('');
  }
}

/** A stream of random numbers. Make one with {@link randomStream}. */
export class Random {
  private s0: number;
  private s1: number;
  private s2: number;
  private s3: number;
  private spare: number | undefined;

  constructor(lanes: readonly [number, number, number, number]) {
    [this.s0, this.s1, this.s2, this.s3] = lanes;
    if ((this.s0 | this.s1 | this.s2 | this.s3) === 0) this.s0 = 1;
  }

  /** Uniform over 0 .. 2^32 - 1. */
  uint32(): number {
    const x = Math.imul(this.s1, 5);
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
    const t = this.s1 << 9;
    this.s2 ^= this.s0;
    this.s3 ^= this.s1;
    this.s1 ^= this.s2;
    this.s0 ^= this.s3;
    this.s2 ^= t;
    this.s3 = (this.s3 << 11) | (this.s3 >>> 21);
    return result;
  }

  /** Uniform over [0, 1) with 53 random bits. */
  uniform(): number {
    return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
  }

  /** Uniform over 0 .. bound - 1 without modulo bias (Lemire 2019, by rejection). `bound` is at most 2^32. */
  integer(bound: number): number {
    const limit = 4294967296 - (4294967296 % bound);
    let x = this.uint32();
    while (x >= limit) x = this.uint32();
    return x % bound;
  }

  /** Standard normal, by Marsaglia's polar method. */
  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare;
      this.spare = undefined;
      return value;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) {
        const scale = Math.sqrt((-2 * Math.log(s)) / s);
        this.spare = v * scale;
        return u * scale;
      }
    }
  }

  /** Shuffles in place (Fisher-Yates) and returns its argument. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = items[i];
      items[i] = items[j];
      items[j] = held;
    }
    return items;
  }

  /** `count` distinct integers of 0 .. population - 1, ascending: every subset is equally likely (Vitter's method A). */
  sample(population: number, count: number): Int32Array {
    const chosen = new Int32Array(count);
    let taken = 0;
    for (let i = 0; taken < count; i++) {
      if (this.uniform() * (population - i) < count - taken) chosen[taken++] = i;
    }
    return chosen;
  }
}

/**
 * Opens the stream of a key: the same seed and key always give the same numbers.
 *
 * @param seed the user's seed, any finite number
 * @param key what the numbers are for, such as `'binning'` and a cell's content hash
 */
export function randomStream(seed: number, ...key: KeyPart[]): Random {
  const hash = new KeyHash().number(seed);
  for (const part of key) hash.part(part);
  return new Random(hash.lanes());
}
