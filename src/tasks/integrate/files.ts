/** @file Integration from files to files: what `scgpt integrate` does. */

import { groupingOf } from '../../analysis/groups.ts';
import { methodsNamed } from '../../analysis/integration/methods.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { checkModelOutput, writeModelFolder } from '../../model/folder-on-disk.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { RecordingLogger, silent } from '../../support/log.ts';
import { KeyHash } from '../../support/random.ts';
import type { JsonObject } from '../../train/run/json.ts';
import type { ScoreTable } from '../evaluate/score-table.ts';
import { openRun } from '../fine-tuning/run-folder.ts';
import { openInputs } from '../inputs.ts';
import { openModel } from '../model.ts';
import { checkDataOutput, refuseReplacing, writeData } from '../output.ts';
import { checkReportFiles, type ReportFiles, writeReportFiles } from '../report-files.ts';
import type { Correction } from './corrected.ts';
import { correctedLayerName } from './corrected-layer.ts';
import { type CorrectedScores, correctedScores } from './corrected-scores.ts';
import { type IntegrateOptions, type IntegrateResult, integrate } from './integrate.ts';
import { type KeptEpoch, keptEpochOf } from './kept-epoch.ts';
import { type IntegrateScores, integrateReport } from './report.ts';
import { integrationAdditions } from './results.ts';
import { comparesAsItWas, integrationTable, warnOfConfounding } from './scores.ts';
import { integrateSettings } from './settings.ts';

/** Options of {@link integrateFiles} beside those of the computation. */
export interface IntegrateFilesOptions
  extends Omit<IntegrateOptions, 'record' | 'resume' | 'asItWas'>,
    ReportFiles {
  /** A name that ends in .h5ad or .zarr. */
  readonly output: string;
  /** A model folder; default the bundled one. */
  readonly model?: string | undefined;
  readonly allowPartial?: boolean | undefined;
  /** The obs column of cell types, to score with: nothing is chosen by it. */
  readonly labelKey?: string | undefined;
  /** Plain methods to score beside, by their ids. */
  readonly methods?: readonly string[] | undefined;
  /** Score and compare. Default true. */
  readonly baselines?: boolean | undefined;
  /** A folder for the fine-tuned model. */
  readonly saveModel?: string | undefined;
  /** A folder for log and checkpoints of the fine-tuning. */
  readonly run?: string | undefined;
  /** Go on with the run in that folder. */
  readonly resume?: boolean | undefined;
  /** The command as it was typed, for the report. */
  readonly command?: string | undefined;
}

/** Corrected expression in short. */
export interface CorrectedSummary {
  readonly layer: string;
  readonly by: Correction;
  readonly genes: number;
  /** Cells alone in a batch. */
  readonly cellsUnchanged: number;
}

/** What was done. */
export interface IntegrateSummary {
  readonly output: string;
  readonly report: string | null;
  readonly figures: string | null;
  readonly savedModel: string | null;
  readonly cells: number;
  readonly cellsWithoutGenes: number;
  readonly batches: readonly string[];
  readonly clusters: number;
  readonly model: { readonly name: string; readonly hash: string; readonly trained: boolean };
  readonly method: string;
  /** Null where nothing was trained. */
  readonly training: KeptEpoch | null;
  /** Null without baselines. */
  readonly scores: {
    readonly cells: number;
    readonly label: string | null;
    readonly table: ScoreTable;
  } | null;
  /** Null where no corrected expression was asked for. */
  readonly corrected: (CorrectedScores & CorrectedSummary) | null;
  readonly seconds: IntegrateResult['seconds'];
  readonly warnings: readonly string[];
}

/**
 * Integrates data files and writes the result: the input with embeddings, neighbours, clusters and map added.
 *
 * @throws UsageError, InputError, CheckpointError, OutputError, TrainingError, CancelledError; no partial output is
 *   left behind
 */
