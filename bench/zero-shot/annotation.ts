/** @file Labels transferred from reference to query cells, by the splits of `benchmarks/annotation.md`. */

import { pcaBaseline } from '../../src/analysis/baseline.ts';
import { type Grouping, groupingOf } from '../../src/analysis/groups.ts';
import { transferLabels } from '../../src/analysis/label-transfer.ts';
import { classificationScores } from '../../src/analysis/metrics/classification.ts';
import { type Points, pointsOf, takeRows } from '../../src/analysis/points.ts';
import type { AnnData } from '../../src/single-cell/anndata.ts';
import { concatenate } from '../../src/single-cell/concatenate.ts';
import type { DataFrame } from '../../src/single-cell/data-frame.ts';
import { categorical } from '../../src/single-cell/data-frame.ts';
import type { AnnotationTask } from '../tasks/annotation-tasks.ts';
import { type CellFiles, placed, stack } from './cells.ts';

/** Neighbours that vote. */
const neighbours = 15;
/** Components of the baseline, the better of the benchmark's two. */
const components = 30;

/** Scores of one way to compare cells; means over the task's folds. */
export interface AnnotationScores {
  readonly accuracy: number;
  readonly macroF1: number;
}

/** Scores of one task. */
export interface AnnotationResult {
  readonly task: string;
  /** Of the first fold: query cells are those whose type occurs in the reference. */
  readonly referenceCells: number;
  readonly queryCells: number;
  readonly embedding: AnnotationScores;
  readonly pca: AnnotationScores;
  readonly pcaMethod: string;
}

/** Cells of all files of a task, one below the other. */
interface JointCells {
  readonly labels: Grouping;
  readonly folds: readonly Split[];
  readonly embedded: Points;
  readonly pca: Points;
  readonly pcaMethod: string;
}

/** Rows of the joint cells. */
interface Split {
  readonly reference: Int32Array;
  readonly query: Int32Array;
}

export async function scoreAnnotation(task: AnnotationTask, files: CellFiles): Promise<AnnotationResult> {
  const { labels, folds, embedded, pca, pcaMethod } = await jointCells(task, files);
  return {
    task: task.name,
    referenceCells: folds[0].reference.length,
    queryCells: folds[0].query.length,
    embedding: await meanScores(embedded, labels, folds),
    pca: await meanScores(pca, labels, folds),
    pcaMethod,
  };
}

async function jointCells(task: AnnotationTask, files: CellFiles): Promise<JointCells> {
  const names = [...new Set([task.reference.file, task.query.file])];
  const opened = await Promise.all(names.map((name) => files.open(name)));
  const allRows = ({ nObs }: AnnData) => Int32Array.from({ length: nObs }, (_, row) => row);
  const embedded: Points[] = [];
  for (const file of opened) embedded.push(await file.points(allRows(file.data)));
  const joint = concatenate(
    opened.map(({ data }) => data),
    { join: 'inner', keys: names },
  );
  if (joint.X === null) throw new Error(`${names.join(' or ')} has no X`);
  const baseline = await pcaBaseline(joint.X, { scale: 'linear', components });

  const queryStart = opened.length === 1 ? 0 : opened[0].data.nObs;
  const labels: (string | null)[] = opened.length === 1 ? [] : task.reference.labels(opened[0].data.obs);
  labels.push(...task.query.labels(opened[opened.length - 1].data.obs));
  const grouping = groupingOf('label', categorical(labels));
  const obsOf = (side: 0 | 1): DataFrame => opened[side === 0 ? 0 : opened.length - 1].data.obs;
  return {
    labels: grouping,
    folds: Array.from({ length: task.folds }, (_, fold) => {
      const reference = rowsOf(task.reference.chosen(obsOf(0), fold), 0);
      const known = new Set(Array.from(reference, (row) => grouping.codes[row]));
      const query = rowsOf(task.query.chosen(obsOf(1), fold), queryStart);
      return { reference, query: query.filter((row) => known.has(grouping.codes[row])) };
    }),
    embedded: stack(embedded),
    pca: pointsOf(baseline.scores),
    pcaMethod: baseline.method,
  };
}

function rowsOf(chosen: readonly boolean[], start: number): Int32Array {
  return Int32Array.from(chosen.keys())
    .filter((row) => chosen[row])
    .map((row) => row + start);
}

/** The query's labels serve here only, where predictions are scored. */
async function meanScores(
  points: Points,
  labels: Grouping,
  folds: readonly Split[],
): Promise<AnnotationScores> {
  const mean = { accuracy: 0, macroF1: 0 };
  for (const { reference, query } of folds) {
    const predicted = await predict(points, labels, placed(points, reference), query);
    const truth = query.map((row) => labels.codes[row]);
    const scores = classificationScores(truth, predicted, labels.groups.length + 1);
    mean.accuracy += scores.accuracy / folds.length;
    mean.macroF1 += scores.macro.f1 / folds.length;
  }
  return mean;
}

/** Predicted codes; cells without a place get a class of their own, which is always wrong. */
async function predict(
  points: Points,
  labels: Grouping,
  reference: Int32Array,
  query: Int32Array,
): Promise<Int32Array> {
  const withPlace = placed(points, query);
  const found = await transferLabels(
    takeRows(points, reference),
    { ...labels, codes: reference.map((row) => labels.codes[row]) },
    takeRows(points, withPlace),
    neighbours,
  );
  const byRow = new Map(Array.from(withPlace, (row, i) => [row, found[i]]));
  return query.map((row) => byRow.get(row) ?? labels.groups.length);
}
