/** @file Every figure of a report as files of SVG and PNG. */

import { calibrationFigure } from '../charts/calibration.ts';
import { type Chart, standaloneSvg } from '../charts/chart.ts';
import { compositionFigure } from '../charts/composition.ts';
import { confusionChart } from '../charts/confusion.ts';
import { curvesFigure } from '../charts/curves.ts';
import { dotPlotChart } from '../charts/dot-plot.ts';
import { networkChart } from '../charts/network.ts';
import { scoresChart } from '../charts/scores.ts';
import { volcanoChart } from '../charts/volcano.ts';
import { checkNames } from '../render.ts';
import type { MapsSection, Section, TaskReport } from '../task-report.ts';
import { openRasteriser } from './rasterise.ts';
import { scatterChart } from './scatter.ts';

/** Which files {@link renderFigures} makes. */
export interface FigureOptions {
  /** Default both. PNG needs the optional package `@resvg/resvg-js`. */
  readonly formats?: readonly ('svg' | 'png')[] | undefined;
}

/**
 * The figures of a report by the names of their files: `confusion.svg`, `confusion.png`, for maps
 * `cells-by-batch.svg`. SVG follows the reader's light or dark setting; PNG is light, two pixels to a unit.
 *
 * @throws UsageError when names of sections are no file names or not one of their kind
 * @throws DeviceError when PNG is asked for and cannot be made, before anything is drawn
 */
export async function renderFigures(
  { sections }: Pick<TaskReport, 'sections'>,
  { formats = ['svg', 'png'] }: FigureOptions = {},
): Promise<ReadonlyMap<string, string | Uint8Array>> {
  checkNames(sections);
  const rasterise = formats.includes('png') ? await openRasteriser() : null;
  const files = new Map<string, string | Uint8Array>();
  for (const [name, chart] of sections.flatMap(figuresOf)) {
    if (formats.includes('svg')) files.set(`${name}.svg`, standaloneSvg(chart));
    if (rasterise !== null) files.set(`${name}.png`, rasterise(standaloneSvg(chart, 'light')));
  }
  return files;
}

function figuresOf(section: Section): (readonly [name: string, chart: Chart])[] {
  switch (section.kind) {
    case 'maps':
      return mapFigures(section);
    case 'scores':
      return [[section.name, scoresChart(section)]];
    case 'confusion':
      return [[section.name, confusionChart(section)]];
    case 'curves':
      return [[section.name, curvesFigure(section)]];
    case 'dot-plot':
      return [[section.name, dotPlotChart(section)]];
    case 'composition':
      return [[section.name, compositionFigure(section)]];
    case 'calibration':
      return [[section.name, calibrationFigure(section)]];
    case 'volcano':
      return [[section.name, volcanoChart(section)]];
    case 'network':
      return section.nodes.length === 0 ? [] : [[section.name, networkChart(section)]];
    default:
      return [];
  }
}

/** One figure for each column that cells are coloured by at first. */
function mapFigures({
  name,
  maps,
  columns,
  colorBy,
}: MapsSection): (readonly [name: string, chart: Chart])[] {
  if (colorBy.length === 0) return [[name, scatterChart({ maps, columns, colorBy: null })]];
  const names = new Set<string>();
  return colorBy.map((color) => {
    const base = `${name}-by-${fileWords(color)}`;
    let file = base;
    for (let i = 2; names.has(file); i++) file = `${base}-${i}`;
    names.add(file);
    return [file, scatterChart({ maps, columns, colorBy: color })] as const;
  });
}

/** A column's name as part of a file name: letters, digits and dashes. */
function fileWords(name: string): string {
  const words = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40);
  return words === '' ? 'column' : words;
}
