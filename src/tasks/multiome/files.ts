/** @file Joining modalities from files to files: what `scgpt multiome` does. */

import { basename } from 'node:path';
import type { LoadedModel } from '../../model/folder.ts';
import { checkModelOutput, writeModelFolder } from '../../model/folder-on-disk.ts';
import { UsageError } from '../../support/errors.ts';
import { type Logger, RecordingLogger, silent } from '../../support/log.ts';
import { plural } from '../../support/words.ts';
import { checkOutput } from '../../support/write-file.ts';
import type { ScoreTable } from '../evaluate/score-table.ts';
import { type ModelChoice, openModel } from '../model.ts';
import { checkDataOutput, refuseReplacing, tellReplaced, writeData } from '../output.ts';
import { checkReportFiles, type ReportFiles, writeReportFiles } from '../report-files.ts';
import type { ImputationScore } from './imputation.ts';
import { type OpenModalities, type OtherKind, openModalities } from './inputs.ts';
import { additionsToWhole, asMuData } from './mudata.ts';
import { type MultiomeOptions, type MultiomeResult, multiome, type TwoModalities } from './multiome.ts';
import { withNearestGenes } from './peak-genes.ts';
import { multiomeReport } from './report.ts';
import { cellsOfRna, multiomeAdditions } from './results.ts';
import { labelsOf, multiomeScores } from './scores.ts';
import { imputationSentence, trustSentences } from './words.ts';

/** Options of {@link multiomeFiles} beside those of the computation. */
export interface MultiomeFilesOptions extends MultiomeOptions, ModelChoice, ReportFiles {
  /** A name that ends in .h5mu (both modalities), .h5ad or .zarr (RNA with the results). */
  readonly output: string;
  /** The modality beside RNA, where one file holds several; or an entry of obsm. */
  readonly other?: string | undefined;
  readonly kind?: OtherKind | undefined;
  /** The obs column of cell types, to score with: nothing is chosen by it. */
  readonly labelKey?: string | undefined;
  /** A GTF, GFF3 or BED of genes: peaks are named by the nearest one. */
  readonly genesGtf?: string | undefined;
  readonly saveModel?: string | undefined;
}

/** What was done. */
export interface MultiomeSummary {
  readonly output: string;
  readonly report: string | null;
  readonly figures: string | null;
  readonly savedModel: string | null;
  readonly cells: number;
  readonly cellsWithBoth: number;
  readonly clusters: number;
  readonly newTokens: number;
  readonly model: { readonly name: string; readonly hash: string; readonly trained: boolean };
  readonly method: string;
  /** What each modality can be trusted with. */
  readonly trust: MultiomeResult['trust'];
  readonly sentences: readonly string[];
  readonly scores: {
    readonly agreement: ScoreTable;
    readonly labelled: ScoreTable | null;
    readonly label: string | null;
  };
  /** Scores of predicting the other modality from RNA, and RNA from it. */
  readonly imputation: readonly ImputationScore[] | null;
  readonly rnaImputation: readonly ImputationScore[] | null;
  readonly seconds: MultiomeResult['seconds'];
  readonly warnings: readonly string[];
}

/**
 * Joins two modalities and writes them with the result.
 *
 * @throws UsageError, InputError, CheckpointError, OutputError, TrainingError, CancelledError; no partial output is
 *   left behind
 */
