/** @file Prepares references and queries and scores what is said of the query, by `benchmarks/annotation.md`. */

import { groupingOf } from '../../src/analysis/groups.ts';
import { classificationScores } from '../../src/analysis/metrics/classification.ts';
import { rejectionScores } from '../../src/analysis/metrics/rejection.ts';
import { AnnData } from '../../src/single-cell/anndata.ts';
import { concatenate } from '../../src/single-cell/concatenate.ts';
import { categorical, DataFrame } from '../../src/single-cell/data-frame.ts';
import { inMemory } from '../../src/single-cell/in-memory.ts';
import type { Matrix } from '../../src/single-cell/matrix.ts';
import { log1p, normalizeTotal } from '../../src/single-cell/preprocess/normalize.ts';
import { selectCells, selectGenes } from '../../src/single-cell/preprocess/views.ts';
import { subsetObs } from '../../src/single-cell/subset.ts';
import type { AnnotationTask, Side } from './annotation-tasks.ts';
import type { Annotated, AnnotationSplit, PairedExpression } from './contenders.ts';
import type { BenchmarkFiles } from './files.ts';

/** What is to be prepared. */
export interface SplitRequest {
  /** As results and stored scores name it. */
  readonly name: string;
  readonly task: AnnotationTask;
  readonly fold: number;
  /** A type that the reference is to lack. */
  readonly removed?: string | undefined;
}

/** A split and, for scoring alone, the types of the query's cells. */
export interface PreparedSplit {
  readonly split: AnnotationSplit;
  readonly truth: readonly string[];
  readonly request: SplitRequest;
}

/** Cells of one side in their file. */
interface Members {
  readonly rows: Int32Array;
  readonly types: readonly string[];
}

export async function prepareSplit(request: SplitRequest, files: BenchmarkFiles): Promise<PreparedSplit> {
  const { name, task, fold, removed } = request;
  const referenceFile = await files.open(task.reference.file);
  const queryFile = await files.open(task.query.file);
  const all = membersOf(task.reference, referenceFile, fold);
  const known = new Set(all.types);
  const reference = keep(all, (type) => type !== removed);
  const query = keep(membersOf(task.query, queryFile, fold), (type) => known.has(type));
  const oneFile = task.reference.file === task.query.file;
  const joint = oneFile
    ? referenceFile
    : concatenate([referenceFile, queryFile], { join: 'inner', keys: ['r', 'q'] });
  if (joint.X === null) throw new Error(`${task.reference.file} or ${task.query.file} has no X`);
  const logged = log1p((await normalizeTotal(joint.X, 1e4)).matrix);
  const shift = oneFile ? 0 : referenceFile.nObs;
  const list = `annotation_${task.name}${task.folds === 1 ? '' : `_fold${fold}`}`;
  const pair = async (columns: Int32Array | null): Promise<PairedExpression> => {
    const some: Matrix = columns === null ? logged : selectGenes(logged, columns);
    const names = joint.var.index;
    return {
      reference: await inMemory(selectCells(some, reference.rows)),
      query: await inMemory(
        selectCells(
          some,
          query.rows.map((row) => row + shift),
        ),
      ),
      genes: columns === null ? names : Array.from(columns, (column) => names[column]),
    };
  };
  const columns = files.columns(list, joint.var.index);
  const common = await pair(null);
  const queryCells = subsetObs(queryFile, query.rows);
  return {
    request,
    truth: query.types,
    split: {
      task: name,
      fold,
      reference: subsetObs(referenceFile, reference.rows),
      labels: groupingOf('label', categorical(reference.types)),
      query: new AnnData({
        obs: new DataFrame(queryCells.obs.index),
        var: queryCells.var,
        X: queryCells.X,
        source: task.query.file,
      }),
      common,
      chosen: columns.length === common.genes.length ? common : await pair(columns),
    },
  };
}

function membersOf(side: Side, { obs }: AnnData, fold: number): Members {
  const types = side.labels(obs);
  const rows = side.chosen(obs, fold).flatMap((chosen, row) => (chosen && types[row] !== null ? [row] : []));
  return { rows: Int32Array.from(rows), types: rows.map((row) => types[row] as string) };
}

function keep({ rows, types }: Members, wanted: (type: string) => boolean): Members {
  return {
    rows: rows.filter((_, i) => wanted(types[i])),
    types: types.filter(wanted),
  };
}

/** Scores by the benchmark's names. */
export function scoreSplit(annotated: Annotated, prepared: PreparedSplit): Record<string, number> {
  const { split, truth, request } = prepared;
  const { groups } = split.labels;
  const predicted = Array.from(annotated.codes, (code) => (code < 0 ? null : groups[code]));
  if (request.removed !== undefined) {
    return unseenScores(annotated.confidence, predicted, truth, request.removed);
  }
  const { broad } = request.task;
  return {
    ...typeScores(truth, predicted, ''),
    ...(broad === undefined
      ? {}
      : typeScores(
          truth.map(broad),
          predicted.map((type) => type && broad(type)),
          '_broad',
        )),
  };
}

/** Over the union of true and predicted types, none being a type of its own. */
function typeScores(
  truth: readonly string[],
  predicted: readonly (string | null)[],
  suffix: string,
): Record<string, number> {
  const codeOf = new Map<string | null, number>();
  const coded = (types: readonly (string | null)[]) =>
    Int32Array.from(types, (type) => {
      const code = codeOf.get(type) ?? codeOf.size;
      codeOf.set(type, code);
      return code;
    });
  const truths = coded(truth);
  const predictions = coded(predicted);
  const scores = classificationScores(truths, predictions, codeOf.size);
  return {
    [`accuracy${suffix}`]: scores.accuracy,
    [`macro_F1${suffix}`]: scores.macro.f1,
    [`weighted_F1${suffix}`]: scores.weighted.f1,
    [`macro_precision${suffix}`]: scores.macro.precision,
    [`macro_recall${suffix}`]: scores.macro.recall,
  };
}

function unseenScores(
  confidence: Float32Array,
  predicted: readonly (string | null)[],
  truth: readonly string[],
  removed: string,
): Record<string, number> {
  const right = Uint8Array.from(truth, (type, cell) => (predicted[cell] === type ? 1 : 0));
  const unseen = Uint8Array.from(truth, (type) => (type === removed ? 1 : 0));
  const { unseenAuroc, knownAccuracy } = rejectionScores(confidence, right, unseen);
  return { AUROC_unseen: unseenAuroc, accuracy_known: knownAccuracy };
}
