/** @file Curves by epoch or step, such as losses: a panel for each objective. */

import { html, type Markup, none } from '../markup.ts';
import { groupColors } from '../palette.ts';
import type { Curve, CurvePanel, CurvesSection } from '../task-report.ts';
import { linearScale, logScale, type Scale, tickText } from './axis.ts';
import { arranged, type Chart, colorKeys, fitted, round, textWidth } from './chart.ts';

const [panelWidth, panelHeight] = [336, 232];
const plot = { left: 46, right: 10, top: 30, bottom: 38 };
const [plotWidth, plotHeight] = [panelWidth - plot.left - plot.right, panelHeight - plot.top - plot.bottom];
/** Points of curves with no more of them are drawn as dots too. */
const mostDots = 30;
/** Places along the axis that answer the pointer: more could not be told apart. */
const mostHits = 120;

/** Names of all curves, in the order of their first panel, and their colours. */
export function curveNames({ panels }: CurvesSection): {
  readonly names: string[];
  readonly colors: string[];
} {
  const names = [...new Set(panels.flatMap(({ curves }) => curves.map(({ name }) => name)))];
  return { names, colors: groupColors(names.length) };
}

/** True when there are values and all are above 0, so that they have logarithms. */
export function canBeLogarithmic({ panels }: CurvesSection): boolean {
  const values = panels.flatMap(({ curves }) =>
    curves.flatMap(({ y }) => Array.from(y).filter(Number.isFinite)),
  );
  return values.length > 0 && values.every((value) => value > 0);
}

/** One chart for each panel. */
export function curveCharts(section: CurvesSection, scale: 'linear' | 'log'): readonly Chart[] {
  const { names, colors } = curveNames(section);
  const colorOf = (name: string) => colors[names.indexOf(name)];
  return section.panels.map((panel) => panelChart(section, panel, scale, colorOf));
}

/** All panels and their legend as one. */
export function curvesFigure(section: CurvesSection): Chart {
  const { names, colors } = curveNames(section);
  const scale = section.scale === 'log' && canBeLogarithmic(section) ? 'log' : 'linear';
  const panels = arranged(curveCharts(section, scale), 3, '');
  const legend = colorKeys(names, colors, Math.max(panels.width, panelWidth));
  return arranged([panels, legend], 1, `${section.title}: ${section.yTitle} by ${section.xTitle}`, 12);
}

interface Axes {
  readonly x: Scale;
  readonly y: Scale;
  readonly left: (value: number) => number;
  readonly top: (value: number) => number;
}

function axesOf({ curves }: CurvePanel, chosen: number | undefined, scale: 'linear' | 'log'): Axes | null {
  const xs = curves.flatMap((curve) => Array.from(curve.x).filter((_, i) => Number.isFinite(curve.y[i])));
  const ys = curves.flatMap((curve) => Array.from(curve.y).filter(Number.isFinite));
  if (ys.length === 0) return null;
  if (chosen !== undefined && Number.isFinite(chosen)) xs.push(chosen);
  const [low, high] = extent(ys);
  const x = exactScale(...extent(xs));
  const y = scale === 'log' ? logScale(low, high) : linearScale(low, high, 4);
  return {
    x,
    y,
    left: (value) => round(plot.left + 4 + x.at(value) * (plotWidth - 8)),
    top: (value) => round(plot.top + (1 - y.at(value)) * plotHeight),
  };
}

/** Epochs end where they end: a scale that is not widened, with whole ticks where values are whole. */
function exactScale(low: number, high: number): Scale {
  if (low === high) return { at: () => 0.5, ticks: [low] };
  const whole = Number.isInteger(low) && Number.isInteger(high);
  const ticks = linearScale(low, high, whole ? Math.min(6, high - low) : 6).ticks;
  return {
    at: (value) => (value - low) / (high - low),
    ticks: ticks.filter((tick) => tick >= low && tick <= high),
  };
}

function extent(values: readonly number[]): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

