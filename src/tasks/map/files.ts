/** @file Mapping from files to files: what `scgpt map` does. */

import { freemem } from 'node:os';
import { openData } from '../../single-cell/open.ts';
import { RecordingLogger, silent } from '../../support/log.ts';
import { marked } from '../../support/mask.ts';
import { openInputs } from '../inputs.ts';
import { type ModelChoice, openModel } from '../model.ts';
import { checkDataOutput, refuseReplacing, tellReplaced, writeData } from '../output.ts';
import { checkReportFiles, type ReportFiles, writeReportFiles } from '../report-files.ts';
import { type MapResult, mapCells } from './map.ts';
import type { MapOptions } from './options.ts';
import { mapReport } from './report.ts';
import { mapAdditions, methodsOf } from './results.ts';
import { referenceToSave } from './saved-reference.ts';
import { type MethodSummary, methodSummaries, type RejectionOutcome, rejectionOutcome } from './scores.ts';

/** Options of {@link mapFiles} beside those of the computation. */
export interface MapFilesOptions extends MapOptions, ModelChoice, ReportFiles {
  /** Labelled cells, or a reference that was saved. */
  readonly reference: string;
  /** A name that ends in .h5ad or .zarr. */
  readonly output: string;
  /** Where to save the reference for other queries: a name that ends in .h5ad or .zarr. */
  readonly saveReference?: string | undefined;
  /** The obs column that tells several queries apart. Default `batch`. */
  readonly batchKey?: string | undefined;
}

/** What became of one label column. */
export interface MappedColumn {
  readonly label: string;
  readonly classes: number;
  /** Query cells whose label was withheld, those without an embedding among them. */
  readonly unassigned: number;
  readonly thresholds: { readonly score: number | null; readonly distance: number | null };
  /** How much farther the query lies from the reference than its own cells do. */
  readonly shift: number;
  /** Accuracy on held-out reference cells. */
  readonly heldOutAccuracy: number | null;
  readonly methods: readonly MethodSummary[];
  readonly rejection: RejectionOutcome | null;
}

/** What was done. */
export interface MapSummary {
  readonly output: string;
  readonly savedReference: string | null;
  readonly report: string | null;
  readonly figures: string | null;
  readonly cells: number;
  readonly cellsWithoutGenes: number;
  readonly reference: { readonly cells: number; readonly embedded: boolean };
  readonly model: { readonly name: string; readonly hash: string; readonly trained: boolean };
  readonly genes: MapResult['genes'];
  readonly settings: MapResult['settings'];
  readonly labels: readonly MappedColumn[];
  /** Why there are none; null when there are. */
  readonly baselinesMissing: string | null;
  readonly seconds: MapResult['seconds'];
  readonly warnings: readonly string[];
}

/**
 * Maps data files onto a reference file and writes the result: the query with labels, scores and embedding added.
 *
 * @throws UsageError, InputError, CheckpointError, OutputError, CancelledError; no partial output is left behind
 */
export async function mapFiles(queries: readonly string[], options: MapFilesOptions): Promise<MapSummary> {
  await checkFiles(queries, options);
  const { output, saveReference, force, signal } = options;
  const logger = new RecordingLogger(options.logger ?? silent);
  const model = await openModel(options.model, { allowPartial: options.allowPartial, logger });
  const query = await openInputs(queries, { batchKey: options.batchKey, logger });
  try {
    const reference = await openData(options.reference, { logger });
    try {
      const memory = options.memory ?? freemem() / 2;
      const result = await mapCells(query, reference, model, { ...options, memory, logger });
      const additions = mapAdditions(result, model);
      tellReplaced(query, additions, logger);
      if (saveReference !== undefined) {
        const calibrations = new Map(
          result.labels.flatMap(({ name, calibration }) =>
            calibration === null ? [] : [[name, calibration] as const],
          ),
        );
        const saved = referenceToSave(
          result.reference,
          calibrations,
          result.settings.neighbours,
          model.vocabulary,
        );
        await writeData(saved, {}, saveReference, { force, signal });
        await result.index.save(saveReference);
      }
      await writeData(query, additions, output, { force, signal });
      if (options.report !== undefined || options.figures !== undefined) {
        const page = await mapReport(query, model, result, { ...options, warnings: logger.warnings });
        await writeReportFiles(page, options);
      }
      return summaryOf(result, model, options, logger.warnings);
    } finally {
      await reference.close();
    }
  } finally {
    await query.close();
  }
}

/** Refuses what cannot work before any work is done. */
async function checkFiles(queries: readonly string[], options: MapFilesOptions): Promise<void> {
  const { reference, output, saveReference, force } = options;
  const inputs = [...queries, reference];
  await checkDataOutput(output, { force });
  await refuseReplacing(output, inputs);
  await checkReportFiles(options, [...inputs, output]);
  if (saveReference !== undefined) {
    await checkDataOutput(saveReference, { force });
    await refuseReplacing(saveReference, [...inputs, output]);
  }
}

function summaryOf(
  result: MapResult,
  { name, hash, trained }: MapSummary['model'],
  { output, saveReference, report, figures }: MapFilesOptions,
  warnings: readonly string[],
): MapSummary {
  const { reference, query, labels, genes, settings, baselines, seconds } = result;
  return {
    output,
    savedReference: saveReference ?? null,
    report: report ?? null,
    figures: figures ?? null,
    cells: query.embeddings.shape[0],
    cellsWithoutGenes: query.emptyCells.length,
    reference: { cells: reference.points.count, embedded: reference.seconds === 0 },
    model: { name, hash, trained },
    genes,
    settings,
    labels: labels.map((_, column) => columnSummary(result, column)),
    baselinesMissing: 'missing' in baselines ? baselines.missing : null,
    seconds,
    warnings,
  };
}

/** Infinity and NaN, which JSON has not, as null. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function columnSummary(result: MapResult, column: number): MappedColumn {
  const { name, classes, unassigned, thresholds, calibration, truth } = result.labels[column];
  const methods = methodsOf(result, column);
  return {
    label: name,
    classes: classes.length,
    unassigned: marked(unassigned),
    thresholds: { score: finite(thresholds.score), distance: finite(thresholds.distance) },
    shift: thresholds.shift,
    heldOutAccuracy: calibration?.accuracy ?? null,
    methods: methodSummaries(methods, truth),
    rejection: truth === null ? null : rejectionOutcome(truth, methods[0], unassigned),
  };
}
