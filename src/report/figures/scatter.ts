/** @file Maps of cells as one standalone SVG: points as an embedded image, axes and legend as text, for docs and papers. */

import { count } from '../../support/words.ts';
import { base64 } from '../base64.ts';
import type { ReportColumn } from '../columns.ts';
import type { ReportMap } from '../embed-report.ts';
import { html, Markup, none } from '../markup.ts';
import { decode, type PageColumn } from '../page/decode.ts';
import { missingColor } from '../palette.ts';
import { quantise } from '../quantise.ts';
import { storedColumn } from '../script.ts';
import { encodePng } from './png.ts';
import { drawPoints } from './points.ts';

/** What a figure shows. */
export interface ScatterFigure {
  /** Side by side, in one colour scheme. */
  readonly maps: readonly Pick<ReportMap, 'title' | 'layout'>[];
  /** What cells are coloured by. */
  readonly column: ReportColumn;
}

const panelSize = 380;
const gap = 28;
const margin = 20;
/** Image pixels to one unit of the figure. */
const density = 2;

const style = new Markup(`
  .ground { fill: #ffffff } .frame { fill: none; stroke: #d8d8d3 } .axis { fill: none; stroke: #5c6168 }
  text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; fill: #1c1e21 }
  .title { font-weight: 600; font-size: 15px } .small { font-size: 10.5px; fill: #5c6168 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #14161a } .frame { stroke: #2f343b } .axis { stroke: #a0a5ad }
    text { fill: #e8e8e4 } .small { fill: #a0a5ad }
  }
`);

/**
 * The maps as SVG, 380 units a panel. Fonts are the reader's; colours follow the reader's light or dark setting.
 * Equal input gives equal bytes.
 */
export function scatterSvg({ maps, column }: ScatterFigure): string {
  const width = 2 * margin + maps.length * panelSize + (maps.length - 1) * gap;
  const { columns } = decode({
    cells: [],
    maps: [],
    columns: [storedColumn(column)],
    colorBy: 0,
    missingColor,
  });
  const panels = maps.map((map, i) => panel(map, columns[0], margin + i * (panelSize + gap)));
  const top = margin + 26 + panelSize + 30;
  const legend =
    column.kind === 'groups' ? groupLegend(columns[0], top, width) : numberLegend(columns[0], top);
  const height = legend.bottom + margin;
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${maps.map(({ title }) => title).join(' and ')}, cells coloured by ${column.name}</title>
<style>${style}</style><rect class="ground" width="100%" height="100%"/>
${panels}${legend.markup}
</svg>
`.text;
}

function panel(
  { title, layout }: Pick<ReportMap, 'title' | 'layout'>,
  column: PageColumn,
  left: number,
): Markup {
  const places = quantise(layout);
  const radius = density * Math.max(0.6, Math.min(3.5, 20 * (places.length / 2) ** -0.33));
  const { colorOf, colors } = column;
  const image = encodePng(drawPoints({ places, colorOf, colors, size: density * panelSize, radius }));
  const bottom = margin + 26 + panelSize;
  return html`<text class="title" x="${left}" y="${margin + 12}">${title}</text>
<image x="${left}" y="${margin + 26}" width="${panelSize}" height="${panelSize}" href="data:image/png;base64,${base64(image)}"/>
<rect class="frame" x="${left}" y="${margin + 26}" width="${panelSize}" height="${panelSize}" rx="6"/>
<path class="axis" d="M${left + 22} ${bottom - 58}v36h36m-40 -32l4 -5 4 5m27 27l5 5 -5 5"/>
<text class="small" x="${left + 22}" y="${bottom - 8}">UMAP 1</text>
<text class="small" transform="translate(${left + 15} ${bottom - 22}) rotate(-90)">UMAP 2</text>
`;
}

/** About what a text of this length takes in most fonts. */
const textWidth = (text: string, size: number) => 0.58 * size * text.length;

interface Legend {
  readonly markup: Markup;
  readonly bottom: number;
}

function groupLegend({ stored, colors, colorOf }: PageColumn, top: number, width: number): Legend {
  const names = [...(stored.kind === 'groups' ? stored.groups : []), 'no value'];
  const sizes = new Array<number>(colors.length).fill(0);
  for (const color of colorOf) sizes[color]++;
  let x = margin;
  let y = top;
  const keys = names.map((name, color) => {
    if (sizes[color] === 0) return none;
    const size = count(sizes[color]);
    const wide = 20 + textWidth(name, 13) + 6 + textWidth(size, 10.5);
    if (x > margin && x + wide > width - margin) {
      x = margin;
      y += 22;
    }
    const left = x;
    x += wide + 16;
    return html`<circle cx="${left + 6}" cy="${y - 4.5}" r="5.5" fill="${colors[color]}"/><text x="${left + 18}" y="${y}">${name} <tspan class="small">${size}</tspan></text>
`;
  });
  return { markup: html`${keys}`, bottom: y };
}

function numberLegend({ stored, colors }: PageColumn, top: number): Legend {
  const [low, high] = stored.kind === 'numbers' ? [stored.low, stored.high] : [0, 1];
  const stops = colors.slice(0, -1).map((color, i, all) => {
    return html`<stop offset="${(i / (all.length - 1)).toFixed(3)}" stop-color="${color}"/>`;
  });
  const end = (value: number) => String(Number(value.toPrecision(3)));
  const bar = margin + textWidth(stored.name, 13) + textWidth(end(low), 13) + 28;
  const markup = html`<defs><linearGradient id="scale">${stops}</linearGradient></defs>
<text x="${margin}" y="${top}">${stored.name}</text><text x="${bar - 8}" y="${top}" text-anchor="end">${end(low)}</text>
<rect x="${bar}" y="${top - 10}" width="200" height="11" rx="4" fill="url(#scale)"/><text x="${bar + 208}" y="${top}">${end(high)}</text>
`;
  return { markup, bottom: top };
}
