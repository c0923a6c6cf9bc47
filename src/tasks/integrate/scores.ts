/** @file Scores of an integration beside plain methods on the same cells. */

import { sampleCells } from '../../analysis/cell-sample.ts';
import { type Grouping, groupingOf } from '../../analysis/groups.ts';
import { withAdditions } from '../../single-cell/additions.ts';
import type { AnnData, Annotation } from '../../single-cell/anndata.ts';
import { subsetObs } from '../../single-cell/subset.ts';
import type { Logger } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { count, plural } from '../../support/words.ts';
import { type EvaluatedEmbeddings, evaluateEmbeddings } from '../evaluate/embedding-scores.ts';
import { fewestCells } from '../evaluate/scored-cells.ts';
import type { IntegrateResult } from './integrate.ts';
import { integrationNames } from './results.ts';

/** What is scored beside the result. */
export interface IntegrationScoring extends RunControl {
  /** The obs column of cell types: for scoring alone. */
  readonly labelKey?: string | undefined;
  /** Plain methods, by their ids; none leaves the result alone. Default `pca,harmony,harmonised-components`. */
  readonly methods?: readonly string[] | undefined;
  readonly layer?: string | undefined;
  readonly seed: number;
  readonly logger: Logger;
}

/** Scores compare all pairs of cells: of more cells than this a sample is scored. */
const scoredCells = 5000;
/** Quick, and what an integration has to beat. */
const usualMethods = ['pca', 'harmony', 'harmonised-components'];

/** Embedding so many cells once more takes long with a large model. */
const cellsEmbeddedTwice = 20_000;

/** Whether the model before training is scored as well; told where not. */
export function comparesAsItWas(cells: number, logger: Logger): boolean {
  if (cells <= cellsEmbeddedTwice) return true;
  logger.info(
    `the model before training is not scored: that is done of up to ${count(cellsEmbeddedTwice)} cells`,
  );
  return false;
}

/** Scores the embeddings of a result, and plain methods, on the same cells; null, and told, where they are too few. */
export async function integrationTable(
  data: AnnData,
  { integrated, cellEmbedding, asItWas, settings, cells }: IntegrateResult,
  { labelKey, methods = usualMethods, layer, seed, logger, onProgress, signal }: IntegrationScoring,
): Promise<EvaluatedEmbeddings | null> {
  const joint = (settings?.jointWeight ?? 0) > 0;
  const own: [string, Annotation][] = [
    [integrationNames.integrated, integrated],
    ...(joint ? [[integrationNames.cell, cellEmbedding] as [string, Annotation]] : []),
    ...(asItWas === null ? [] : [[integrationNames.asItWas, asItWas] as [string, Annotation]]),
  ];
  if (cells.rows.length < fewestCells) {
    logger.warning(
      `${plural(cells.rows.length, 'cell')} are too few to be scored: that takes ${fewestCells}`,
    );
    return null;
  }
  const whole = withAdditions(data, { obsm: own });
  const rows = sampleCells(data.obs.index, scoredCells, seed);
  if (rows.length < data.nObs) {
    logger.info(`scores are of ${count(rows.length)} of ${count(data.nObs)} cells, drawn at random`);
  }
  const scored = rows.length < data.nObs ? subsetObs(whole, rows) : whole;
  const of = (name: string): Grouping => groupingOf(name, scored.obs.column(name));
  return evaluateEmbeddings(
    scored,
    { batch: of(cells.batch.name), labels: labelKey === undefined ? null : of(labelKey) },
    { embeddings: own.map(([name]) => name), methods, layer, seeds: [seed], onProgress, signal },
    logger,
  );
}

/**
 * Tells when integration takes away what labels name: where each label is of one batch, what sets batches apart and
 * what sets labels apart are the same.
 */
export function warnOfConfounding(batch: Grouping, labels: Grouping, logger: Logger): void {
  const batchesOf = new Map<number, Set<number>>();
  labels.codes.forEach((label, cell) => {
    if (label < 0) return;
    const found = batchesOf.get(label) ?? new Set<number>();
    batchesOf.set(label, found.add(batch.codes[cell]));
  });
  const shared = [...batchesOf.values()].filter((batches) => batches.size > 1).length;
  if (batchesOf.size === 0 || shared > 0) return;
  logger.warning(
    `every value of ${labels.name} is in one batch alone: what sets ${labels.name} apart cannot be told from what sets ${batch.name} apart, and integration takes both away`,
  );
}
