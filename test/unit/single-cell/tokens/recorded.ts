/** @file The draws that the reference made while the fixture `tokenize` was recorded, handed out again. */

import { expect } from 'vitest';
import type { CellDraws } from '../../../../src/single-cell/tokens/draws.ts';
import { golden } from '../golden.ts';

interface Collator {
  readonly pad_token_id: number;
  readonly pad_value: number;
  readonly do_mlm: boolean;
  readonly do_binning: boolean;
  readonly mlm_probability: number | number[];
  readonly mask_value: number;
  readonly max_length: number;
  readonly sampling: boolean;
  readonly keep_first_n_tokens: number;
}

export interface TokenizeCase {
  readonly subcases: Record<
    string,
    {
      readonly draws?: string[];
      readonly append_cls: boolean;
      readonly include_zero_gene: boolean;
      readonly max_len: number;
      readonly pad_value: number;
      readonly mask_ratio: number;
      readonly mask_value: number;
      readonly arguments: Collator;
      readonly vocab_mod: Record<string, number>;
    }
  >;
}

export const fixture = golden<TokenizeCase>('tokenize');
export const padId = 40;
export const clsId = 41;

/** The draws of a subcase, handed out in the order they were made; `ofCell` adds a row's recorded masks. */
export function recordedDraws(name: string) {
  const waiting = [...(fixture.about.subcases[name].draws ?? [])];
  const take = (kind: string) => {
    const next = waiting.shift();
    if (next?.endsWith(`_${kind}`) !== true)
      throw new Error(`${name}: asked for ${kind}, recorded is ${next}`);
    return { name: `${name}/${next}`, values: [...fixture.numbers(`${name}/${next}`)] };
  };
  const permutation = (length: number) => {
    const order = take('randperm').values;
    expect(order.length).toBe(length);
    return order;
  };
  let uniforms: number[] = [];
  let mask: { width: number; values: number[] } | undefined;

  const ofCell = (row: number): CellDraws => ({
    uniform() {
      if (uniforms.length === 0) uniforms = take('rand').values;
      return uniforms.shift()!;
    },
    choose(population, count) {
      if (waiting[0]?.endsWith('_choice') !== true) return permutation(population).slice(0, count);
      const chosen = take('choice').values;
      expect(chosen.length).toBe(count);
      return chosen;
    },
    permutation,
    chance(_, position) {
      if (mask === undefined) {
        const drawn = take('bernoulli');
        mask = { values: drawn.values, width: fixture.shape(drawn.name)[1] };
      }
      const cut = fixture.shape(`${name}/masked_expr`)[1] - mask.width; // leading columns left out of the draw
      return mask.values[row * mask.width + position - cut] === 1;
    },
  });
  return { ofCell, take, left: () => waiting.length + uniforms.length };
}
