/** @file Annotation from files to files: what `scgpt annotate` does. */

import { readFile } from 'node:fs/promises';
import type { LoadedModel } from '../../model/folder.ts';
import { checkModelOutput, writeModelFolder } from '../../model/folder-on-disk.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { openData } from '../../single-cell/open.ts';
import { InputError, UsageError } from '../../support/errors.ts';
import { type Logger, RecordingLogger, silent } from '../../support/log.ts';
import { whyNotOpened } from '../../support/unopened.ts';
import { openInputs } from '../inputs.ts';
import { type ModelChoice, openModel } from '../model.ts';
import { checkDataOutput, refuseReplacing, tellReplaced, writeData } from '../output.ts';
import { checkReportFiles, type ReportFiles, writeReportFiles } from '../report-files.ts';
import { type AnnotateOptions, type AnnotationResult, annotate, annotateWith } from './annotate.ts';
import { parseRenaming, type Renaming } from './labels.ts';
import { annotateReport } from './report.ts';
import { annotationAdditions } from './results.ts';
import { openAnnotationRun } from './run.ts';
import { annotatorOfModel, modelOfAnnotator } from './saved-annotator.ts';
import { annotateSettings } from './settings.ts';
import { type AnnotateSummary, summaryOf } from './summary.ts';

/** Options of {@link annotateFiles} beside those of the computation. */
export interface AnnotateFilesOptions
  extends Omit<AnnotateOptions, 'label' | 'harmonise' | 'record' | 'resume'>,
    ModelChoice,
    ReportFiles {
  /** Labelled cells to learn from. */
  readonly reference?: string | undefined;
  /** The reference's column with the labels. */
  readonly label?: string | undefined;
  /** An annotator that was saved, instead of a reference. */
  readonly annotator?: string | undefined;
  /** A name that ends in .h5ad or .zarr. */
  readonly output: string;
  /** A folder to save the annotator in. */
  readonly saveAnnotator?: string | undefined;
  /** A table of labels and their new names. */
  readonly harmonise?: string | undefined;
  /** The obs column that tells several queries apart. Default `batch`. */
  readonly batchKey?: string | undefined;
  /** A folder for log and checkpoints of the fine-tuning. */
  readonly run?: string | undefined;
  /** Go on with the run in that folder. */
  readonly resume?: boolean | undefined;
}

/**
 * Labels data files and writes the result: the query with labels, scores, probabilities and embedding added.
 *
 * @throws UsageError, InputError, CheckpointError, OutputError, TrainingError, CancelledError; no partial output is
 *   left behind
 */
export async function annotateFiles(
  queries: readonly string[],
  options: AnnotateFilesOptions,
): Promise<AnnotateSummary> {
  await checkFiles(queries, options);
  const { output, force, saveAnnotator, signal } = options;
  const logger = new RecordingLogger(options.logger ?? silent);
  const harmonise = await renamingOf(options.harmonise);
  const query = await openInputs(queries, { batchKey: options.batchKey, logger });
  try {
    const { result, model } = await resultOf(query, { ...options, logger }, harmonise);
    const additions = annotationAdditions(result);
    tellReplaced(query, additions, logger);
    if (saveAnnotator !== undefined && result.fitted !== null) {
      const remembered = { source: options.reference ?? '', cells: result.fitted.cells };
      await writeModelFolder(saveAnnotator, modelOfAnnotator(result.annotator, remembered), { force });
    }
    await writeData(query, additions, output, { force, signal });
    if (options.report !== undefined || options.figures !== undefined) {
      const page = await annotateReport(query, model, result, { ...options, warnings: logger.warnings });
      await writeReportFiles(page, options);
    }
    return summaryOf(result, model, options, logger.warnings);
  } finally {
    await query.close();
  }
}

type WithLogger = AnnotateFilesOptions & { readonly logger: Logger };

async function resultOf(
  query: AnnData,
  options: WithLogger,
  harmonise: Renaming | undefined,
): Promise<{ readonly result: AnnotationResult; readonly model: LoadedModel }> {
  const { logger, reference: path, label } = options;
  if (path === undefined || label === undefined) {
    const model = await openModel(options.annotator, { logger });
    const { annotator } = await annotatorOfModel(model);
    return { result: await annotateWith(query, annotator, { ...options, harmonise }), model };
  }
  const model = await openModel(options.model, { allowPartial: options.allowPartial, logger });
  const reference = await openData(path, { logger });
  try {
    const settings = annotateSettings(options);
    const source = { data: reference, label: path, column: label };
    const run = await openAnnotationRun(options, settings, model, source);
    const { resume: _, ...said } = options;
    const result = await annotate(query, reference, model, { ...said, ...run, label, harmonise });
    return { result, model };
  } finally {
    await reference.close();
  }
}

/** Refuses what cannot work before any work is done. */
async function checkFiles(queries: readonly string[], options: AnnotateFilesOptions): Promise<void> {
  const { reference, label, annotator, output, saveAnnotator, run, force } = options;
  if ((reference === undefined) === (annotator === undefined)) {
    throw new UsageError({
      what:
        reference === undefined
          ? 'there is nothing to learn labels from'
          : 'both a reference and a saved annotator are given',
      expected: '--reference with labelled cells, or --annotator with a folder that was saved',
      reason: 'reference_or_annotator',
    });
  }
  if (reference !== undefined && label === undefined) {
    throw new UsageError({
      what: 'it is not said which column of the reference has the labels',
      expected: '--label with the name of a column of its obs',
      reason: 'label',
    });
  }
  if (annotator !== undefined) refuseFitting(options);
  const inputs = [...queries, ...[reference, annotator].filter((path) => path !== undefined)];
  await checkDataOutput(output, { force });
  await refuseReplacing(output, inputs);
  await checkReportFiles(options, [...inputs, output]);
  if (saveAnnotator !== undefined) {
    await checkModelOutput(saveAnnotator, { force });
    await refuseReplacing(saveAnnotator, [...inputs, output, ...(run === undefined ? [] : [run])]);
  }
}

/** A saved annotator is used as it is. */
function refuseFitting(options: AnnotateFilesOptions): void {
  const { label, saveAnnotator, run, resume, model, parentLabel } = options;
  const given = { label, model, run, resume: resume || undefined, parentLabel, saveAnnotator };
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  if (said.length === 0) return;
  throw new UsageError({
    what: `${said.map(([name]) => name).join(', ')} ${said.length === 1 ? 'is' : 'are'} about fitting, and a saved annotator is fitted already`,
    expected: '--annotator without them, or --reference instead of it',
    reason: 'annotator_is_fitted',
  });
}

async function renamingOf(path: string | undefined): Promise<Renaming | undefined> {
  if (path === undefined) return undefined;
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new InputError({
      what: `the table of labels cannot be read: ${whyNotOpened(cause)}`,
      where: path,
      reason: 'harmonise',
      cause,
    });
  });
  return parseRenaming(text, path);
}