export async function multiomeFiles(
  inputs: readonly string[],
  options: MultiomeFilesOptions,
): Promise<MultiomeSummary> {
  await checkFiles(inputs, options);
  const { output, saveModel, force, labelKey, report, figures } = options;
  const logger = new RecordingLogger(options.logger ?? silent);
  const model = await openModel(options.model, { allowPartial: options.allowPartial, logger });
  const opened = await openModalities(inputs, { other: options.other, kind: options.kind, logger });
  try {
    if (!isH5mu(output)) refuseMosaic(opened, output);
    const data = await withGenes(opened, { ...options, logger });
    const result = await multiome(data, model, { ...options, logger });
    const labels = labelKey === undefined ? null : labelsOf(labelKey, [data.rna, data.other], result.cells);
    const { seed } = result.settings;
    const { onProgress, signal } = options;
    const scores = await multiomeScores(result, labels, { seed, logger, onProgress, signal });
    if (saveModel !== undefined) await writeModelFolder(saveModel, result.tuned.model, { force });
    await writeResult(data, result, model, { ...options, logger });
    if (report !== undefined || figures !== undefined) {
      const title = inputs.map((path) => basename(path)).join(' + ');
      const page = await multiomeReport(result, model, scores, title, {
        ...options,
        warnings: logger.warnings,
      });
      await writeReportFiles(page, options);
    }
    return {
      output,
      report: report ?? null,
      figures: figures ?? null,
      savedModel: saveModel ?? null,
      cells: result.cells.names.length,
      cellsWithBoth: result.cells.both,
      clusters: result.clusters.groups.length,
      newTokens: result.tuned.newTokens,
      model: { name: model.name, hash: model.hash, trained: model.trained },
      method: result.jointCells.method,
      trust: result.trust,
      sentences: [...trustSentences(result), ...imputationSentence(result)],
      scores: { agreement: scores.agreement, labelled: scores.labelled, label: labels?.name ?? null },
      imputation: result.imputation?.scores ?? null,
      rnaImputation: result.rnaImputation?.scores ?? null,
      seconds: result.seconds,
      warnings: logger.warnings,
    };
  } finally {
    await opened.close();
  }
}

type WithLogger = MultiomeFilesOptions & { readonly logger: Logger };

const isH5mu = (path: string): boolean => /\.h5mu$/i.test(path);

async function checkFiles(inputs: readonly string[], options: MultiomeFilesOptions): Promise<void> {
  const { output, force, saveModel, genesGtf } = options;
  const read = genesGtf === undefined ? inputs : [...inputs, genesGtf];
  if (isH5mu(output)) await checkOutput(output, { force });
  else await checkDataOutput(output, { force });
  await refuseReplacing(output, read);
  await checkReportFiles(options, [...read, output]);
  if (saveModel === undefined) return;
  await checkModelOutput(saveModel, { force });
  await refuseReplacing(saveModel, [...read, output]);
}

/** @throws UsageError where an output with the cells of RNA alone would lose some */
function refuseMosaic({ rna, other }: TwoModalities, output: string): void {
  const known = new Set(rna.obs.index);
  const lost = other.obs.index.filter((name) => !known.has(name)).length;
  if (lost === 0 || lost === other.nObs) return; // without any shared cell there is more to say
  throw new UsageError({
    what: `${plural(lost, 'cell')} ${lost === 1 ? 'has' : 'have'} no RNA, and ${basename(output)} would hold the cells of RNA alone`,
    expected: 'an output that ends in .h5mu, which holds both modalities',
    reason: 'mosaic_output',
  });
}

/** The modalities, peaks with the gene nearest to each where genes are given. */
async function withGenes(
  data: OpenModalities,
  { genesGtf, output, logger }: WithLogger,
): Promise<OpenModalities> {
  if (genesGtf === undefined) return data;
  const other = await withNearestGenes(data.other, { path: genesGtf, kind: data.kind, logger });
  if (!isH5mu(output)) {
    logger.warning(`${basename(output)} holds no peaks: their nearest genes are in the report alone`);
  }
  return { ...data, other };
}

async function writeResult(
  data: OpenModalities,
  result: MultiomeResult,
  model: LoadedModel,
  { output, force, signal, logger }: WithLogger,
): Promise<void> {
  if (isH5mu(output)) {
    const { writeH5mu } = await import('../../single-cell/h5mu/write.ts');
    const additions = additionsToWhole(data, result, model);
    if (data.whole !== null) tellReplaced(data.whole, additions, logger);
    await writeH5mu(asMuData(data, result, additions), output, { force, signal });
    return;
  }
  const additions = multiomeAdditions(result, model, cellsOfRna(result, data.rna));
  tellReplaced(data.rna, additions, logger);
  await writeData(data.rna, additions, output, { force, signal });
}
