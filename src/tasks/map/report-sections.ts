/** @file Parts of the report that only a mapping has: both sides on one map, what they consist of, and how sure labels are. */

import { sampleCells } from '../../analysis/cell-sample.ts';
import { neighbourhoodOf } from '../../analysis/neighbourhood.ts';
import { type Points, pointsOf, takeRows } from '../../analysis/points.ts';
import { umap } from '../../analysis/umap.ts';
import type { ReportColumn } from '../../report/columns.ts';
import type { CompositionSection, CurvesSection, MapsSection } from '../../report/task-report.ts';
import type { RunControl } from '../../support/progress.ts';
import { count } from '../../support/words.ts';
import type { MappedLabels, MapResult } from './map.ts';

/** More reference cells say no more on a map, and the layout takes long. */
const mostReferenceCells = 5000;

/** Reference and query on one map: where the query lies, and what is near it. */
export async function bothSidesMap(
  result: MapResult,
  queryNames: readonly string[],
  control: RunControl,
): Promise<MapsSection> {
  const { reference, settings } = result;
  const chosen = sampleCells(reference.names, mostReferenceCells, settings.seed);
  const points = below(takeRows(reference.points, chosen), pointsOf(result.query.embeddings));
  const sampled =
    chosen.length < reference.names.length
      ? ` ${count(chosen.length)} of ${count(reference.names.length)} reference cells are shown.`
      : '';
  return {
    kind: 'maps',
    name: 'both-sides',
    title: 'Reference and query on one map',
    note: `Where query cells lie apart from all reference cells, another technology, another state or an unknown type is behind it.${sampled}`,
    cells: [...Array.from(chosen, (row) => reference.names[row]), ...queryNames],
    maps: [
      {
        title: 'both sides',
        caption: 'UMAP of the cell embeddings of both, 15 neighbours',
        layout: await umap(await neighbourhoodOf(points, undefined, control), points.count, control),
      },
    ],
    columns: [
      {
        kind: 'groups',
        name: 'side',
        groups: ['reference', 'query'],
        codes: Int32Array.from({ length: points.count }, (_, cell) => (cell < chosen.length ? 0 : 1)),
      },
      ...result.labels.map((labels, column) => onBothSides(labels, reference.labels[column].codes, chosen)),
    ],
    colorBy: ['side', result.labels[0].name],
  };
}

function below(first: Points, second: Points): Points {
  const values = new Float64Array(first.values.length + second.values.length);
  values.set(first.values);
  values.set(second.values, first.values.length);
  return { values, count: first.count + second.count, dimensions: first.dimensions };
}

/** Labels of the reference as they are, of the query as they were found. */
function onBothSides(
  { name, classes, codes, unassigned }: MappedLabels,
  ofReference: Int32Array,
  chosen: Int32Array,
): ReportColumn {
  const none = classes.length;
  return {
    kind: 'groups',
    name,
    groups: [...classes, 'unassigned'],
    codes: Int32Array.from([
      ...chosen.map((row) => ofReference[row]),
      ...codes.map((code, cell) => (unassigned[cell] === 1 ? none : code)),
    ]),
  };
}

/** What reference and query consist of, by one label column. */
export function sidesComposition(result: MapResult, column: number): CompositionSection {
  const { name, classes, codes, unassigned } = result.labels[column];
  const counts = new Int32Array(2 * (classes.length + 1));
  for (const code of result.reference.labels[column].codes) if (code >= 0) counts[code]++;
  codes.forEach((code, cell) => {
    counts[classes.length + 1 + (unassigned[cell] === 1 ? classes.length : code)]++;
  });
  return {
    kind: 'composition',
    name: `labels-${column + 1}-composition`,
    title: `What both sides consist of: ${name}`,
    groupTitle: 'Side',
    groups: ['reference', 'query'],
    partTitle: name,
    parts: [...classes, 'unassigned'],
    counts,
  };
}

/** Points of the curves. */
const steps = 101;

/** How many cells keep their label as the least score rises, and how many of these labels are right. */
export function scoreCurves({ labels }: MapResult, column: number): CurvesSection {
  const { name, classes, codes, scores, thresholds, truth } = labels[column];
  const x = Float64Array.from({ length: steps }, (_, i) => i / (steps - 1));
  const share = (cells: ArrayLike<number>, of: (cell: number) => boolean) =>
    Array.from(cells).filter(of).length / cells.length;
  const all = Int32Array.from(codes.keys());
  const kept = x.map((least) => share(all, (cell) => scores[cell] >= least));
  const isRight = (cell: number) =>
    truth !== null && classes[codes[cell]] === truth.labels.groups[truth.labels.codes[cell]];
  const right = x.map((least) => share(truth?.known.filter((cell) => scores[cell] >= least) ?? [], isRight));
  return {
    kind: 'curves',
    name: `labels-${column + 1}-scores`,
    title: `How sure labels are: ${name}`,
    note: "The score is the label's share of the neighbours' votes. Cells below the line are unassigned; so are cells that lie too far away, which this does not show.",
    xTitle: 'least score',
    yTitle: 'share',
    panels: [
      {
        title: 'Cells by score',
        curves: [
          { name: 'cells that keep their label', x, y: kept },
          ...(truth === null || truth.known.length === 0 ? [] : [{ name: 'right among them', x, y: right }]),
        ],
      },
    ],
    ...(Number.isFinite(thresholds.score)
      ? { chosen: { x: thresholds.score, label: `threshold ${thresholds.score.toFixed(2)}` } }
      : {}),
  };
}
