/** @file The vocabulary: which token, a gene or a special one, has which row of the embedding table. */

import { compareCodePoints } from '../support/code-points.ts';
import { CheckpointError, InputError } from '../support/errors.ts';
import { KeyHash } from '../support/random.ts';

/** The tokens that are no genes: padding, the cell's own token, end of cell. */
export const specialTokens = { pad: '<pad>', cls: '<cls>', eoc: '<eoc>' } as const;

/** Where the special tokens of a new vocabulary go; published ones have them last. */
export type SpecialsPlace = 'first' | 'last';

/**
 * Tokens and their ids, 0 .. size - 1 without gaps. Immutable.
 *
 * Ids differ between published models, so special tokens are found by name, never by number.
 */
export class Vocabulary {
  /** Tokens in the order of their ids. */
  readonly tokens: readonly string[];
  /** Where it was read, for messages. */
  readonly source: string;
  private readonly ids: ReadonlyMap<string, number>;
  private contentHash: string | undefined;

  private constructor(tokens: readonly string[], ids: ReadonlyMap<string, number>, source: string) {
    this.tokens = tokens;
    this.ids = ids;
    this.source = source;
  }

  /**
   * A vocabulary whose ids are the positions in a list.
   *
   * @throws InputError when a token comes twice.
   */
  static fromTokens(tokens: readonly string[], source = 'vocabulary'): Vocabulary {
    const ids = new Map<string, number>();
    for (let id = 0; id < tokens.length; id++) ids.set(tokens[id], id);
    if (ids.size < tokens.length) {
      const twice = tokens.find((token, id) => ids.get(token) !== id);
      throw new InputError({
        what: `the token '${twice}' comes more than once`,
        where: source,
        expected: 'every token once',
        reason: 'token_twice',
      });
    }
    return new Vocabulary([...tokens], ids, source);
  }

  /**
   * A vocabulary from the content of a `vocab.json`: an object of token to id, in any order.
   *
   * @throws CheckpointError when it is no such object, or ids repeat, leave a gap or are no whole numbers.
   */
  static fromJson(content: unknown, source = 'vocab.json'): Vocabulary {
    if (content === null || typeof content !== 'object' || Array.isArray(content)) {
      throw new CheckpointError({
        what: 'this is no vocabulary',
        where: source,
        expected: 'a JSON object of token to id, such as {"A1BG": 0, "<pad>": 1}',
        reason: 'vocabulary_shape',
      });
    }
    const entries = Object.entries(content as Record<string, unknown>);
    const tokens = new Array<string>(entries.length);
    const ids = new Map<string, number>();
    for (const [token, id] of entries) {
      if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= entries.length) {
        throw new CheckpointError({
          what: `the token '${token}' has the id ${JSON.stringify(id)}`,
          where: source,
          expected: `each id 0 .. ${entries.length - 1} once, for ${entries.length} tokens`,
          advice: 'Ids are rows of the embedding table: take the vocab.json that came with the weights.',
          reason: 'vocabulary_id',
        });
      }
      if (tokens[id] !== undefined) {
        throw new CheckpointError({
          what: `the tokens '${tokens[id]}' and '${token}' share the id ${id}`,
          where: source,
          expected: 'each id once',
          advice: 'Take the vocab.json that came with the weights.',
          reason: 'vocabulary_id_twice',
        });
      }
      tokens[id] = token;
      ids.set(token, id);
    }
    return new Vocabulary(tokens, ids, source);
  }

  /**
   * A new vocabulary for a corpus: tokens by falling frequency, then by code point, with the special tokens
   * before or after them in the order pad, cls, eoc.
   *
   * @param occurrences genes as they occur in the corpus, repeated or not
   * @param place published vocabularies have the special tokens last
   */
  static forGenes(occurrences: Iterable<string>, place: SpecialsPlace = 'last'): Vocabulary {
    const specials: string[] = Object.values(specialTokens);
    const counts = new Map<string, number>();
    for (const token of occurrences) counts.set(token, (counts.get(token) ?? 0) + 1);
    for (const special of specials) counts.delete(special);
    const genes = [...counts.keys()].sort(
      (a, b) => counts.get(b)! - counts.get(a)! || compareCodePoints(a, b),
    );
    return Vocabulary.fromTokens(place === 'first' ? [...specials, ...genes] : [...genes, ...specials]);
  }

  /** The number of tokens: the rows of the embedding table. */
  get size(): number {
    return this.tokens.length;
  }

  /** The id of a token, or undefined when there is none. */
  id(token: string): number | undefined {
    return this.ids.get(token);
  }

  /**
   * The ids of tokens by the reference's rule: a token that is missing gets the id of `<pad>`, which hides it
   * from the model without a word. Ask {@link Vocabulary.id} where a missing gene must be noticed.
   *
   * @throws InputError when a token is missing and there is no `<pad>`.
   */
  idsOrPad(tokens: readonly string[]): Int32Array {
    const pad = this.ids.get(specialTokens.pad);
    return Int32Array.from(tokens, (token) => {
      const id = this.ids.get(token) ?? pad;
      if (id !== undefined) return id;
      throw new InputError({
        what: `the token '${token}' is not in the vocabulary`,
        where: this.source,
        reason: 'token_missing',
      });
    });
  }

  /** The id of `<pad>`. @throws CheckpointError when there is none. */
  get pad(): number {
    return this.special('pad');
  }

  /** The id of `<cls>`, the token that gathers the cell's embedding. @throws CheckpointError when there is none. */
  get cls(): number {
    return this.special('cls');
  }

  /** The id of `<eoc>`. @throws CheckpointError when there is none. */
  get eoc(): number {
    return this.special('eoc');
  }

  /** The same vocabulary with the tokens it lacks appended; tokens it has keep their ids. */
  with(tokens: Iterable<string>): Vocabulary {
    const added = [...new Set(tokens)].filter((token) => !this.ids.has(token));
    return Vocabulary.fromTokens([...this.tokens, ...added], this.source);
  }

  /** Names the content: 32 hexadecimal digits over tokens and ids, the same on every machine. */
  get hash(): string {
    if (this.contentHash === undefined) {
      const hash = new KeyHash().word(this.size);
      for (const token of this.tokens) hash.text(token);
      this.contentHash = hash.hexadecimal();
    }
    return this.contentHash;
  }

  /** The content of a `vocab.json`, tokens in the order of their ids. */
  toJSON(): Record<string, number> {
    return Object.fromEntries(this.tokens.map((token, id) => [token, id]));
  }

  private special(name: keyof typeof specialTokens): number {
    const id = this.ids.get(specialTokens[name]);
    if (id !== undefined) return id;
    throw new CheckpointError({
      what: `the vocabulary has no '${specialTokens[name]}'`,
      where: this.source,
      expected: `the special tokens ${Object.values(specialTokens).join(', ')} beside the genes`,
      advice: 'Take the vocab.json that came with the weights.',
      reason: 'special_token_missing',
    });
  }
}
