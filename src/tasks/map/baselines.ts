/** @file Simple methods on the same cells: what the model's labels are shown beside. */

import { quickBaselines } from '../../analysis/classifiers/baselines.ts';
import type { Grouping } from '../../analysis/groups.ts';
import { CancelledError, isScgptError } from '../../support/errors.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { type CommonExpression, commonExpression, labelledExpression } from '../labelled-cells.ts';
import type { PreparedCells } from '../prepare.ts';
import type { MethodLabels } from './scores.ts';

/** A simple method's labels of the query. */
export interface BaselineLabels extends MethodLabels {
  /** As tables name it, such as `Logistic regression`. */
  readonly name: string;
  readonly seconds: number;
}

/** The labels of all simple methods by label column, or why there are none. */
export type Baselines =
  | {
      /** What they work on, in words. */
      readonly method: string;
      readonly byLabel: readonly (readonly BaselineLabels[])[];
    }
  | { readonly missing: string };

/** What {@link fitBaselines} needs besides the cells. */
export interface BaselineOptions extends RunControl {
  readonly seed: number;
  readonly logger: Logger;
}

/**
 * Fits every quick baseline to the reference for each label column. One that fails is left out with a warning.
 *
 * @throws CancelledError when the signal is aborted
 */
export async function fitBaselines(
  reference: PreparedCells,
  labels: readonly Grouping[],
  query: PreparedCells,
  options: BaselineOptions,
): Promise<Baselines> {
  try {
    const expression = await commonExpression(reference, query, options);
    const byLabel: BaselineLabels[][] = [];
    for (const each of labels) byLabel.push(await fitAll(expression, each, options));
    return { method: expression.method, byLabel };
  } catch (error) {
    if (!isScgptError(error) || error instanceof CancelledError) throw error;
    options.logger.warning(`no baselines: ${error.message}`);
    return { missing: error.message };
  }
}

async function fitAll(
  expression: CommonExpression,
  labels: Grouping,
  { seed, logger, ...control }: BaselineOptions,
): Promise<BaselineLabels[]> {
  const reference = await labelledExpression(expression, labels, { seed, ...control });
  const fitted: BaselineLabels[] = [];
  for (const { name, fit: fitTo } of quickBaselines()) {
    const started = performance.now();
    try {
      const classifier = await fitTo(reference, control);
      const { codes, confidence } = await classifier.predict(expression.query, control);
      const seconds = (performance.now() - started) / 1000;
      fitted.push({ name, classes: classifier.classes, codes, confidence, seconds });
    } catch (error) {
      if (!isScgptError(error) || error instanceof CancelledError) throw error;
      logger.warning(`${name} is left out for ${labels.name}: ${error.message}`);
    }
  }
  return fitted;
}
