/** @file Methods sorted by their scores, with what is best and how long bars are. */

import { UsageError } from '../support/errors.ts';
import { inUnit } from './numbers.ts';
import type { ScoredMethod, ScoreMetric, ScoresSection } from './task-report.ts';

/** A score as it is shown. */
export interface RankedScore {
  readonly value: number;
  readonly text: string;
  /** None is better, by what is written. */
  readonly best: boolean;
  /** Of the bar, 0 .. 1. */
  readonly length: number;
}

/** A method and its scores, one for each metric. */
export interface RankedMethod {
  readonly method: ScoredMethod;
  readonly scores: readonly RankedScore[];
}

/**
 * The methods, best first by `sortBy`, those without that score last; equal ones keep their order.
 *
 * @throws UsageError when `sortBy` is no metric, or a method has not one score for each metric
 */
export function ranked({ name, metrics, methods, sortBy }: ScoresSection): readonly RankedMethod[] {
  const by = sortBy === undefined ? 0 : metrics.findIndex(({ key }) => key === sortBy);
  const wrong = methods.find(({ scores }) => scores.length !== metrics.length);
  if (by < 0 || wrong !== undefined) {
    throw new UsageError({
      what:
        wrong === undefined
          ? `there is no metric '${sortBy}'`
          : `${wrong.name} has ${wrong.scores.length} scores for ${metrics.length} metrics`,
      where: `section ${name}`,
      reason: 'scores',
    });
  }
  const columns = metrics.map((metric, i) =>
    rankedColumn(
      metric,
      methods.map(({ scores }) => scores[i]),
    ),
  );
  const rows = methods.map((method, row) => ({ method, scores: columns.map((column) => column[row]) }));
  if (metrics.length === 0) return rows;
  const sign = metrics[by].lowerIsBetter === true ? 1 : -1;
  const rank = ({ method: { scores } }: RankedMethod) =>
    Number.isNaN(scores[by]) ? Number.POSITIVE_INFINITY : sign * scores[by];
  return rows.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
}

function rankedColumn(metric: ScoreMetric, values: readonly number[]): RankedScore[] {
  const { unit = 'score', lowerIsBetter = false, range = [0, 1] } = metric;
  const known = values.filter((value) => !Number.isNaN(value));
  const [low, high] = range ?? [0, Math.max(0, ...known)];
  const best = lowerIsBetter ? Math.min(...known) : Math.max(...known);
  const alone = known.length < 2;
  return values.map((value) => ({
    value,
    text: inUnit(value, unit),
    best: !alone && inUnit(value, unit) === inUnit(best, unit),
    length: Number.isNaN(value) || high <= low ? 0 : Math.max(0, Math.min(1, (value - low) / (high - low))),
  }));
}

/** Neighbouring metrics that share a group, in order. */
export function metricGroups(
  metrics: readonly ScoreMetric[],
): { readonly title: string; readonly size: number }[] {
  const groups: { title: string; size: number }[] = [];
  for (const { group = '' } of metrics) {
    const last = groups.at(-1);
    if (last?.title === group) last.size++;
    else groups.push({ title: group, size: 1 });
  }
  return groups;
}
