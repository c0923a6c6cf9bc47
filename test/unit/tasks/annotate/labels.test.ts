/** @file Renamed labels, labels that look alike, and labels of parents. */

import { describe, expect, it } from 'vitest';
import type { Grouping } from '../../../../src/analysis/groups.ts';
import { InputError } from '../../../../src/support/errors.ts';
import { RecordingLogger } from '../../../../src/support/log.ts';
import { parentLabels } from '../../../../src/tasks/annotate/hierarchy.ts';
import { lookAlikes, parseRenaming, renamed } from '../../../../src/tasks/annotate/labels.ts';

describe('parseRenaming', () => {
  it('reads comma- and tab-separated tables, quotes, headings and empty lines', () => {
    const expected = [
      ['CD4, naive', 'T cell'],
      ['B', 'B cell'],
    ];
    expect([...parseRenaming('from,to\n"CD4, naive",T cell\n\nB,B cell\n', 't.csv')]).toEqual(expected);
    expect([...parseRenaming('\uFEFFCD4, naive\tT cell\r\nB\tB cell', 't.tsv')]).toEqual(expected);
    expect([...parseRenaming('"a ""b""",c', 't.csv')]).toEqual([['a "b"', 'c']]);
  });

  it.each(['a', 'a,b,c', 'a,', ',b', 'a,b\na,c'])('refuses %j and names the line', (text) => {
    expect(() => parseRenaming(text, 't.csv')).toThrow(InputError);
    expect(() => parseRenaming(text, 't.csv')).toThrow(/t\.csv, line \d/);
  });
});

describe('renamed', () => {
  const labels: Grouping = { name: 'type', groups: ['T', 'T cell', 'B'], codes: Int32Array.of(0, 1, 2, -1) };

  it('joins classes that get one name and leaves others', () => {
    const { groups, codes } = renamed(labels, new Map([['T', 'T cell']]), new RecordingLogger());
    expect(groups).toEqual(['T cell', 'B']);
    expect([...codes]).toEqual([0, 0, 1, -1]);
  });

  it('tells names that no cell has', () => {
    const logger = new RecordingLogger();
    renamed(labels, new Map([['NK', 'NK cell']]), logger);
    expect(logger.warnings).toEqual(["no cell has the label 'NK'"]);
  });
});

describe('lookAlikes', () => {
  it('finds labels that differ in case, spaces, signs or a plural', () => {
    const labels = ['B cell', 'B cells', 'b_cell', 'NK', 'CD4+ T', 'CD4 T', 'CD8 T'];
    expect(lookAlikes(labels)).toEqual([['B cell', 'B cells', 'b_cell']]);
  });
});

describe('parentLabels', () => {
  it('sums probabilities of classes, and leaves cells without any', () => {
    const probabilities = Float32Array.of(0.4, 0.3, 0.3, 0.1, 0.2, 0.7, Number.NaN, Number.NaN, Number.NaN);
    const { parents, codes, scores } = parentLabels(probabilities, { label: 'broad', of: ['T', 'B', 'B'] });
    expect(parents).toEqual(['T', 'B']);
    expect([...codes]).toEqual([1, 1, -1]);
    expect(scores[0]).toBeCloseTo(0.6, 6);
    expect(scores[1]).toBeCloseTo(0.9, 6);
    expect(scores[2]).toBeNaN();
  });
});