function panelChart(
  { xTitle, yTitle, chosen }: CurvesSection,
  panel: CurvePanel,
  scale: 'linear' | 'log',
  colorOf: (name: string) => string,
): Chart {
  const bottom = plot.top + plotHeight;
  const label = `${panel.title}: ${yTitle} by ${xTitle}. ${panel.curves.map(lastValue).join('; ')}`;
  const title = html`<text class="title" x="0" y="13">${fitted(panel.title, panelWidth, 13.5)}</text>`;
  const size = { width: panelWidth, height: panelHeight, label };
  const axes = axesOf(panel, chosen?.x, scale);
  if (axes === null) {
    return {
      ...size,
      body: html`${title}<text class="soft" x="${plot.left}" y="${plot.top + 24}">no values</text>`,
    };
  }
  const { left, top } = axes;
  const body = html`${title}
${axes.y.ticks.map((tick) => html`<path class="grid" d="M${plot.left} ${top(tick)}h${plotWidth}"/><text class="soft small" text-anchor="end" x="${plot.left - 6}" y="${round(top(tick) + 3.5)}">${tickText(tick)}</text>`)}
<path class="axis" d="M${plot.left} ${bottom}h${plotWidth}"/>
${axes.x.ticks.map((tick) => html`<path class="axis" d="M${left(tick)} ${bottom}v4"/><text class="soft small" text-anchor="middle" x="${left(tick)}" y="${bottom + 16}">${tickText(tick)}</text>`)}
<text class="soft small" text-anchor="end" x="${plot.left + plotWidth}" y="${bottom + 32}">${xTitle}</text>
<text class="soft small" x="${plot.left}" y="${bottom + 32}">${yTitle}${scale === 'log' ? ', logarithmic' : ''}</text>
${chosen === undefined ? none : chosenLine(chosen, axes)}
${panel.curves.map((curve) => drawn(curve, axes, colorOf(curve.name)))}
${hits(panel, axes, xTitle)}`;
  return { ...size, body };
}

function lastValue({ name, y }: Curve): string {
  const values = Array.from(y).filter(Number.isFinite);
  return values.length === 0
    ? `${name}: no values`
    : `${name}: last ${tickText(Number(values.at(-1)!.toPrecision(3)))}`;
}

function chosenLine({ x, label }: { readonly x: number; readonly label: string }, { left }: Axes): Markup {
  if (!Number.isFinite(x)) return none;
  const place = left(x);
  const inside = place + textWidth(label, 10.5) + 5 < panelWidth;
  return html`<path class="chosen" d="M${place} ${plot.top - 6}V${plot.top + plotHeight}"/><text class="small" text-anchor="${inside ? 'start' : 'end'}" x="${place + (inside ? 5 : -5)}" y="${plot.top - 5}">${label}</text>`;
}

function drawn({ x, y }: Curve, { left, top }: Axes, color: string): Markup {
  let path = '';
  let open = false;
  const dots: Markup[] = [];
  for (let i = 0; i < y.length; i++) {
    const there = Number.isFinite(y[i]) && Number.isFinite(x[i]);
    if (there) {
      path += `${open ? 'L' : 'M'}${left(x[i])} ${top(y[i])}`;
      if (y.length <= mostDots)
        dots.push(html`<circle cx="${left(x[i])}" cy="${top(y[i])}" r="2.6" fill="${color}"/>`);
    }
    open = there;
  }
  if (path === '') return none;
  const thin = y.length > 300 ? html` style="stroke-width:1.1px"` : none;
  return html`<path class="curve" stroke="${color}"${thin} d="${path}"/>${dots}`;
}

/** Bands that tell all values at a place of the axis. */
function hits({ curves }: CurvePanel, { left }: Axes, xTitle: string): Markup {
  const places = [...new Set(curves.flatMap(({ x }) => Array.from(x)))]
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const every = Math.ceil(places.length / mostHits);
  const shown = places.filter((_, i) => i % every === 0);
  return html`${shown.map((place, i) => {
    const from = i === 0 ? plot.left : (left(shown[i - 1]) + left(place)) / 2;
    const to = i === shown.length - 1 ? plot.left + plotWidth : (left(place) + left(shown[i + 1])) / 2;
    const values = curves.flatMap(({ name, x, y }) => {
      const value = y[Array.prototype.indexOf.call(x, place)];
      return value === undefined || Number.isNaN(value) ? [] : [`${name} ${Number(value.toPrecision(4))}`];
    });
    return html`<rect class="hit" x="${round(from)}" y="${plot.top}" width="${round(to - from)}" height="${plotHeight}" data-tip="${xTitle} ${tickText(place)}: ${values.join(', ')}"/>`;
  })}`;
}
