/** @file The report as a file: everything escaped, nothing fetched, equal bytes, and what it says of missing parts. */

import { describe, expect, it } from 'vitest';
import { defaultColumn, reportColumns } from '../../../src/report/columns.ts';
import type { EmbedReport } from '../../../src/report/embed-report.ts';
import { escapeText, html, scriptJson } from '../../../src/report/markup.ts';
import { duration, percent, score } from '../../../src/report/numbers.ts';
import { noPlace, quantise } from '../../../src/report/quantise.ts';
import { renderReport } from '../../../src/report/render.ts';
import { middleRange } from '../../../src/report/script.ts';
import { csvLink } from '../../../src/report/tables.ts';
import { type Column, categorical, DataFrame } from '../../../src/single-cell/data-frame.ts';
import { plural } from '../../../src/support/words.ts';
import { hostile, sampleReport } from './sample-report.ts';

const page = renderReport(sampleReport);

describe('renderReport', () => {
  it('escapes every name', () => {
    expect(page).not.toContain('<img');
    expect(page).not.toContain('<script>window.attacked');
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script>/g)).toHaveLength(2);
  });

  it('names no address of the network', () => {
    expect(page.match(/https?:/g)).toBeNull();
    expect(page.match(/(src|href)="(?!data:)/g)).toBeNull();
    expect(page).toContain('default-src &#39;none&#39;');
  });

  it('gives the same bytes twice', () => {
    expect(renderReport(sampleReport)).toBe(page);
  });

  it('says that an untrained model is untrained, and only then', () => {
    expect(page).toContain('This model is untrained.');
    const trained = renderReport({ ...sampleReport, model: { ...sampleReport.model, trained: true } });
    expect(trained).not.toContain('This model is untrained.');
  });

  it('shows the baseline’s scores beside the model’s, by chance too', () => {
    const table = page.slice(page.indexOf('<table class="scores">'), page.indexOf('</table>'));
    expect(table).toMatch(/82\.0\u00a0%.*91\.0\u00a0%.*34\.0\u00a0%/s);
  });

  it('says why there is no baseline', () => {
    const without = renderReport({ ...sampleReport, baseline: { missing: 'There is one cell only.' } });
    expect(without).toContain('There is one cell only.');
    expect(without.match(/<figure/g)).toHaveLength(1);
    expect(without).not.toContain('91.0');
  });

  it('stands without columns, scores, warnings and unmatched genes', () => {
    const bare: EmbedReport = {
      ...sampleReport,
      columns: [],
      colorBy: null,
      scores: [],
      warnings: [],
      geneMatch: { ...sampleReport.geneMatch, largestUnmatched: [], problems: [], countShare: null },
    };
    expect(renderReport(bare)).toContain('nothing to score');
    expect(renderReport(bare)).toContain('Every gene has a token.');
  });

  it('stays small with many cells', () => {
    const cellCount = 50_000;
    const layout = {
      kind: 'dense',
      dtype: 'float32',
      shape: [cellCount, 2],
      values: new Float32Array(2 * cellCount),
    } as const;
    const large = renderReport({
      ...sampleReport,
      cells: Array.from({ length: cellCount }, (_, i) => `AAACATACAACCAC-${i}`),
      map: { ...sampleReport.map, layout },
      columns: [{ kind: 'groups', name: 'type', groups: ['a'], codes: new Int32Array(cellCount) }],
    });
    expect(large.length).toBeLessThan(2_000_000);
  });
});

describe('markup', () => {
  it('escapes by default and joins arrays', () => {
    expect(html`<b title="${'"'}">${['<', html`<i>${'&'}</i>`]}</b>`.text).toBe(
      '<b title="&quot;">&lt;<i>&amp;</i></b>',
    );
    expect(escapeText('a\u0000b\tc')).toBe('a\ufffdb\tc');
  });

  it('keeps JSON whole inside a script element', () => {
    const { text } = scriptJson({ name: `${hostile}\u2028` });
    expect(text).not.toMatch(/[<>\u2028]/);
    expect(JSON.parse(text)).toEqual({ name: `${hostile}\u2028` });
  });

  it('quotes CSV by the rules, and survives half a character', () => {
    const { text } = csvLink(
      'x.csv',
      ['a', 'b'],
      [
        ['1,2', 'say "hi"'],
        ['\ud800', -0.5],
      ],
    );
    const address = /href="data:text\/csv;charset=utf-8,([^"]*)"/.exec(text)![1];
    expect(decodeURIComponent(address.replaceAll('&#39;', "'"))).toBe(
      'a,b\r\n"1,2","say ""hi"""\r\n\ufffd,-0.5\r\n',
    );
  });
});

