/** @file Where a task's report goes: one HTML file, and a folder of figures. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openRasteriser } from '../report/figures/rasterise.ts';
import { renderFigures } from '../report/figures/render.ts';
import { renderTaskReport } from '../report/render.ts';
import type { TaskReport } from '../report/task-report.ts';
import { checkOutput, type WriteFileOptions, writeFailure, writeFileWhole } from '../support/write-file.ts';
import { refuseReplacing } from './output.ts';

/** What is asked for. */
export interface ReportFiles extends WriteFileOptions {
  /** A name for an HTML file. */
  readonly report?: string | undefined;
  /** A folder for figures as SVG and PNG; made where it is missing. */
  readonly figures?: string | undefined;
  /** The command as it was typed, for the report. */
  readonly command?: string | undefined;
}

/**
 * Refuses files that cannot be written, before any work is done for them.
 *
 * @param others what the run reads or writes besides
 * @throws OutputError, UsageError
 * @throws DeviceError when figures are asked for and PNG cannot be made here
 */
export async function checkReportFiles(
  { report, figures, force }: ReportFiles,
  others: readonly string[],
): Promise<void> {
  if (report !== undefined) {
    await checkOutput(report, { force });
    await refuseReplacing(report, others);
  }
  if (figures === undefined) return;
  await checkOutput(figures, { folder: true, force: true });
  await openRasteriser(); // hours of work are not to end in a missing package
}

/**
 * Draws a report and writes what is asked for.
 *
 * @throws OutputError when a file exists (without `force`) or cannot be written
 * @throws DeviceError when figures are asked for and PNG cannot be made here
 */
export async function writeReportFiles(
  report: TaskReport,
  { report: page, figures, force }: ReportFiles,
): Promise<void> {
  if (page !== undefined) await writeFileWhole(page, [renderTaskReport(report)], { force });
  if (figures === undefined) return;
  const drawn = await renderFigures(report);
  await mkdir(figures, { recursive: true }).catch((cause) => {
    throw writeFailure(figures, cause);
  });
  for (const name of drawn.keys()) await checkOutput(join(figures, name), { force });
  for (const [name, content] of drawn) await writeFileWhole(join(figures, name), [content], { force });
}
