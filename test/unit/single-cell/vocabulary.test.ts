import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Vocabulary } from '../../../src/single-cell/vocabulary.ts';
import { CheckpointError, InputError } from '../../../src/support/errors.ts';
import { golden } from './golden.ts';

interface Case {
  readonly vocabulary: {
    readonly from_list_specials_first: { input: string[]; itos: string[]; default_index: number };
    readonly from_list_specials_last: { itos: string[]; default_index: number };
    readonly from_list_no_specials: { itos: string[] };
    readonly from_dict_unordered: {
      input: Record<string, number>;
      itos: string[];
      unknown_token_gives: number;
    };
    readonly from_dict_gap: { input: Record<string, number> };
    readonly from_dict_duplicate_index: { input: Record<string, number> };
    readonly from_dict_negative: { input: Record<string, number> };
    readonly append_existing_token: { value: [number, number] };
    readonly append_new_token: { value: [number, number] };
    readonly call_on_list: { input: string[]; value: number[] };
  };
}

const rules = golden<Case>('tokenize').about.vocabulary;

describe('Vocabulary', () => {
  it('orders the tokens of a new vocabulary as the reference does', () => {
    const { input, itos, default_index } = rules.from_list_specials_first;
    const first = Vocabulary.forGenes(input, 'first');
    expect(first.tokens).toEqual(itos);
    expect(first.pad).toBe(default_index);
    const last = Vocabulary.forGenes(input);
    expect(last.tokens).toEqual(rules.from_list_specials_last.itos);
    expect(last.pad).toBe(rules.from_list_specials_last.default_index);
  });

  it('reads an object in any order', () => {
    const { input, itos, unknown_token_gives } = rules.from_dict_unordered;
    const vocabulary = Vocabulary.fromJson(input);
    expect(vocabulary.tokens).toEqual(itos);
    expect([...vocabulary.idsOrPad(['nothing'])]).toEqual([unknown_token_gives]);
    const { input: asked, value } = rules.call_on_list;
    expect([...vocabulary.idsOrPad(asked)]).toEqual(value);
    expect(vocabulary.id('zzz')).toBeUndefined();
  });

  it('appends what is new and keeps the id of what it has', () => {
    const three = Vocabulary.fromJson(rules.from_dict_unordered.input);
    const [existingId, sameSize] = rules.append_existing_token.value;
    const kept = three.with(['b']);
    expect([kept.id('b'), kept.size]).toEqual([existingId, sameSize]);
    const [newId, newSize] = rules.append_new_token.value;
    const longer = three.with(['c', 'c']);
    expect([longer.id('c'), longer.size]).toEqual([newId, newSize]);
    expect(three.size).toBe(3);
  });

  it.each([
    ['a gap', rules.from_dict_gap.input, 'vocabulary_id'],
    ['an id twice', rules.from_dict_duplicate_index.input, 'vocabulary_id_twice'],
    ['a negative id', rules.from_dict_negative.input, 'vocabulary_id'],
    ['a fraction', { a: 0.5 }, 'vocabulary_id'],
    ['text for an id', { a: '0' }, 'vocabulary_id'],
    ['a list', ['a', 'b'], 'vocabulary_shape'],
    ['null', null, 'vocabulary_shape'],
  ])('refuses %s', (_, content, reason) => {
    expect(() => Vocabulary.fromJson(content, 'model/vocab.json')).toThrow(CheckpointError);
    expect(() => Vocabulary.fromJson(content, 'model/vocab.json')).toThrow(
      expect.objectContaining({ reason, where: 'model/vocab.json' }),
    );
  });

  it('refuses a token twice in a list, and names it', () => {
    expect(() => Vocabulary.fromTokens(['a', 'b', 'a'])).toThrow(/'a' comes more than once/);
  });

  it('says which token is missing where there is no padding to stand for it', () => {
    const bare = Vocabulary.fromTokens(rules.from_list_no_specials.itos);
    expect(() => bare.idsOrPad(['A', 'Z'])).toThrow(InputError);
    expect(() => bare.idsOrPad(['A', 'Z'])).toThrow(/'Z'/);
    expect(() => bare.pad).toThrow(/no '<pad>'/);
    expect(() => bare.cls).toThrow(/no '<cls>'/);
    expect(() => bare.eoc).toThrow(CheckpointError);
  });

  it('writes and reads itself unchanged, whatever the tokens are called', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.oneof(fc.string(), fc.constantFrom('__proto__', '7', 'nan'))),
        (tokens) => {
          const vocabulary = Vocabulary.fromTokens(tokens);
          const again = Vocabulary.fromJson(JSON.parse(JSON.stringify(vocabulary)));
          expect(again.tokens).toEqual(tokens);
          expect(again.hash).toBe(vocabulary.hash);
        },
      ),
    );
  });

  it('has a hash that depends on tokens and their order, and on nothing else', () => {
    const hash = (tokens: string[]) => Vocabulary.fromTokens(tokens).hash;
    expect(hash(['a', 'b'])).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set([hash(['a', 'b']), hash(['b', 'a']), hash(['ab']), hash(['a', 'b', ''])]).size).toBe(4);
    expect(Vocabulary.fromJson({ b: 1, a: 0 }, 'elsewhere').hash).toBe(hash(['a', 'b']));
    expect(hash(['<pad>', '<cls>', 'A1BG'])).toBe('8daf3a75d7ebef4606f96e643d78b538');
  });

  it('sorts beyond the basic plane by code point', () => {
    expect(Vocabulary.forGenes(['\u{1F9EC}', '\uFF21', 'A']).tokens.slice(0, 3)).toEqual([
      'A',
      '\uFF21',
      '\u{1F9EC}',
    ]);
  });

  it('loads a vocabulary of 60,697 tokens at once', () => {
    const tokens = Array.from({ length: 60_694 }, (_, id) => `GENE${id}`).concat('<pad>', '<cls>', '<eoc>');
    const content = Object.fromEntries(tokens.map((token, id) => [token, id]));
    const begin = performance.now();
    const vocabulary = Vocabulary.fromJson(content);
    const milliseconds = performance.now() - begin;
    expect([vocabulary.size, vocabulary.pad, vocabulary.cls, vocabulary.eoc]).toEqual([
      60_697, 60_694, 60_695, 60_696,
    ]);
    expect(milliseconds).toBeLessThan(500); // 20 ms on an idle core; quadratic loading takes minutes
  });
});
