/** @file Settings compared before a run is resumed. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/support/errors.ts';
import type { JsonObject } from '../../../../src/train/run/json.ts';
import { checkSameRun } from '../../../../src/train/run/same-run.ts';

const saved: JsonObject = {
  model: { layers: 12, width: 512 },
  data: [{ path: 'a.h5ad', cells: 3 }],
  epochs: 6,
  objectives: {},
};

function refusal(now: JsonObject, options = {}): string {
  try {
    checkSameRun(saved, now, options);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return String(error);
  }
  return '';
}

describe('checkSameRun', () => {
  it('lets any settings pass beside themselves, whatever the order of their keys', () => {
    const reversed = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(reversed)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, inner]) => [key, reversed(inner)]),
            )
          : value;
    const settings = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(settings, (config) => {
        checkSameRun(config as JsonObject, reversed(config) as JsonObject);
      }),
    );
  });

  it('names each difference with both values', () => {
    expect(refusal({ ...saved, model: { layers: 4, heads: 8, width: 512 } }, { where: 'runs/one' })).toBe(
      'InputError: runs/one: 2 settings differ from the run to resume: model.layers was 12, now 4; ' +
        'model.heads was not given, now 8. Resume it with the settings, model and data it was started with, ' +
        'or start a new run in another folder.',
    );
    expect(refusal({ ...saved, data: [{ path: 'b.h5ad', cells: 3 }] })).toMatch(
      '1 setting differs from the run to resume: data was [{"cells":3,"path":"a.h5ad"}], now [{"cells":3,"path":"b.h5ad"}].',
    );
    expect(refusal({ ...saved, objectives: { ecs: 0.8 } })).toMatch(
      'objectives was {}, now not given; objectives.ecs was not given, now 0.8',
    );
    expect(refusal({ ...saved, epochs: 'x'.repeat(500) })).toMatch(
      /epochs was 6, now "x{59}… \(502 characters\)/,
    );
  });

  it('lets free keys change, alone or with all they hold', () => {
    expect(refusal({ ...saved, epochs: 9 }, { free: ['epochs'] })).toBe('');
    expect(refusal({ ...saved, model: { layers: 4 } }, { free: ['model'] })).toBe('');
    expect(refusal({ ...saved, model: { layers: 4, width: 512 } }, { free: ['model.layers'] })).toBe('');
    expect(refusal({ ...saved, epochs: 9 }, { free: ['epoch'] })).toMatch(/epochs was 6/);
  });
});
