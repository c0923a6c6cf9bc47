/** @file A matrix of confusions: colours are shares of a true label's cells, numbers are cells. */

import { count, plural } from '../../support/words.ts';
import { html, type Markup, none } from '../markup.ts';
import { percent } from '../numbers.ts';
import type { ConfusionSection } from '../task-report.ts';
import { darkHeat } from '../theme.ts';
import { type Chart, fitted, round, textWidth, widest } from './chart.ts';

/** A square's side is chosen between these so that all of them fill about `fullWidth`. */
const [smallest, largest, fullWidth] = [13, 56, 640];
/** Numbers are written in squares of at least this side. */
const numbersFrom = 24;
const longestLabel = 170;
/** How steep the labels above stand. */
const slope = { angle: -50, rise: Math.sin((50 * Math.PI) / 180), run: Math.cos((50 * Math.PI) / 180) };

/** The matrix, with the cells of every row at its right. */
export function confusionChart(section: ConfusionSection): Chart {
  const { rows, columns, rowTitle, columnTitle } = section;
  const side = Math.round(
    Math.max(smallest, Math.min(largest, fullWidth / Math.max(1, rows.length, columns.length))),
  );
  const size = side < 15 ? 10.5 : 12;
  const totals = rows.map((_, row) => rowSum(section, row));
  const left = 30 + widest(rows, longestLabel, size);
  const head = widest(columns, longestLabel, size);
  const flat = head <= side - 6; // labels that fit stand upright
  const top = 22 + (flat ? size : slope.rise * head) + 8;
  const width = side * columns.length;
  const height = side * rows.length;
  const beside = Math.max(
    widest(totals.map(count), 80, 10.5) + 14,
    flat ? 0 : slope.run * head - side / 2 + 8,
  );
  const labels = html`<text class="soft" x="${round(left)}" y="12">${columnTitle}</text>
<text class="soft" transform="translate(11 ${round(top + height / 2)}) rotate(-90)" text-anchor="middle">${rowTitle}</text>
${rows.map((name, row) => rowLabel(name, left - 8, top + (row + 0.5) * side, size))}
${columns.map((name, column) => columnLabel(name, left + (column + 0.5) * side, top - 7, size, flat))}
${totals.map((total, row) => html`<text class="soft small" x="${round(left + width + 8)}" y="${round(top + (row + 0.5) * side + 4)}">${count(total)}</text>`)}`;
  const squares = rows.map((_, row) => squaresOf(section, row, totals[row], { left, top, side }));
  return {
    width: left + width + beside,
    height: top + height + 2,
    label: `Matrix of ${rowTitle} by ${columnTitle}: ${plural(rows.length, 'row')}, ${plural(columns.length, 'column')}`,
    body: html`${labels}<rect class="plate" x="${round(left)}" y="${round(top)}" width="${width}" height="${height}"/>
${squares}<rect class="frame" x="${round(left)}" y="${round(top)}" width="${width}" height="${height}"/>`,
  };
}

/** Cells of a row. */
export function rowSum(
  { columns, counts }: Pick<ConfusionSection, 'columns' | 'counts'>,
  row: number,
): number {
  let sum = 0;
  for (let column = 0; column < columns.length; column++) sum += counts[row * columns.length + column];
  return sum;
}

interface Frame {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

function squaresOf(
  section: ConfusionSection,
  row: number,
  total: number,
  { left, top, side }: Frame,
): Markup {
  const { rows, columns, counts } = section;
  const y = round(top + row * side);
  return html`${columns.map((name, column) => {
    const cells = counts[row * columns.length + column];
    const x = round(left + column * side);
    const right = name === rows[row];
    const outline = right
      ? html`<rect class="right" x="${x + 0.5}" y="${y + 0.5}" width="${side - 1}" height="${side - 1}"/>`
      : none;
    if (!(cells > 0)) return outline;
    const share = cells / total;
    const tip = `${rows[row]} → ${name}: ${plural(cells, 'cell')}, ${percent(share)} of the row`;
    return html`<rect class="heat" fill-opacity="${share.toFixed(3)}" x="${x}" y="${y}" width="${side}" height="${side}" data-tip="${tip}"/>${outline}${numberIn(cells, share, x, y, side)}
`;
  })}`;
}

function numberIn(cells: number, share: number, x: number, y: number, side: number): Markup {
  const text = short(cells, side);
  if (side < numbersFrom || text === null) return none;
  const tone = share >= darkHeat ? 'small onheat' : 'small';
  return html`<text class="${tone}" pointer-events="none" text-anchor="middle" x="${round(x + side / 2)}" y="${round(y + side / 2 + 4)}">${text}</text>`;
}

/** A count that fits a square, in thousands where it must be, or null. */
function short(cells: number, side: number): string | null {
  const fits = (text: string) => textWidth(text, 10.5) <= side - 3;
  const texts = [count(cells), `${Math.round(cells / 1000)}k`];
  return texts.find((text, i) => fits(text) && (i === 0 || cells >= 1000)) ?? null;
}

function rowLabel(name: string, x: number, y: number, size: number): Markup {
  return html`<text text-anchor="end" style="font-size:${size}px" x="${round(x)}" y="${round(y + 0.34 * size)}">${fitted(name, longestLabel, size)}</text>`;
}

function columnLabel(name: string, x: number, y: number, size: number, flat: boolean): Markup {
  const place = flat
    ? html`text-anchor="middle" x="${round(x)}" y="${round(y)}"`
    : html`transform="translate(${round(x + 3)} ${round(y)}) rotate(${slope.angle})"`;
  return html`<text style="font-size:${size}px" ${place}>${fitted(name, longestLabel, size)}</text>`;
}
