/** @file Scores of the joint embedding beside plain methods: without labels always, with labels where there are some. */

import { type Grouping, groupingOf } from '../../analysis/groups.ts';
import type { JointComponents } from '../../analysis/multimodal/joint-components.ts';
import { explainedByNeighbours } from '../../analysis/multimodal/reproducibility.ts';
import { nearestNeighbours } from '../../analysis/neighbours.ts';
import { finiteRows, type Points, pointsOf, takeRows } from '../../analysis/points.ts';
import { AnnData, type Annotation } from '../../single-cell/anndata.ts';
import { DataFrame } from '../../single-cell/data-frame.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { randomStream } from '../../support/random.ts';
import { evaluateEmbeddings } from '../evaluate/embedding-scores.ts';
import type { Metric, ScoreTable } from '../evaluate/score-table.ts';
import { scoredByNeighbours } from './graph-scores.ts';
import { spokenName } from './modality.ts';
import type { MultiomeResult } from './multiome.ts';
import { multiomeNames } from './results.ts';

/** Scores by what they look at. */
export interface MultiomeScores {
  /** How well neighbours agree in each modality. */
  readonly agreement: ScoreTable;
  /** By labels; null without. */
  readonly labelled: ScoreTable | null;
  readonly labels: Grouping | null;
}

/** Cells of a sample: all pairs are compared. */
const scoredCells = 3000;
const neighbourCount = 15;

/** Every embedding of the result by the name tables have. */
function embeddingsOf({ joint, cellEmbedding, plain }: MultiomeResult): [string, Points][] {
  return [
    [multiomeNames.joint, pointsOf(joint)],
    [multiomeNames.cell, pointsOf(cellEmbedding)],
    ...plain.map(({ name, points }) => [name, points] as [string, Points]),
  ];
}

/** The neighbours that clusters of an embedding are of, where they are not those of its points. */
function ownNeighbours({ jointCells, plain }: MultiomeResult, name: string): JointComponents | null {
  if (name === multiomeNames.joint) return jointCells.weighted ? jointCells : null;
  return plain.find((method) => method.name === name)?.joint ?? null;
}

const about = ({ jointCells }: MultiomeResult, name: string): string =>
  name === multiomeNames.joint
    ? jointCells.weighted
      ? 'neighbours by both modalities and the model'
      : 'one modality beside the cell embedding'
    : name === multiomeNames.cell
      ? 'what the fine-tuned model gives by itself'
      : 'plain method';

/** Scores cells that have a place in all embeddings. */
export async function multiomeScores(
  result: MultiomeResult,
  labels: Grouping | null,
  { seed, logger, ...control }: RunControl & { readonly seed: number; readonly logger: Logger },
): Promise<MultiomeScores> {
  const embeddings = embeddingsOf(result);
  const agreement = await agreementTable(result, embeddings, seed, control);
  if (labels === null) return { agreement, labelled: null, labels };
  const data = new AnnData({
    obs: new DataFrame(result.cells.names),
    var: new DataFrame([]),
    obsm: embeddings.map(([name, points]): [string, Annotation] => [
      name,
      {
        kind: 'dense',
        dtype: 'float64',
        shape: [points.count, points.dimensions],
        values: Float64Array.from(points.values),
      },
    ]),
  });
  const evaluated = await evaluateEmbeddings(
    data,
    { batch: null, labels },
    { embeddings: embeddings.map(([name]) => name), methods: [], seeds: [seed], ...control },
    logger,
  );
  const ours: readonly string[] = [multiomeNames.joint, multiomeNames.cell];
  const { table, rows: cells, labels: ofCells } = evaluated;
  const rows: ScoreTable['rows'][number][] = [];
  for (const row of table.rows) {
    const origin = ours.includes(row.name) ? ('data' as const) : ('baseline' as const);
    const named = { ...row, origin, about: about(result, row.name) };
    const joint = ownNeighbours(result, row.name);
    rows.push(
      joint === null || ofCells === null
        ? named
        : await scoredByNeighbours(named, joint, { rows: cells, labels: ofCells }, control),
    );
  }
  return { agreement, labelled: { ...table, rows }, labels };
}

/** How much of each modality's components the mean of a cell's neighbours explains. */
async function agreementTable(
  result: MultiomeResult,
  embeddings: readonly (readonly [string, Points])[],
  seed: number,
  control: RunControl,
): Promise<ScoreTable> {
  const places = embeddings.map(([, points]) => new Set(finiteRows(points)));
  const all = Int32Array.from(result.cells.names.keys()).filter((row) =>
    places.every((rows) => rows.has(row)),
  );
  const rows =
    all.length <= scoredCells
      ? all
      : Int32Array.from(
          randomStream(seed, 'scored cells').sample(all.length, scoredCells),
          (place) => all[place],
        ).sort();
  const metrics: Metric[] = result.modalities.map(({ name }) => ({
    id: `${name}_agreement`,
    name: `agreement in ${spokenName(name)}`,
    about: `share of the variance of its components that the mean of ${neighbourCount} neighbours explains`,
    group: 'Without labels',
    better: 'high',
  }));
  const ours: readonly string[] = [multiomeNames.joint, multiomeNames.cell];
  const table: ScoreTable['rows'][number][] = [];
  for (const [name, points] of embeddings) {
    const k = Math.min(neighbourCount, rows.length - 1);
    if (k < 1) break;
    const near = await nearestNeighbours(takeRows(points, rows), k, 'euclidean', control);
    const scores = Object.fromEntries(
      result.modalities.map((modality, side) => [
        metrics[side].id,
        { mean: explainedByNeighbours(takeRows(modality.points, rows), near), sd: null },
      ]),
    );
    const origin = ours.includes(name) ? 'data' : 'baseline';
    table.push({ name, origin, about: about(result, name), runs: 1, seconds: null, scores });
  }
  return { metrics, rows: table };
}

/** Labels of the paired cells, from the first modality that has the column and the cell. */
export function labelsOf(
  key: string,
  data: readonly [AnnData, AnnData],
  { names, rows }: MultiomeResult['cells'],
): Grouping {
  const columns = data.map(({ obs }) => (obs.columns.has(key) ? obs.strings(key) : null));
  if (columns[0] === null && columns[1] === null) data[0].obs.column(key); // tells which there are
  const values = names.map(
    (_, cell) =>
      [0, 1].map((side) => columns[side]?.[rows[side][cell]]).find((found) => found != null) ?? null,
  );
  return groupingOf(key, { kind: 'string', values });
}
