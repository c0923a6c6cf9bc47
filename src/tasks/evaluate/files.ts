/** @file Evaluation from a file to files: what `scgpt evaluate` does. */

import { openData } from '../../single-cell/open.ts';
import { UsageError } from '../../support/errors.ts';
import { checkOutput, writeFileWhole } from '../../support/write-file.ts';
import { refuseReplacing } from '../output.ts';
import { checkReportFiles, type ReportFiles, writeReportFiles } from '../report-files.ts';
import { type EvaluateOptions, type Evaluation, evaluate } from './evaluate.ts';
import { evaluateReport } from './report.ts';
import { csvOf, type ScoreTable } from './score-table.ts';

/** Options of {@link evaluateFile} beside those of the computation. */
export interface EvaluateFileOptions extends EvaluateOptions, ReportFiles {
  /** Where to write the scores: a name that ends in .json or .csv. */
  readonly output?: string | undefined;
}

/** What was done, as files and the command line give it. */
export interface EvaluateSummary {
  readonly data: string;
  readonly cells: number;
  readonly embeddings: {
    /** Cells that were scored. */
    readonly cells: number;
    /** How many could have been, where a sample was drawn of them; else null. */
    readonly sampledFrom: number | null;
    /** The columns of obs; null where batches or labels were not scored. */
    readonly batch: string | null;
    readonly label: string | null;
    readonly unintegrated: string | null;
    readonly table: ScoreTable;
  } | null;
  readonly predictions: {
    readonly cells: number;
    readonly truth: string;
    readonly table: ScoreTable;
    readonly columns: readonly PredictionSummary[];
  } | null;
  readonly warnings: readonly string[];
  readonly output: string | null;
  readonly report: string | null;
  readonly figures: string | null;
}

/** One column of predictions by type. */
export interface PredictionSummary {
  readonly column: string;
  readonly types: readonly {
    readonly type: string;
    readonly cells: number;
    readonly precision: number;
    readonly recall: number;
    readonly f1: number;
  }[];
  /** Cells by true type (rows) and predicted type (columns, the last being unassigned). */
  readonly confusion: readonly (readonly number[])[];
}

/**
 * Scores what a data file holds and writes the scores.
 *
 * @throws UsageError, InputError, OutputError, CancelledError; no partial output is left behind
 */
export async function evaluateFile(path: string, options: EvaluateFileOptions): Promise<EvaluateSummary> {
  const { output, report, figures, force, logger } = options;
  if (output !== undefined) {
    if (!/\.(json|csv)$/i.test(output)) {
      throw new UsageError({
        what: 'the output has no ending that says what to write',
        where: output,
        expected: 'a name that ends in .json or .csv',
        reason: 'output_format',
      });
    }
    await checkOutput(output, { force });
    await refuseReplacing(output, [path]);
  }
  await checkReportFiles(options, output === undefined ? [path] : [path, output]);
  const data = await openData(path, { logger });
  try {
    const evaluation = await evaluate(data, options);
    const summary = summaryOf(path, evaluation, options);
    if (output !== undefined) await writeFileWhole(output, [scoresText(output, summary)], { force });
    if (report !== undefined || figures !== undefined) {
      await writeReportFiles(await evaluateReport(data, evaluation, options), options);
    }
    return summary;
  } finally {
    await data.close();
  }
}

function scoresText(output: string, { output: _, ...scores }: EvaluateSummary): string {
  if (/\.json$/i.test(output)) return `${JSON.stringify(scores, null, 2)}\n`;
  return csvOf(
    [scores.embeddings, scores.predictions].flatMap((part) => (part === null ? [] : [part.table])),
  );
}

function summaryOf(
  path: string,
  evaluation: Evaluation,
  { output, report, figures }: EvaluateFileOptions,
): EvaluateSummary {
  const { cells, embeddings, predictions, warnings } = evaluation;
  return {
    data: path,
    cells,
    embeddings:
      embeddings === null
        ? null
        : {
            cells: embeddings.rows.length,
            sampledFrom: embeddings.sampledFrom,
            batch: embeddings.batch?.name ?? null,
            label: embeddings.labels?.name ?? null,
            unintegrated: embeddings.unintegrated,
            table: embeddings.table,
          },
    predictions:
      predictions === null
        ? null
        : {
            cells: predictions.cells,
            truth: predictions.truth,
            table: predictions.table,
            columns: predictions.details.map(({ column, classes, classification }) => ({
              column,
              types: classes.map((type, code) => {
                const { support, ...scores } = classification.classes[code];
                return { type, cells: support, ...scores };
              }),
              confusion: classes.map((_, code) => {
                const width = classes.length + 1;
                return [...classification.confusion.subarray(code * width, (code + 1) * width)];
              }),
            })),
          },
    warnings,
    output: output ?? null,
    report: report ?? null,
    figures: figures ?? null,
  };
}
