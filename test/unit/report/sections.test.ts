/** @file Sections and charts of a report: every number where it belongs, none and nothing said as such. */

import { describe, expect, it } from 'vitest';
import { linearScale, logScale, tickText } from '../../../src/report/charts/axis.ts';
import { calibrationChart } from '../../../src/report/charts/calibration.ts';
import { arranged, fitted, textWidth } from '../../../src/report/charts/chart.ts';
import { barsOf } from '../../../src/report/charts/composition.ts';
import { confusionChart } from '../../../src/report/charts/confusion.ts';
import { canBeLogarithmic, curveCharts } from '../../../src/report/charts/curves.ts';
import { dotPlotChart } from '../../../src/report/charts/dot-plot.ts';
import { none } from '../../../src/report/markup.ts';
import { metricGroups, ranked } from '../../../src/report/ranking.ts';
import { sectionOf } from '../../../src/report/sections/section.ts';
import type { Section } from '../../../src/report/task-report.ts';
import { hostile, sampleSections } from './sample-report.ts';

const { scores, table, confusion, curves, dots, composition, calibration, text } = sampleSections;

/** The CSV files that a section offers, as text. */
function csvOf(section: Section): string {
  const [, address] = /href="data:text\/csv;charset=utf-8,([^"]*)"/.exec(sectionOf(section).text)!;
  return decodeURIComponent(address.replaceAll('&#39;', "'"));
}

