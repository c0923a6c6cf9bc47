/** @file A chart: SVG that stands in the page or alone, as a file. */

import { html, Markup, none } from '../markup.ts';
import { aloneChartStyle, themes } from '../theme.ts';

/** A drawing of so many units, which are CSS pixels. */
export interface Chart {
  readonly width: number;
  readonly height: number;
  /** What it shows, in a sentence, for those who do not see it. */
  readonly label: string;
  readonly body: Markup;
}

/** A chart inside the page; one wider than a screen scrolls. */
export function inlineChart({ width, height, label, body }: Chart): Markup {
  return html`<div class="chart-scroll"><svg class="chart" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}" role="img" aria-label="${label}">${body}</svg></div>`;
}

/** Space around a chart that stands alone. */
const margin = 20;

/** Colours of a chart that stands alone: `reader` follows the reader's setting, for pages; the others never change. */
export type FigureTheme = 'reader' | 'light' | 'dark';

/** A chart as a file of SVG. Fonts are the reader's. Equal charts give equal bytes. */
export function standaloneSvg({ width, height, label, body }: Chart, theme: FigureTheme = 'reader'): string {
  const [outerWidth, outerHeight] = [round(width + 2 * margin), round(height + 2 * margin)];
  const first = themes[theme === 'dark' ? 'dark' : 'light'];
  const dark =
    theme === 'reader'
      ? `@media (prefers-color-scheme: dark) { .ground { fill: ${themes.dark.ground}; } ${aloneChartStyle(themes.dark)} }`
      : '';
  const style = new Markup(`.ground { fill: ${first.panel}; } ${aloneChartStyle(first)}${dark}`);
  return html`<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${outerWidth} ${outerHeight}" width="${outerWidth}" height="${outerHeight}" role="img">
<title>${label}</title>
<style>${style}</style><rect class="ground" width="100%" height="100%"/>
<g transform="translate(${margin} ${margin})">${withoutTips(body)}</g>
</svg>
`.text;
}

/** Notes for the pointer belong to the page. */
function withoutTips({ text }: Markup): Markup {
  return new Markup(text.replace(/ data-tip="[^"]*"/g, '').replace(/<rect class="hit"[^>]*\/>/g, ''));
}

/** Charts in rows of at most `columns`, as one. */
export function arranged(charts: readonly Chart[], columns: number, label: string, gap = 28): Chart {
  let width = 0;
  let top = 0;
  const placed: Markup[] = [];
  for (let start = 0; start < charts.length; start += columns) {
    let left = 0;
    const row = charts.slice(start, start + columns);
    for (const chart of row) {
      placed.push(html`<g transform="translate(${round(left)} ${round(top)})">${chart.body}</g>`);
      left += chart.width + gap;
    }
    width = Math.max(width, left - gap);
    top += Math.max(...row.map((chart) => chart.height)) + gap;
  }
  return { width, height: Math.max(0, top - gap), label, body: html`${placed}` };
}

/** A coordinate as it is written: hundredths of a pixel are seen by nobody. */
export function round(value: number): number {
  return Math.round(100 * value) / 100;
}

/** Widths of letters in wide sans-serif fonts, in the font's size: what fits there fits elsewhere. */
const letterWidths: readonly (readonly [RegExp, number])[] = [
  [/[ijl.,:;'|!()[\] ft\-/]/, 0.38],
  [/[mwMW@%—]/, 0.96],
  [/[A-Z0-9+<>=_&]/, 0.68],
  [/[\u2e80-\uffef]/, 1],
];

function letterWidth(letter: string): number {
  return letterWidths.find(([letters]) => letters.test(letter))?.[1] ?? 0.61;
}

/** About what a text takes in wide fonts. */
export function textWidth(text: string, size = 12): number {
  let width = 0;
  for (const letter of text) width += letterWidth(letter);
  return size * width;
}

/** A text with what fits of it, the rest as an ellipsis. */
export function fitted(text: string, width: number, size = 12): string {
  if (textWidth(text, size) <= width) return text;
  let kept = '';
  for (const letter of text) {
    if (textWidth(`${kept}${letter}…`, size) > width) break;
    kept += letter;
  }
  return `${kept.trimEnd()}…`;
}

/** The widest of some texts, at most `most`. */
export function widest(texts: readonly string[], most: number, size = 12): number {
  return Math.min(most, Math.max(0, ...texts.map((text) => textWidth(text, size))));
}

/** A legend of colours in rows within a width. */
export function colorKeys(names: readonly string[], colors: readonly string[], width: number): Chart {
  let x = 0;
  let y = 0;
  const keys = names.map((name, i) => {
    const text = fitted(name, width - 22);
    const wide = 18 + textWidth(text) + 16;
    if (x > 0 && x + wide > width) {
      x = 0;
      y += 20;
    }
    const key = html`<circle cx="${round(x + 5)}" cy="${y + 9}" r="5" fill="${colors[i]}"/><text x="${round(x + 15)}" y="${y + 13}">${text}</text>`;
    x += wide;
    return key;
  });
  return {
    width,
    height: names.length === 0 ? 0 : y + 18,
    label: '',
    body: names.length === 0 ? none : html`${keys}`,
  };
}