export async function integrateFiles(
  inputs: readonly string[],
  options: IntegrateFilesOptions,
): Promise<IntegrateSummary> {
  await checkFiles(inputs, options);
  const { output, force, signal, batchKey, labelKey, saveModel, report, figures } = options;
  const logger = new RecordingLogger(options.logger ?? silent);
  const model = await openModel(options.model, { allowPartial: options.allowPartial, logger });
  const data = await openInputs(inputs, { batchKey, logger });
  try {
    if (labelKey !== undefined) {
      const grouping = (name: string) => groupingOf(name, data.obs.column(name));
      warnOfConfounding(grouping(batchKey), grouping(labelKey), logger);
    }
    const { run, resume, ...said } = options;
    const config = runConfig(data, model, options);
    const place = await openRun({ run, resume, force, logger }, config, ['model.name']);
    const { seed = 0 } = options;
    const compares = options.baselines !== false;
    const asItWas = compares && comparesAsItWas(data.nObs, logger);
    const result = await integrate(data, model, { ...said, ...place, asItWas, logger });
    const scores = compares ? await integrationTable(data, result, { ...options, seed, logger }) : null;
    const corrected =
      result.corrected === null
        ? null
        : await correctedScores(data, result, result.corrected, { labelKey, seed });
    const additions = integrationAdditions(data, result, model);
    if (saveModel !== undefined && result.model !== null) {
      await writeModelFolder(saveModel, result.model, { force });
    }
    await writeData(data, additions, output, { force, signal });
    if (report !== undefined || figures !== undefined) {
      const page = await integrateReport(
        data,
        model,
        result,
        { embeddings: scores, corrected },
        { ...options, warnings: logger.warnings },
      );
      await writeReportFiles(page, options);
    }
    return summaryOf(result, model, { embeddings: scores, corrected }, options, {
      cells: data.nObs,
      warnings: logger.warnings,
    });
  } finally {
    await data.close();
  }
}

/** Refuses what cannot work before any work is done. */
async function checkFiles(inputs: readonly string[], options: IntegrateFilesOptions): Promise<void> {
  const { output, force, saveModel, methods } = options;
  if (methods !== undefined) methodsNamed(methods); // refuses unknown ones
  await checkDataOutput(output, { force });
  await refuseReplacing(output, inputs);
  await checkReportFiles(options, [...inputs, output]);
  if (saveModel === undefined) return;
  await checkModelOutput(saveModel, { force });
  await refuseReplacing(saveModel, [...inputs, output]);
}

/** What decides the result of a fine-tuning. */
function runConfig(data: AnnData, { name, hash }: LoadedModel, options: IntegrateFilesOptions): JsonObject {
  const cells = new KeyHash();
  const batches = data.obs.strings(options.batchKey);
  data.obs.index.forEach((cell, row) => {
    cells.text(cell).text(batches[row] ?? '');
  });
  return {
    task: 'integrate',
    model: { name, hash },
    settings: { ...integrateSettings(options, options.recipe) },
    data: { batches: options.batchKey, layer: options.layer ?? 'X', content: cells.hexadecimal() },
  };
}

function summaryOf(
  { cells, placed, clusters, method, outcome, seconds, corrected: made }: IntegrateResult,
  { name, hash, trained }: IntegrateSummary['model'],
  { embeddings: scores, corrected }: IntegrateScores,
  { output, report, figures, saveModel }: IntegrateFilesOptions,
  { cells: all, warnings }: Pick<IntegrateSummary, 'cells' | 'warnings'>,
): IntegrateSummary {
  return {
    output,
    report: report ?? null,
    figures: figures ?? null,
    savedModel: outcome === null ? null : (saveModel ?? null),
    cells: all,
    cellsWithoutGenes: all - placed.length,
    batches: cells.batch.groups,
    clusters: clusters.groups.length,
    model: { name, hash, trained },
    method,
    training: outcome && keptEpochOf(outcome),
    scores:
      scores === null
        ? null
        : { cells: scores.rows.length, label: scores.labels?.name ?? null, table: scores.table },
    corrected:
      corrected === null || made === null
        ? null
        : {
            layer: correctedLayerName,
            by: made.by,
            genes: made.genes.length,
            cellsUnchanged: made.unchanged.length,
            ...corrected,
          },
    seconds,
    warnings,
  };
}