describe('every section', () => {
  it.each(Object.values(sampleSections))('escapes what it is given ($kind)', (section) => {
    const markup = sectionOf(section).text;
    expect(markup).not.toMatch(/<img|<script|onerror="/);
    expect(markup).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(markup).toContain(`<section id="${section.name}">`);
  });

  it.each([
    { ...scores, metrics: [], methods: [], sortBy: undefined },
    { ...table, rows: [] },
    { ...confusion, rows: [], columns: [], counts: [] },
    { ...curves, panels: [] },
    { ...curves, panels: [{ title: 'empty', curves: [{ name: 'training', x: [], y: [] }] }] },
    { ...dots, groups: [], genes: [], markerOf: [], share: [], mean: [] },
    { ...composition, groups: [], parts: [], counts: [] },
    { ...calibration, curves: [] },
    { ...calibration, curves: [{ name: 'raw', error: Number.NaN, bins: [] }] },
    { ...text, paragraphs: [] },
  ] satisfies Section[])('stands with nothing in it ($kind)', (section) => {
    expect(sectionOf(section as Section).text).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe('scores', () => {
  it('are sorted, those without a score last, what is best by what is written bold', () => {
    const rows = ranked(scores);
    expect(rows.map(({ method }) => method.name)).toEqual(['scGPT', 'simple', hostile]);
    expect(rows[0].scores.map(({ best }) => best)).toEqual([true, true, false]);
    expect(rows[1].scores.map(({ best }) => best)).toEqual([false, true, true]); // 0.5999 is written 0.600
    expect(rows[2].scores[0]).toEqual({ value: Number.NaN, text: '–', best: false, length: 0 });
    expect(rows[1].scores[2].length).toBeCloseTo(3 / 600);
  });

  it('are sorted by another metric, the lower first', () => {
    const rows = ranked({ ...scores, sortBy: 'seconds' });
    expect(rows.map(({ method }) => method.name)).toEqual(['simple', 'scGPT', hostile]);
  });

  it('have no best where there is one', () => {
    const [only] = ranked({ ...scores, methods: [scores.methods[0]] });
    expect(only.scores.some(({ best }) => best)).toBe(false);
  });

  it('refuse another number of scores, and an unknown metric', () => {
    const short = { name: 'short', ours: false, scores: [1] };
    expect(() => ranked({ ...scores, methods: [short] })).toThrow('short has 1 scores for 3 metrics');
    expect(() => ranked({ ...scores, sortBy: 'other' })).toThrow("no metric 'other'");
  });

  it('share headings and mark what this run made', () => {
    expect(metricGroups(scores.metrics)).toEqual([
      { title: 'Biology', size: 2 },
      { title: '', size: 1 },
    ]);
    const markup = sectionOf(scores).text;
    expect(markup.match(/<tr class="ours">/g)).toHaveLength(1);
    expect(markup).toContain('<th scope="colgroup" colspan="2"><span>Biology');
  });

  it('are CSV in full, nothing for none', () => {
    expect(csvOf(scores)).toContain('\r\nscGPT,0.9,0.5999,600,yes,\r\n');
    expect(csvOf(scores)).toMatch(/,,0\.55,,no,\r\n$/);
  });
});

describe('tables', () => {
  it('write values in their units', () => {
    const markup = sectionOf(table).text;
    expect(markup).toContain('<td class="number">0.910<span class="track"><i style="width:91.0%">');
    expect(markup).toContain('<td class="number">1,200<span class="track"><i style="width:100.0%">');
    expect(markup).toContain('<td class="number">–</td>');
    expect(csvOf(table)).toMatch(/,,0,1\r\n$/);
  });

  it('fold when they are long', () => {
    const rows = Array.from({ length: 41 }, (_, i) => [`class ${i}`, 0.5, i, 0]);
    const markup = sectionOf({ ...table, rows }).text;
    expect(markup).toContain('<details><summary>16 more rows</summary>');
    expect(sectionOf({ ...table, rows: rows.slice(1) }).text).not.toContain('<details>');
  });
});

describe('confusion', () => {
  it('colours by the share of a row and writes cells', () => {
    const { text: markup } = confusionChart(confusion).body;
    expect(markup.match(/class="heat"/g)).toHaveLength(2); // what has no cells has no colour
    expect(markup).toContain('fill-opacity="0.900"');
    expect(markup).toContain('data-tip="alpha → alpha: 90 cells, 90.0\u00a0% of the row"');
    expect(markup).toMatch(/class="small onheat"[^>]*>90</);
    expect(markup).toMatch(/class="small"[^>]*>10</);
    expect(csvOf(confusion).split('\r\n')[1]).toBe('alpha,90,10,0,100');
  });

  it('takes one class, and sixty, without growing beyond a screen', () => {
    const of = (classes: number) => {
      const names = Array.from({ length: classes }, (_, i) => `class ${i}`);
      const counts = Int32Array.from({ length: classes ** 2 }, (_, i) =>
        i % (classes + 1) === 0 ? 5000 : 1,
      );
      return confusionChart({ ...confusion, rows: names, columns: names, counts });
    };
    expect(of(1).width).toBeLessThan(200);
    expect(of(1).body.text).toMatch(/>5,000</);
    expect(of(60).width).toBeLessThan(1072);
    expect(of(60).body.text.match(/class="heat"/g)).toHaveLength(3600);
    expect(of(60).body.text).not.toMatch(/class="small onheat"/); // squares too small for numbers
  });
});

describe('curves', () => {
  it('break where there is no value, and mark what was kept', () => {
    const [chart] = curveCharts(curves, 'linear');
    const paths = [...chart.body.text.matchAll(/class="curve"[^>]* d="([^"]*)"/g)].map(([, path]) => path);
    expect(paths[0].match(/M/g)).toHaveLength(2);
    expect(paths[1].match(/M/g)).toHaveLength(1);
    expect(chart.body.text.match(/<circle/g)).toHaveLength(7);
    expect(chart.body.text).toContain('>kept<');
    expect(chart.body.text).toContain('data-tip="epoch 1: training 4, ');
    expect(csvOf(curves)).toMatch(/training,3,\r\n/);
  });

  it('have a logarithmic scale only where all values are above 0', () => {
    expect(canBeLogarithmic(curves)).toBe(true);
    const zero = { ...curves, panels: [{ title: '', curves: [{ name: 'a', x: [1, 2], y: [1, 0] }] }] };
    expect(canBeLogarithmic(zero)).toBe(false);
    expect(sectionOf(curves).text).toContain('value="log"');
    expect(sectionOf(zero).text).not.toContain('value="log"');
  });

  it.each([1, 2, 1000])('stay within their panel with %s points', (points) => {
    const x = Array.from({ length: points }, (_, i) => i + 1);
    const y = x.map((place) => 10 / place);
    for (const scale of ['linear', 'log'] as const) {
      const section = { ...curves, panels: [{ title: 'loss', curves: [{ name: 'training', x, y }] }] };
      const [{ body, width, height }] = curveCharts({ ...section, chosen: { x: 1, label: 'kept' } }, scale);
      const path = /class="curve"[^>]* d="([^"]*)"/.exec(body.text)![1];
      const numbers = path.match(/[\d.]+/g)!.map(Number);
      expect(numbers).toHaveLength(2 * points);
      numbers.forEach((value, i) => {
        expect(value).toBeGreaterThan(0);
        expect(value).toBeLessThan(i % 2 === 0 ? width : height);
      });
      expect(body.text.match(/class="hit"/g)!.length).toBeLessThanOrEqual(125);
    }
  });
});

describe('axes', () => {
  it('have round ticks', () => {
    expect(linearScale(0.03, 0.97, 5).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearScale(3, 3).ticks.length).toBeGreaterThan(1);
    expect(linearScale(0, 0).at(0)).toBe(0.5);
    expect(logScale(0.02, 90).ticks).toEqual([0.1, 1, 10, 100]);
    expect(logScale(1, 1).at(1)).toBeCloseTo(0.5);
    expect(logScale(0.5, 1).ticks.length).toBeGreaterThanOrEqual(3);
    expect([0, 0.1, -2, 1500, 1e6, 2.5e-5].map(tickText)).toEqual([
      '0',
      '0.1',
      '−2',
      '1500',
      '1e6',
      '2.5e−5',
    ]);
  });
});

describe('dot plots', () => {
  it('draw a dot for each expressed gene, its area the share', () => {
    const { text: markup } = dotPlotChart(dots).body;
    const radii = [...markup.matchAll(/r="([\d.]+)" fill="#[^>]*data-tip/g)].map(([, radius]) =>
      Number(radius),
    );
    expect(radii).toHaveLength(4); // two are not expressed or unknown
    expect((radii[0] / radii[2]) ** 2).toBeCloseTo(0.9, 1);
    expect(markup.match(/class="own"/g)).toHaveLength(2);
    expect(csvOf(dots)).toContain('0,CD3D,0,0.9,1\r\n');
  });

  it('stand down the page when genes do not fit across', () => {
    const genes = Array.from({ length: 120 }, (_, i) => `GENE${i}`);
    const share = new Float32Array(240).fill(0.5);
    const chart = dotPlotChart({ ...dots, genes, markerOf: new Int32Array(120), share, mean: share });
    expect(chart.width).toBeLessThan(500);
    expect(chart.height).toBeGreaterThan(120 * 14);
  });
});

describe('composition', () => {
  it('compares every group with all cells', () => {
    const bars = barsOf(composition);
    expect(bars.map(({ total }) => total)).toEqual([100, 40, 60, 0]);
    expect(bars[0].sizes).toEqual([35, 65]);
    const markup = sectionOf(composition).text;
    expect(markup).toContain('style="width:75.000%;');
    expect(markup).toContain('aria-label="no cells"');
    expect(csvOf(composition)).toMatch(/^cluster,a,.*\r\n0,30,10\r\n/);
  });
});

describe('calibration', () => {
  it('puts bins at their confidence and accuracy', () => {
    const { text: markup } = calibrationChart(calibration).body;
    expect(markup).toContain('20 cells with confidence 55.0\u00a0%, 50.0\u00a0% right');
    expect(markup.match(/<circle/g)).toHaveLength(2);
    expect(sectionOf(calibration).text).toContain('calibration error 0.040');
  });
});

describe('charts', () => {
  it('cut texts to a width', () => {
    expect(fitted('short', 100)).toBe('short');
    const cut = fitted('a rather long name of a cell type', 80);
    expect(cut.endsWith('…')).toBe(true);
    expect(textWidth(cut)).toBeLessThanOrEqual(80);
    expect(textWidth('MMMM')).toBeGreaterThan(textWidth('iiii'));
  });

  it('are arranged in rows', () => {
    const chart = { width: 100, height: 50, label: '', body: none };
    expect(arranged([chart, chart, chart], 2, 'all', 10)).toMatchObject({ width: 210, height: 110 });
    expect(arranged([], 2, 'none')).toMatchObject({ width: 0, height: 0 });
  });
});
