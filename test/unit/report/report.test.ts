/** @file The report as a file: everything escaped, nothing fetched, equal bytes, and what it says of missing parts. */

import { describe, expect, it } from 'vitest';
import { columnIndex, defaultColumn, reportColumns } from '../../../src/report/columns.ts';
import { escapeText, html, scriptJson } from '../../../src/report/markup.ts';
import { duration, inUnit, percent, score, significant } from '../../../src/report/numbers.ts';
import { noPlace, quantise } from '../../../src/report/quantise.ts';
import { renderTaskReport } from '../../../src/report/render.ts';
import { middleRange, storedColumns } from '../../../src/report/script.ts';
import { csvLink } from '../../../src/report/tables.ts';
import type { Section } from '../../../src/report/task-report.ts';
import { type Column, categorical, DataFrame } from '../../../src/single-cell/data-frame.ts';
import { plural } from '../../../src/support/words.ts';
import { demoReport } from './demo-report.ts';
import {
  hostile,
  sampleInput,
  sampleMaps,
  sampleQuickScores,
  sampleReport,
  sampleSections,
} from './sample-report.ts';

const page = renderTaskReport(sampleReport);

/** The page of a report with these sections alone, without its script and style. */
function pageOf(...sections: Section[]): string {
  const whole = renderTaskReport({ ...sampleReport, warnings: [], highlights: [], sections });
  return whole.slice(whole.indexOf('<main>'), whole.indexOf('</main>'));
}

describe('renderTaskReport', () => {
  it('escapes every name', () => {
    expect(page).not.toContain('<img');
    expect(page).not.toContain('<script>window.attacked');
    expect(page.match(/<script/g)).toHaveLength(2); // the maps' data and the page's script
    expect(page.match(/<\/script>/g)).toHaveLength(2);
  });

  it('names no address of the network', () => {
    expect(page.match(/https?:/g)).toBeNull();
    expect(page.match(/(src|href)="(?!data:|#)/g)).toBeNull();
    expect(page).toContain('default-src &#39;none&#39;');
  });

  it('gives the same bytes twice', () => {
    expect(renderTaskReport(sampleReport)).toBe(page);
  });

  it('says that an untrained model is untrained, and only then', () => {
    expect(page).toContain('This model is untrained.');
    const { model, ...rest } = sampleReport;
    expect(renderTaskReport({ ...rest, model: { ...model!, trained: true } })).not.toContain('untrained.');
    expect(renderTaskReport(rest)).not.toContain('untrained.');
  });

  it('lists its sections, each under its name', () => {
    for (const { name } of sampleReport.sections) {
      expect(page).toContain(`<section id="${name}"`);
      expect(page).toContain(`<a href="#${name}">`);
    }
  });

  it('needs nothing but a title', () => {
    const bare = renderTaskReport({
      task: 'scGPT evaluation',
      title: 'a.h5ad',
      summary: [],
      warnings: [],
      sections: [],
      settings: [],
      environment: [],
    });
    expect(bare).toContain('<h1>a.<wbr>h5ad<wbr></h1>');
    expect(bare).not.toContain('<pre>');
    expect(bare).not.toContain('<nav');
    expect(bare).not.toContain('undefined');
  });

  it.each(['Upper', 'a b', '', '../x', 'repeat', 'words'])('refuses a section named %j', (name) => {
    const sections = [sampleSections.text, { ...sampleSections.text, name }];
    expect(() => renderTaskReport({ ...sampleReport, sections })).toThrow(`cannot be named '${name}'`);
  });

  it('stays small with many cells', () => {
    const [maps] = demoReport(50_000).sections;
    const { length } = renderTaskReport({ ...sampleReport, sections: [maps] });
    expect(length).toBeLessThan(2_300_000); // 23 bytes a cell and column of names, places and three columns
  });
});

describe('maps in a report', () => {
  it('show a row for each chosen column, with its choice', () => {
    const text = pageOf(sampleMaps);
    expect(text.match(/class="map-row"/g)).toHaveLength(2);
    expect(text.match(/<canvas/g)).toHaveLength(4);
    expect(text).toContain('<option value="0" selected>type');
    expect(text).toContain('<option value="2" selected>depth');
    expect(text).toContain('1 cell without a place.');
    expect(text).toContain('Map of 199 cells: scGPT');
  });

  it('stand side by side when there is one layout', () => {
    expect(pageOf({ ...sampleMaps, maps: sampleMaps.maps.slice(0, 1) })).toContain('class="map-rows many"');
  });

  it('stand without columns', () => {
    const text = pageOf({ ...sampleMaps, columns: [], colorBy: [] });
    expect(text).toContain('<option value="-1" selected>nothing');
  });

  it('refuse a column that is not there, and more groups than bytes can tell', () => {
    expect(() => pageOf({ ...sampleMaps, colorBy: ['other'] })).toThrow("no column 'other'");
    const groups = Array.from({ length: 256 }, String);
    const column = { kind: 'groups', name: 'many', groups, codes: new Int32Array(1) } as const;
    expect(() => storedColumns([column])).toThrow('256 groups');
    expect(storedColumns([{ ...column, groups: groups.slice(1) }])).toHaveLength(1);
  });
});

describe('quick scores in a report', () => {
  it('show the baseline’s beside the model’s, by chance too', () => {
    expect(pageOf(sampleQuickScores)).toMatch(/82\.0\u00a0%.*91\.0\u00a0%.*34\.0\u00a0%/s);
  });

  it('stand without a baseline and without groups', () => {
    expect(pageOf({ ...sampleQuickScores, baseline: null })).not.toContain('91.0');
    const empty = { ...sampleQuickScores, model: { title: 'scGPT', scores: [] } };
    expect(pageOf(empty)).toContain('nothing to score');
  });
});

describe('inputs in a report', () => {
  it('stand without unmatched genes and problems', () => {
    const geneMatch = { ...sampleInput.geneMatch, largestUnmatched: [], problems: [], countShare: null };
    expect(pageOf({ ...sampleInput, geneMatch })).toContain('Every gene has a token.');
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
    expect([1234.5, 0.000012345, -3].map((value) => significant(value, 3))).toEqual([
      '1230',
      '1.23e−5',
      '−3',
    ]);
  });

  it('are written in their unit, a dash for none', () => {
    const units = ['score', 'share', 'count', 'number', 'seconds'] as const;
    expect(units.map((unit) => inUnit(0.5, unit))).toEqual([
      '0.500',
      '50.0\u00a0%',
      '0.5',
      '0.5',
      '0.5\u00a0s',
    ]);
    for (const unit of units) expect(inUnit(Number.NaN, unit)).toBe('–');
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
    expect(columnIndex([depth, group('batch')], 'batch')).toBe(1);
    expect(() => columnIndex([depth], 'batch')).toThrow('one of depth');
  });

  it('spans colours over the middle of the numbers', () => {
    const values = Float32Array.from({ length: 101 }, (_, i) => (i === 100 ? 1e6 : i));
    expect(middleRange(values)).toEqual([1, 99]);
    expect(middleRange(Float32Array.of(2, 2, Number.NaN))).toEqual([2, 3]);
    expect(middleRange(new Float32Array(0))).toEqual([0, 1]);
  });
});
