/** @file What groups consist of: a stacked bar for each. */

import { count } from '../../support/words.ts';
import { html, type Markup, none } from '../markup.ts';
import { columnColors } from '../palette.ts';
import type { CompositionSection } from '../task-report.ts';
import { arranged, type Chart, colorKeys, fitted, round, widest } from './chart.ts';

const [barWidth, barHeight, step, longestLabel] = [460, 15, 22, 150];

/** A group and the cells of its parts. */
export interface Bar {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly total: number;
}

/** A bar for each group, after one of all cells for comparison. */
export function barsOf({ groups, parts, counts }: CompositionSection): readonly Bar[] {
  const bars = groups.map((name, group) => {
    const sizes = parts.map((_, part) => counts[group * parts.length + part]);
    return { name, sizes, total: sum(sizes) };
  });
  const all = parts.map((_, part) => sum(bars.map(({ sizes }) => sizes[part])));
  return [{ name: 'all cells', sizes: all, total: sum(all) }, ...bars];
}

/** The bars and their legend as one. */
export function compositionFigure(section: CompositionSection): Chart {
  const { parts, groupTitle, partTitle } = section;
  const colors = columnColors([parts])[0];
  const bars = barsOf(section);
  const left = widest(
    bars.map(({ name }) => name),
    longestLabel,
  );
  const drawn = bars.map((bar, i) => {
    const y = i * step + (i > 0 ? 8 : 0);
    return html`<text text-anchor="end" x="${round(left)}" y="${y + 12}">${fitted(bar.name, longestLabel)}</text>${segments(bar, colors, left + 8, y)}<text class="soft small" x="${round(left + barWidth + 16)}" y="${y + 11.5}">${count(bar.total)}</text>
`;
  });
  const chart: Chart = {
    width: left + barWidth + 70,
    height: bars.length * step + 8,
    label: `Shares of each ${partTitle} in each ${groupTitle}`,
    body: html`${drawn}`,
  };
  return arranged([chart, colorKeys(parts, colors, chart.width)], 1, chart.label, 12);
}

function segments({ sizes, total }: Bar, colors: readonly string[], left: number, y: number): Markup {
  let x = left;
  return html`<rect class="own" x="${round(left)}" y="${y}" width="${barWidth}" height="${barHeight}"/>${sizes.map(
    (size, part) => {
      if (!(size > 0)) return none;
      const width = (size / total) * barWidth;
      const segment = html`<rect x="${round(x)}" y="${y}" width="${round(width)}" height="${barHeight}" fill="${colors[part]}"/>`;
      x += width;
      return segment;
    },
  )}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