describe('numbers in words', () => {
  it('never round up to all', () => {
    expect(percent(1)).toBe('100.0\u00a0%');
    expect(percent(0.9997)).toBe('>99.9\u00a0%');
    expect(percent(0.5, 0)).toBe('50\u00a0%');
    expect(percent(Number.NaN)).toBe('–');
  });

  it('read well', () => {
    expect(score(-0.1234)).toBe('−0.123');
    expect([0.42, 12.4, 200].map(duration)).toEqual(['0.4\u00a0s', '12\u00a0s', '3\u00a0min 20\u00a0s']);
    expect([plural(1, 'cell'), plural(2638, 'cell')]).toEqual(['1 cell', '2,638 cells']);
  });
});

describe('quantise', () => {
  it('fits a layout into the square, both axes on one scale', () => {
    const values = Float32Array.of(0, 0, 10, 5, Number.NaN, Number.NaN);
    const places = quantise({ kind: 'dense', dtype: 'float32', shape: [3, 2], values });
    expect([...places]).toEqual([0, 16384, 65534, 49151, noPlace, noPlace]);
  });

  it('puts a single cell in the middle', () => {
    const places = quantise({
      kind: 'dense',
      dtype: 'float32',
      shape: [1, 2],
      values: Float32Array.of(3, 4),
    });
    expect([...places]).toEqual([32767, 32767]);
  });
});

describe('reportColumns', () => {
  const frame = (columns: [string, Column][]) => new DataFrame(Array.from({ length: 100 }, String), columns);
  const numbers = (dtype: 'float32' | 'int32', make: (i: number) => number): Column => {
    const values = Array.from({ length: 100 }, (_, i) => make(i));
    return {
      kind: 'number',
      dtype,
      values: dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values),
    };
  };

  it('sorts columns into groups and numbers, and says what it leaves out', () => {
    const { columns, leftOut } = reportColumns(
      frame([
        ['cluster', numbers('int32', (i) => i % 12)],
        ['depth', numbers('int32', (i) => 7 * i)],
        ['score', numbers('float32', (i) => (i % 2 === 0 ? 0.5 : Number.NaN))],
        ['barcode', { kind: 'string', values: Array.from({ length: 100 }, (_, i) => `c${i}`) }],
        ['doublet', { kind: 'boolean', values: Uint8Array.from({ length: 100 }, (_, i) => i % 2) }],
        ['study', categorical(new Array<string>(100).fill('one'))],
      ]),
    );
    expect(columns.map(({ name, kind }) => [name, kind])).toEqual([
      ['cluster', 'groups'],
      ['depth', 'numbers'],
      ['doublet', 'groups'],
    ]);
    expect(columns[0]).toMatchObject({ groups: Array.from({ length: 12 }, (_, i) => String(i)) });
    expect(leftOut).toEqual([
      ['score', 'one value'],
      ['barcode', '100 different values'],
      ['study', 'one value'],
    ]);
  });

  it('marks missing integers as such', () => {
    const values = Int32Array.from({ length: 100 }, (_, i) => i);
    const missing = Uint8Array.from({ length: 100 }, (_, i) => (i === 3 ? 1 : 0));
    const { columns } = reportColumns(
      frame([['n', { kind: 'nullable-integer', dtype: 'int32', values, missing }]]),
    );
    expect(columns[0]).toMatchObject({ kind: 'numbers' });
    expect((columns[0] as { values: Float32Array }).values[3]).toBeNaN();
  });

  it('colours by what sounds like cell types, else by the first groups', () => {
    const group = (name: string) =>
      ({ kind: 'groups', name, groups: ['a', 'b'], codes: new Int32Array(1) }) as const;
    const depth = { kind: 'numbers', name: 'depth', values: new Float32Array(1) } as const;
    expect(defaultColumn([depth, group('batch'), group('Cell_Type')])).toBe('Cell_Type');
    expect(defaultColumn([depth, group('batch')])).toBe('batch');
    expect(defaultColumn([depth])).toBe('depth');
    expect(defaultColumn([])).toBeNull();
  });

  it('spans colours over the middle of the numbers', () => {
    const values = Float32Array.from({ length: 101 }, (_, i) => (i === 100 ? 1e6 : i));
    expect(middleRange(values)).toEqual([1, 99]);
    expect(middleRange(Float32Array.of(2, 2, Number.NaN))).toEqual([2, 3]);
    expect(middleRange(new Float32Array(0))).toEqual([0, 1]);
  });
});
