import { describe, expect, it } from 'vitest';
import { ValueBinner } from '../../../../src/single-cell/binning.ts';
import type { CellTokens } from '../../../../src/single-cell/tokens/cell-tokens.ts';
import { collate, collateGenerative } from '../../../../src/single-cell/tokens/collate.ts';
import { keyedDraws } from '../../../../src/single-cell/tokens/draws.ts';
import { UsageError } from '../../../../src/support/errors.ts';
import { fixture, recordedDraws } from './recorded.ts';

function inputCells(name: string): CellTokens[] {
  const genes = fixture.i32(`${name}/in_genes`);
  const values = fixture.f32(`${name}/in_expressions`);
  let begin = 0;
  return Array.from(fixture.i32(`${name}/in_lengths`), (length) => {
    const end = begin + length;
    const cell = { genes: genes.slice(begin, end), values: values.slice(begin, end) };
    begin = end;
    return cell;
  });
}

const names = (prefix: string) =>
  Object.keys(fixture.about.subcases).filter((name) => name.startsWith(prefix));
const generativeNames = ['both_ratio_list', 'both_ratio_0.4_long', 'both_short'];

function optionsOf(name: string, mode: 'left' | 'random', spare = 1) {
  const asked = fixture.about.subcases[name].arguments;
  const keepFirst = asked.keep_first_n_tokens;
  return {
    padding: { id: asked.pad_token_id, value: asked.pad_value },
    maxLength: asked.max_length,
    keepFirst,
    binner: asked.do_binning ? new ValueBinner(51, mode) : null,
    tooLong: asked.sampling ? ('sample' as const) : ('truncate' as const),
    mask: asked.do_mlm
      ? { ratio: asked.mlm_probability as number, value: asked.mask_value, protectFirst: spare * keepFirst }
      : null,
  };
}

describe('collate against the release', () => {
  it.each(names('collator/'))('%s', (name) => {
    const cells = inputCells(name);
    const before = structuredClone(cells);
    const recorded = recordedDraws(name);
    const rows = collate(cells, optionsOf(name, 'random'), recorded.ofCell);
    expect(rows.genes).toEqual(fixture.i32(`${name}/gene`));
    expect(rows.values).toEqual(fixture.f32(`${name}/expr`));
    expect(rows.masked).toEqual(fixture.f32(`${name}/masked_expr`));
    expect([cells.length, rows.length]).toEqual(fixture.shape(`${name}/gene`));
    expect(recorded.left()).toBe(0);
    expect(cells).toEqual(before); // the reference writes bins into its input
  });
});

describe('collate against the pretraining branch', () => {
  it('pretrain_collator/pcpt', () => {
    const name = 'pretrain_collator/pcpt';
    const recorded = recordedDraws(name);
    const rows = collate(inputCells(name), optionsOf(name, 'left', 2), recorded.ofCell);
    expect(rows.genes).toEqual(fixture.i32(`${name}/gene`));
    expect(rows.values).toEqual(fixture.f32(`${name}/expr`));
    expect(rows.masked).toEqual(fixture.f32(`${name}/masked_expr`));
    expect(recorded.left()).toBe(0);
  });

  it.each(['pretrain_collator/gen', 'pretrain_collator/both_without_mlm_is_gen'])('%s', (name) => {
    const recorded = recordedDraws(name);
    const rows = collate(inputCells(name), { ...optionsOf(name, 'left'), mask: null }, recorded.ofCell);
    expect(rows.genes).toEqual(fixture.i32(`${name}/pcpt_gene`));
    expect(rows.values).toEqual(fixture.f32(`${name}/pcpt_expr`));
    expect(recorded.left()).toBe(0);
  });

  it.each(generativeNames)('pretrain_collator/%s', (style) => {
    const name = `pretrain_collator/${style}`;
    const { mlm_probability } = fixture.about.subcases[name].arguments;
    const recorded = recordedDraws(name);
    const ratio = typeof mlm_probability === 'number' ? mlm_probability : recorded.take('choice').values[0];
    const { known, unknown } = collateGenerative(
      inputCells(name),
      ratio,
      optionsOf(name, 'left'),
      recorded.ofCell,
    );
    expect(known.genes).toEqual(fixture.i32(`${name}/pcpt_gene`));
    expect(known.values).toEqual(fixture.f32(`${name}/pcpt_expr`));
    expect(unknown.genes).toEqual(fixture.i32(`${name}/gen_gene`));
    expect(unknown.values).toEqual(fixture.f32(`${name}/gen_expr_target`));
    expect(recorded.left()).toBe(0);
  });

  it('covers every subcase of the fixture', () => {
    const covered = ['pcpt', 'gen', 'both_without_mlm_is_gen', ...generativeNames];
    expect(covered.map((style) => `pretrain_collator/${style}`).sort()).toEqual(
      names('pretrain_collator/').sort(),
    );
    expect(names('collator/').length).toBe(11); // ten settings, and the second pass of one
  });
});

describe('collate on its own', () => {
  const padding = { id: 0, value: -2 };
  const binner = new ValueBinner(51, 'random');
  const options = { padding, maxLength: 4, keepFirst: 1, binner, tooLong: 'sample', mask: null } as const;
  const cell = (values: number[]): CellTokens => ({
    genes: Int32Array.from(values, (_, i) => i + 1),
    values: Float32Array.from(values),
  });
  const drawsOf = (i: number) => keyedDraws(3, i);

  it('takes a cell of <cls> alone and a cell of zeros, where the reference fails', () => {
    const rows = collate([cell([-2]), cell([-2, 0, 0])], options, drawsOf);
    expect([...rows.values]).toEqual([-2, -2, -2, -2, 0, 0]);
    expect([...rows.genes]).toEqual([1, 0, 0, 1, 2, 3]);
  });

  it.each([
    ['a mask ratio of 0', { ...options, mask: { ratio: 0, value: -1, protectFirst: 1 } }],
    ['a mask ratio of 1', { ...options, mask: { ratio: 1, value: -1, protectFirst: 1 } }],
    ['more kept tokens than a row has', { ...options, keepFirst: 5 }],
    ['a fraction of kept tokens', { ...options, keepFirst: 0.5 }],
  ])('refuses %s', (_, wrong) => {
    expect(() => collate([cell([-2, 1, 2])], wrong, drawsOf)).toThrow(UsageError);
  });

  it('splits each cell into known and unknown genes without losing or doubling one', () => {
    const cells = [cell([-2, 1, 2, 3, 4, 5, 6, 7]), cell([-2, 1]), cell([-2])];
    const wide = { ...options, maxLength: 100, binner: null };
    const { known, unknown } = collateGenerative(cells, 0.5, wide, drawsOf);
    expect([known.length, unknown.length]).toEqual([5, 3]);
    for (const [i, { genes }] of cells.entries()) {
      const seen = [
        ...known.genes.subarray(i * known.length, (i + 1) * known.length),
        ...unknown.genes.subarray(i * unknown.length, (i + 1) * unknown.length),
      ].filter((gene) => gene !== 0);
      expect(seen.sort((a, b) => a - b)).toEqual([...genes]);
      expect(known.genes[i * known.length]).toBe(1);
    }
    expect(() => collateGenerative(cells, 1, wide, drawsOf)).toThrow(UsageError);
  });
});
