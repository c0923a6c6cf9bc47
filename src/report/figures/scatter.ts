/** @file Maps of cells as a chart that stands alone: points as an embedded image, axes and legend as text. */

import { count } from '../../support/words.ts';
import { base64 } from '../base64.ts';
import { arranged, type Chart, fitted, round, textWidth } from '../charts/chart.ts';
import { columnIndex, type ReportColumn } from '../columns.ts';
import { html, type Markup, none } from '../markup.ts';
import { significant } from '../numbers.ts';
import { decode, type PageColumn } from '../page/decode.ts';
import { drawPoints, pointRadius } from '../page/points.ts';
import { missingColor, plainColor } from '../palette.ts';
import { quantise } from '../quantise.ts';
import { storedColumns } from '../script.ts';
import type { ReportMap } from '../task-report.ts';
import { encodePng } from './png.ts';

/** What a figure of maps shows. */
export interface ScatterFigure {
  /** Side by side, in one colour scheme. */
  readonly maps: readonly Pick<ReportMap, 'title' | 'layout'>[];
  /** Columns that share colours where their groups have the same names. */
  readonly columns: readonly ReportColumn[];
  /** Name of the one that cells are coloured by; null for one colour. */
  readonly colorBy: string | null;
}

const panelSize = 380;
const gap = 28;
const titleHeight = 24;
/** Image pixels to one unit of the figure. */
const density = 2;

/** The maps, 380 units a panel, and their legend. Equal input gives equal drawings. */
export function scatterChart({ maps, columns: all, colorBy }: ScatterFigure): Chart {
  const cells = new Array<string>(maps[0]?.layout.shape[0] ?? 0).fill('');
  const chosen = colorBy === null ? [] : [storedColumns(all)[columnIndex(all, colorBy)]];
  const { columns, plain } = decode({ cells, maps: [], columns: chosen, missingColor, plainColor });
  const shown = columns[0] ?? plain;
  const width = Math.max(1, maps.length) * (panelSize + gap) - gap;
  const label = `${maps.map(({ title }) => title).join(' and ')}, ${colorBy === null ? 'cells' : `cells coloured by ${colorBy}`}`;
  const panels = arranged(
    maps.map((map) => panel(map, shown)),
    Math.max(1, maps.length),
    '',
    gap,
  );
  const legend = shown === plain ? [] : [legendOf(shown, width)];
  return arranged([panels, ...legend], 1, label, 10);
}

function panel({ title, layout }: ScatterFigure['maps'][number], { colorOf, colors }: PageColumn): Chart {
  const places = quantise(layout);
  const size = density * panelSize;
  const radius = pointRadius(places.length / 2, size);
  const drawing = { places, colorOf, colors, hidden: new Set<number>(), size, radius };
  const pixels = new Uint8Array(drawPoints({ ...drawing, margin: Math.max(8 * density, 2 * radius) }).buffer);
  const image = encodePng({ width: size, height: size, pixels });
  const bottom = titleHeight + panelSize;
  const body = html`<text class="title" x="0" y="13">${fitted(title, panelSize, 13.5)}</text>
<rect class="plate" y="${titleHeight}" width="${panelSize}" height="${panelSize}" rx="6"/>
<image y="${titleHeight}" width="${panelSize}" height="${panelSize}" href="data:image/png;base64,${base64(image)}"/>
<rect class="frame" y="${titleHeight}" width="${panelSize}" height="${panelSize}" rx="6"/>
<path class="axis" d="M22 ${bottom - 58}v36h36m-40 -32l4 -5 4 5m27 27l5 5 -5 5"/>
<text class="soft small" x="22" y="${bottom - 8}">UMAP 1</text>
<text class="soft small" transform="translate(15 ${bottom - 22}) rotate(-90)">UMAP 2</text>
`;
  return { width: panelSize, height: bottom, label: title, body };
}

function legendOf(column: PageColumn, width: number): Chart {
  const { stored, colors, colorOf } = column;
  const sizes = new Array<number>(colors.length).fill(0);
  for (const color of colorOf) sizes[color]++;
  const missing = { name: 'no value', color: colors.length - 1 };
  const keys = stored.kind === 'groups' ? stored.groups.map((name, color) => ({ name, color })) : [];
  const shown = [...keys, missing].filter(({ color }) => sizes[color] > 0);
  const scale = stored.kind === 'numbers' ? numberScale(column) : none;
  let x = 0;
  let y = stored.kind === 'numbers' ? 24 : 20;
  const drawn = shown.map(({ name, color }) => {
    const text = fitted(name, width - 90);
    const size = count(sizes[color]);
    const wide = 20 + textWidth(text) + 6 + textWidth(size, 10.5);
    if (x > 0 && x + wide > width) {
      x = 0;
      y += 20;
    }
    const left = x;
    x += wide + 14;
    return html`<circle cx="${round(left + 6)}" cy="${y + 9.5}" r="5" fill="${colors[color]}"/><text x="${round(left + 17)}" y="${y + 14}">${text}<tspan class="soft small" dx="5">${size}</tspan></text>
`;
  });
  return {
    width,
    height: (drawn.length === 0 ? 4 : y) + 18,
    label: '',
    body: html`<text class="soft" x="0" y="13">${fitted(stored.name, 240)}</text>${scale}${drawn}`,
  };
}

function numberScale({ stored, colors }: PageColumn): Markup {
  if (stored.kind !== 'numbers') return none;
  const steps = colors.slice(0, -1);
  const [low, high] = [significant(stored.low, 3), significant(stored.high, 3)];
  const left = Math.min(240, textWidth(stored.name)) + textWidth(low) + 26;
  const wide = 200 / steps.length;
  return html`<text text-anchor="end" x="${round(left - 7)}" y="13">${low}</text>${steps.map(
    (color, i) =>
      html`<rect x="${round(left + i * wide)}" y="3" width="${round(wide + 0.3)}" height="11" fill="${color}"/>`,
  )}<text x="${round(left + 207)}" y="13">${high}</text>`;
}
