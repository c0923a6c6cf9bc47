/** @file Runs contenders on sets, each once for a seed, and scores what they give. */

import type { Points } from '../../src/analysis/points.ts';
import { type PreparedSplit, prepareSplit, type SplitRequest, scoreSplit } from './annotation.ts';
import type {
  Annotated,
  AnnotationContender,
  AnnotationSplit,
  IntegrationCells,
  IntegrationContender,
} from './contenders.ts';
import type { BenchmarkFiles } from './files.ts';
import { type PreparedSet, prepareSet, scoreSet } from './integration.ts';
import type { IntegrationSet } from './integration-sets.ts';
import type { Run, RunKey, Runs } from './runs.ts';

/** What is run and what is taken from earlier. */
export interface RunPlan {
  readonly files: BenchmarkFiles;
  readonly runs: Runs;
  readonly seeds: readonly number[];
  /** Score kept outputs again. */
  readonly rescore: boolean;
  /** Run again what was run. */
  readonly again: boolean;
  report(message: string): void;
}

/** Runs what is missing of a set. */
export async function runIntegration(
  set: IntegrationSet,
  contenders: readonly IntegrationContender[],
  plan: RunPlan,
): Promise<void> {
  let prepared: PreparedSet | undefined;
  for (const { contender, key } of missing(set.name, 0, contenders, plan)) {
    prepared ??= await prepareSet(set, plan.files);
    const { cells } = prepared;
    const { points, seconds } =
      keptPoints(key, cells.data.nObs, plan) ?? (await embedding(contender, cells, key.seed));
    plan.runs.saveOutput(key, { points: points.values, seconds: Float32Array.of(seconds) });
    keep(
      {
        ...key,
        name: contender.name,
        seconds,
        cells: points.count,
        scores: await scoreSet(points, prepared),
      },
      plan,
    );
  }
}

interface Embedded {
  readonly points: Points & { readonly values: Float32Array };
  readonly seconds: number;
}

/** Rounded to what is kept, so that scoring again gives the same. */
async function embedding(
  contender: IntegrationContender,
  cells: IntegrationCells,
  seed: number,
): Promise<Embedded> {
  const started = performance.now();
  const points = await contender.run(cells, seed);
  return { points: { ...points, values: Float32Array.from(points.values) }, seconds: since(started) };
}

function keptPoints(key: RunKey, count: number, { runs, again }: RunPlan): Embedded | undefined {
  const points = again ? undefined : runs.output(key, 'points');
  const seconds = again ? undefined : runs.output(key, 'seconds');
  if (points === undefined || seconds === undefined) return undefined;
  const values = new Float32Array(points);
  return {
    points: { values, count, dimensions: values.length / count },
    seconds: new Float32Array(seconds)[0],
  };
}

/** Runs what is missing of a split. */
export async function runAnnotation(
  request: SplitRequest,
  contenders: readonly AnnotationContender[],
  plan: RunPlan,
): Promise<void> {
  let prepared: PreparedSplit | undefined;
  for (const { contender, key } of missing(request.name, request.fold, contenders, plan)) {
    prepared ??= await prepareSplit(request, plan.files);
    const { split, truth } = prepared;
    const { annotated, seconds } =
      keptAnnotations(key, plan) ?? (await annotation(contender, split, key.seed));
    plan.runs.saveOutput(key, { ...annotated, seconds: Float32Array.of(seconds) });
    keep(
      { ...key, name: contender.name, seconds, cells: truth.length, scores: scoreSplit(annotated, prepared) },
      plan,
    );
  }
}

interface AnnotatedInTime {
  readonly annotated: Annotated;
  readonly seconds: number;
}

async function annotation(
  contender: AnnotationContender,
  split: AnnotationSplit,
  seed: number,
): Promise<AnnotatedInTime> {
  const started = performance.now();
  const { codes, confidence } = await contender.run(split, seed);
  return { annotated: { codes, confidence }, seconds: since(started) };
}

function keptAnnotations(key: RunKey, { runs, again }: RunPlan): AnnotatedInTime | undefined {
  const [codes, confidence, seconds] = ['codes', 'confidence', 'seconds'].map((name) =>
    again ? undefined : runs.output(key, name),
  );
  if (codes === undefined || confidence === undefined || seconds === undefined) return undefined;
  return {
    annotated: { codes: new Int32Array(codes), confidence: new Float32Array(confidence) },
    seconds: new Float32Array(seconds)[0],
  };
}

/** What is to be run or scored, seed by seed: contenders that share a run come one after the other. */
function* missing<T extends { readonly id: string; readonly seeded: boolean }>(
  set: string,
  fold: number,
  contenders: readonly T[],
  { runs, seeds, again, rescore }: RunPlan,
): Generator<{ contender: T; key: RunKey }> {
  for (const [place, seed] of seeds.entries()) {
    for (const contender of contenders) {
      if (place > 0 && !contender.seeded) continue;
      const key = { set, method: contender.id, seed, fold };
      if (again || rescore || runs.find(key) === undefined) yield { contender, key };
    }
  }
}

function keep(run: Run, { runs, report }: RunPlan): void {
  runs.save(run);
  const [[score, value]] = Object.entries(run.scores);
  const which = `${run.set}${run.fold === 0 ? '' : `, fold ${run.fold}`}, seed ${run.seed}`;
  report(`${which}: ${run.name}, ${score} ${value.toFixed(3)}, ${run.seconds.toFixed(1)} s`);
}

function since(started: number): number {
  return (performance.now() - started) / 1000;
}
