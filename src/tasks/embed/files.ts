/** @file Embedding from files to files: what `scgpt embed` does. */

import { freemem } from 'node:os';
import type { LoadedModel } from '../../model/folder.ts';
import { checkColorColumn } from '../../report/columns.ts';
import { availableDevices } from '../../runtime/device.ts';
import type { Additions } from '../../single-cell/additions.ts';
import type { AnnData, Unstructured } from '../../single-cell/anndata.ts';
import { subsetObs } from '../../single-cell/subset.ts';
import { UsageError } from '../../support/errors.ts';
import { type Logger, RecordingLogger, silent } from '../../support/log.ts';
import { checkOutput, writeFileWhole } from '../../support/write-file.ts';
import { openInputs } from '../inputs.ts';
import { type ModelChoice, openModel } from '../model.ts';
import { checkDataOutput, refuseReplacing, tellReplaced, writeData } from '../output.ts';
import type { ReportFiles } from '../report-files.ts';
import { type EmbedOptions, type EmbedResult, embed } from './embed.ts';
import { runRecord } from './record.ts';
import { renderEmbedReport } from './report.ts';
import { parseShard, shardRows } from './shard.ts';

/** Options of {@link embedFiles} beside those of the computation. */
export interface EmbedFilesOptions extends EmbedOptions, ModelChoice, Omit<ReportFiles, 'figures'> {
  /** A name that ends in .h5ad or .zarr. */
  readonly output: string;
  /** The obs column that tells several inputs apart. Default `batch`. */
  readonly batchKey?: string | undefined;
  /** Embed only this part of the cells, such as `2/8`. */
  readonly shard?: string | undefined;
  /** The obs column the report colours cells by. */
  readonly colorBy?: string | undefined;
  /** Show the PCA baseline in the report. Default true. */
  readonly baseline?: boolean | undefined;
}

/** What was done. */
export interface EmbedSummary {
  readonly output: string;
  readonly report: string | null;
  readonly cells: number;
  readonly width: number;
  readonly model: { readonly name: string; readonly hash: string; readonly trained: boolean };
  readonly genes: { readonly matched: number; readonly of: number; readonly countShare: number | null };
  readonly cellsWithoutGenes: number;
  readonly seconds: EmbedResult['seconds'];
  readonly warnings: readonly string[];
}

/**
 * Embeds data files and writes the result: the input with `obsm/X_scGPT`, `uns/scgpt` and, on request,
 * `varm/X_scGPT` added.
 *
 * @throws UsageError, InputError, CheckpointError, OutputError, CancelledError; no partial output is left behind
 */
export async function embedFiles(
  inputs: readonly string[],
  options: EmbedFilesOptions,
): Promise<EmbedSummary> {
  const { output, force, report } = options;
  await checkOptions(inputs, options);
  const shard = options.shard === undefined ? undefined : parseShard(options.shard);
  const logger = new RecordingLogger(options.logger ?? silent);
  await warnOfSlowEngine(logger);
  const model = await openModel(options.model, { allowPartial: options.allowPartial, logger });
  const whole = await openInputs(inputs, { batchKey: options.batchKey, logger });
  try {
    const data = shard === undefined ? whole : subsetObs(whole, shardRows(shard, whole.nObs));
    if (report !== undefined && options.colorBy !== undefined) checkColorColumn(data.obs, options.colorBy);
    const memory = options.memory ?? freemem() / 2;
    const result = await embed(data, model, { ...options, memory, logger });
    const part = shard === undefined ? undefined : { shard, cells: whole.obs.index };
    const additions = additionsOf(result, runRecord(result, model, part));
    tellReplaced(data, additions, logger);
    options.onProgress?.({ stage: 'writing', done: 0, total: 1, unit: 'file' });
    await writeData(data, additions, output, { force, signal: options.signal });
    options.onProgress?.({ stage: 'writing', done: 1, total: 1, unit: 'file' });
    if (report !== undefined) {
      const html = await renderEmbedReport(data, model, result, { ...options, warnings: logger.warnings });
      await writeFileWhole(report, [html], { force });
    }
    return summaryOf(data, model, result, options, logger.warnings);
  } finally {
    await whole.close();
  }
}

/** Refuses what cannot work before any work is done. */
async function checkOptions(inputs: readonly string[], options: EmbedFilesOptions): Promise<void> {
  const { output, report, force } = options;
  await checkDataOutput(output, { force });
  await refuseReplacing(output, inputs);
  if (report !== undefined) {
    await checkOutput(report, { force });
    await refuseReplacing(report, [output, ...inputs]);
  } else if (options.colorBy !== undefined || options.baseline === false) {
    throw new UsageError({
      what: `${options.colorBy === undefined ? '--no-baseline' : '--color-by'} is about a report, and none is asked for`,
      expected: 'it together with --report',
      reason: 'no_report',
    });
  }
  if (options.geneEmbeddings === true && options.layer === 'raw') {
    throw new UsageError({
      what: 'gene embeddings of adata.raw have no place in varm, which has the genes of X',
      expected: '--genes without --layer raw',
    });
  }
}

async function warnOfSlowEngine(logger: Logger): Promise<void> {
  if ((await availableDevices()).includes('cpu')) return;
  logger.warning(
    'the native engine, onnxruntime-node, is not installed: WebAssembly computes instead, several times slower; ' +
      'npm install onnxruntime-node@1.30.0 --onnxruntime-node-install=skip adds it',
  );
}

function additionsOf({ embeddings, geneEmbeddings }: EmbedResult, record: Unstructured): Additions {
  return {
    obsm: [['X_scGPT', embeddings]],
    varm: geneEmbeddings === null ? [] : [['X_scGPT', geneEmbeddings]],
    uns: [['scgpt', record]],
  };
}

function summaryOf(
  data: AnnData,
  model: LoadedModel,
  { prepared, embeddings, emptyCells, seconds }: EmbedResult,
  { output, report }: EmbedFilesOptions,
  warnings: readonly string[],
): EmbedSummary {
  const { matched, genes: of, countShare } = prepared.geneMatch;
  return {
    output,
    report: report ?? null,
    cells: data.nObs,
    width: embeddings.shape[1],
    model: { name: model.name, hash: model.hash, trained: model.trained },
    genes: { matched, of, countShare },
    cellsWithoutGenes: emptyCells.length,
    seconds,
    warnings,
  };
}
