/** @file What groups consist of: a stacked bar for each. */

import { count, plural } from '../../support/words.ts';
import { html, type Markup, none } from '../markup.ts';
import { percent } from '../numbers.ts';
import { groupColors } from '../palette.ts';
import type { CompositionSection } from '../task-report.ts';
import { arranged, type Chart, colorKeys, fitted, round, widest } from './chart.ts';

const [barWidth, barHeight, step, longestLabel] = [460, 15, 22, 150];

/** Bars of one length, each with the cells of its group; a bar of all cells comes first for comparison. */
export function compositionChart(section: CompositionSection): Chart {
  const { groups, parts, counts, groupTitle, partTitle } = section;
  const colors = groupColors(parts.length);
  const rows = groups.map((name, group) => {
    const sizes = parts.map((_, part) => counts[group * parts.length + part]);
    return { name, sizes, total: sum(sizes) };
  });
  const all = parts.map((_, part) => sum(rows.map(({ sizes }) => sizes[part])));
  const bars = [{ name: 'all cells', sizes: all, total: sum(all) }, ...rows];
  const left = widest(
    bars.map(({ name }) => name),
    longestLabel,
  );
  const drawn = bars.map((bar, i) => {
    const y = i * step + (i > 0 ? 8 : 0);
    return html`<text text-anchor="end" x="${round(left)}" y="${y + 12}">${fitted(bar.name, longestLabel)}</text>${segments(bar, parts, colors, left + 8, y)}<text class="soft small" x="${round(left + barWidth + 16)}" y="${y + 11.5}">${count(bar.total)}</text>
`;
  });
  return {
    width: left + barWidth + 70,
    height: bars.length * step + 8,
    label: `Shares of each ${partTitle} in each ${groupTitle}`,
    body: html`${drawn}`,
  };
}

/** The bars and their legend as one. */
export function compositionFigure(section: CompositionSection): Chart {
  const bars = compositionChart(section);
  const legend = colorKeys(section.parts, groupColors(section.parts.length), bars.width);
  return arranged([bars, legend], 1, bars.label, 12);
}

interface Bar {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly total: number;
}

function segments(
  { name, sizes, total }: Bar,
  parts: readonly string[],
  colors: readonly string[],
  left: number,
  y: number,
): Markup {
  let x = left;
  return html`<rect class="own" x="${round(left)}" y="${y}" width="${barWidth}" height="${barHeight}"/>${sizes.map(
    (size, part) => {
      if (!(size > 0)) return none;
      const width = (size / total) * barWidth;
      const tip = `${name}: ${parts[part]} ${percent(size / total)}, ${plural(size, 'cell')}`;
      const segment = html`<rect x="${round(x)}" y="${y}" width="${round(width)}" height="${barHeight}" fill="${colors[part]}" data-tip="${tip}"/>`;
      x += width;
      return segment;
    },
  )}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
