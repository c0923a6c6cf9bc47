/** @file What labels cells can be generated of, and what is said of generated cells. */

import { describe, expect, it } from 'vitest';
import { RecordingLogger, silent } from '../../../../src/support/log.ts';
import type { ComparedGenerator } from '../../../../src/tasks/generate/cells-files.ts';
import { generationVerdict } from '../../../../src/tasks/generate/cells-verdict.ts';
import { chosenKinds } from '../../../../src/tasks/generate/kinds.ts';

const codes = Int32Array.from({ length: 33 }, (_, cell) =>
  cell < 20 ? 0 : cell < 30 ? 1 : cell < 32 ? 2 : -1,
);
const all = { name: 'type', groups: ['A', 'B', 'C'], codes };

describe('labels that cells are generated of', () => {
  it('leave small ones out, which is told', () => {
    const logger = new RecordingLogger(silent);
    const kinds = chosenKinds(all, undefined, undefined, logger);
    expect(kinds.groups).toEqual(['A', 'B']);
    expect(kinds.codes[31]).toBe(-1);
    expect(logger.warnings.join()).toContain('C');
  });

  it('are refused when unknown, small or none', () => {
    const logger = new RecordingLogger(silent);
    expect(() => chosenKinds(all, ['X'], 'f.h5ad', logger)).toThrow(/no cell is 'X'/);
    expect(() => chosenKinds(all, ['C'], undefined, logger)).toThrow(/too few cells are C/);
    expect(() => chosenKinds({ name: 'type', groups: [], codes }, undefined, undefined, logger)).toThrow(
      /no cell/,
    );
  });
});

const scored = (id: string, profile: number, toldApart = 0.5): ComparedGenerator => {
  const mean = { profile, distance: 0.1, toldApart, recognised: 0.9 };
  return { id, name: id, about: '', scores: { kinds: [mean], mean } };
};

describe('what is said of generated cells', () => {
  it('warns where a plain way does better, not where copies do', () => {
    const good = generationVerdict([scored('scgpt', 0.8), scored('low-rank', 0.79), scored('copies', 0.9)]);
    expect(good.warnings).toEqual([]);
    expect(good.sentences[0]).toContain('copies of training cells reach 0.900');
    const bad = generationVerdict([
      scored('scgpt', 0.5, 0.7),
      scored('low-rank', 0.79),
      scored('copies', 0.9),
    ]);
    expect(bad.warnings).toHaveLength(2);
    expect(bad.warnings[0]).toContain('low-rank (0.790)');
  });
});
