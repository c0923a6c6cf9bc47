/** @file What a model folder or a data file is, and what embedding will cost on this machine. */

import { describeLoadReport } from '../model/checkpoint/report.ts';
import { embeddingFlops, embeddingMemory } from '../model/cost.ts';
import { createEmbedder } from '../model/embedder.ts';
import type { LoadedModel } from '../model/folder.ts';
import { expectedParameters, parametersByPart } from '../model/parameters.ts';
import { type DeviceName, openDevice } from '../runtime/device.ts';
import type { AnnData } from '../single-cell/anndata.ts';
import { ValueBinner } from '../single-cell/binning.ts';
import { describeGeneMatch } from '../single-cell/genes/describe.ts';
import { rowOf } from '../single-cell/matrix.ts';
import { openData } from '../single-cell/open.ts';
import type { CellTokens } from '../single-cell/tokens/cell-tokens.ts';
import { CellTokenizer } from '../single-cell/tokens/tokenizer.ts';
import { UsageError } from '../support/errors.ts';
import type { Logger } from '../support/log.ts';
import type { RunControl } from '../support/progress.ts';
import { type CellSource, type PreparedCells, prepareCells } from './embed/prepare.ts';
import { isModelFolder, openModel } from './model.ts';

/** Options of {@link inspect}. */
export interface InspectOptions extends CellSource, RunControl {
  readonly logger?: Logger | undefined;
  /** The model a data file is matched with; default the bundled one. */
  readonly model?: string | undefined;
  readonly device?: DeviceName | 'auto' | undefined;
  readonly threads?: number | undefined;
}

/** Facts for programs and the same in lines for people. */
export interface Inspection {
  readonly lines: readonly string[];
  readonly facts: Readonly<Record<string, unknown>>;
}

/**
 * Describes a model folder or a data file.
 *
 * @throws UsageError, CheckpointError or InputError when it is neither
 */
export async function inspect(path: string, options: InspectOptions): Promise<Inspection> {
  if (await isModelFolder(path))
    return inspectModel(await openModel(path, { allowPartial: true, logger: options.logger }));
  if (/\.(pt|pth|safetensors|onnx)$/i.test(path)) {
    throw new UsageError({
      what: 'a file of weights alone is neither a model nor data',
      where: path,
      expected: 'a model folder, which has a configuration and a vocabulary too, or a data file',
      reason: 'bare_checkpoint',
    });
  }
  const data = await openData(path, { logger: options.logger });
  try {
    const model = await openModel(options.model, { logger: options.logger });
    const prepared = await prepareCells(data, model.vocabulary, options, options);
    return describeData(data, prepared, await estimate(data, model, prepared, options), model);
  } finally {
    await data.close();
  }
}

function inspectModel(model: LoadedModel): Inspection {
  const { config, vocabulary } = model;
  const parts = [...parametersByPart(expectedParameters(config))];
  const total = parts.reduce((sum, [, count]) => sum + count, 0);
  const memory = embeddingMemory(config, { length: config.maxLength });
  const gflop = embeddingFlops(config, config.maxLength) / 1e9;
  const report = describeLoadReport(model.report);
  const lines = [
    `${model.name}: ${model.kind === 'official' ? 'official layout' : 'scgpt layout'}, ${model.trained ? config.architecture : 'RANDOM WEIGHTS'}`,
    `  ${config.layers} layers, ${config.heads} heads, width ${config.embeddingSize}, feed-forward ${config.hiddenSize}; ${config.bins} bins, at most ${config.maxLength} tokens a cell`,
    `  ${thousands(total)} parameters: ${parts.map(([part, count]) => `${part} ${thousands(count)}`).join(', ')}`,
    `  vocabulary: ${thousands(vocabulary.size)} tokens, hash ${vocabulary.hash}`,
    `  model hash: ${model.hash}`,
    `  embedding a cell of ${config.maxLength} tokens: ${gflop.toFixed(1)} GFLOP; memory about ${megabytes(memory.total)}`,
    ...report.map((line) => `  checkpoint: ${line}`),
  ];
  return {
    lines,
    facts: {
      kind: 'model',
      name: model.name,
      layout: model.kind,
      trained: model.trained,
      config,
      parameters: { total, ...Object.fromEntries(parts) },
      vocabulary: { size: vocabulary.size, hash: vocabulary.hash },
      hash: model.hash,
      gflopPerLongestCell: gflop,
      memoryBytes: memory.total,
      report,
    },
  };
}

/** What embedding a data set costs here. */
interface Estimate {
  readonly medianTokens: number;
  readonly seconds: number;
  readonly cellsPerSecond: number;
  readonly memoryBytes: number;
  readonly device: DeviceName;
}

/** Cells whose lengths stand for all. */
const sampledCells = 64;

/** Times one real cell of middling length on the device and scales by floating-point operations. */
async function estimate(
  data: AnnData,
  model: LoadedModel,
  { matrix, panel }: PreparedCells,
  options: InspectOptions,
): Promise<Estimate> {
  const { config } = model;
  const tokenizer = new CellTokenizer({
    panel,
    clsValue: config.padValue,
    includeZeros: false,
    maxLength: config.maxLength,
    binner: new ValueBinner(config.bins, 'left'),
    seed: 0,
  });
  const cells: CellTokens[] = [];
  const count = Math.min(sampledCells, data.nObs);
  for (let i = 0; i < count; i++) {
    const row = Math.floor((i * data.nObs) / count);
    cells.push(tokenizer.tokenize(rowOf(await matrix.rows(row, row + 1), 0), data.obs.index[row]));
  }
  cells.sort((a, b) => a.genes.length - b.genes.length);
  const middle = cells[count >> 1];
  const device = await openDevice({ device: options.device, threads: options.threads });
  const embedder = await createEmbedder(device, config, await model.parameters());
  const batch = { cells: 1, length: middle.genes.length, genes: middle.genes, values: middle.values };
  const out = new Float32Array(embedder.width);
  await embedder.embed(batch, out); // the first run also allocates
  const started = performance.now();
  await embedder.embed(batch, out);
  const flopsPerSecond = embeddingFlops(config, middle.genes.length) / ((performance.now() - started) / 1000);
  await embedder.dispose();
  const flops = cells.reduce((sum, cell) => sum + embeddingFlops(config, cell.genes.length), 0) / count;
  return {
    medianTokens: middle.genes.length,
    seconds: (flops * data.nObs) / flopsPerSecond,
    cellsPerSecond: flopsPerSecond / flops,
    memoryBytes: embeddingMemory(config, { length: cells[count - 1].genes.length }).total,
    device: device.name,
  };
}

function describeData(
  data: AnnData,
  prepared: PreparedCells,
  cost: Estimate,
  model: LoadedModel,
): Inspection {
  const { matrix, matrixName, diagnosis, geneMatch } = prepared;
  const others = [...data.layers.keys(), ...(data.raw === null ? [] : ['raw'])];
  const columns = [...data.obs.columns.keys()];
  const lines = [
    `${data.source}: ${thousands(data.nObs)} cells x ${thousands(matrix.shape[1])} genes, ${matrixName} ${matrix.layout} ${matrix.dtype}`,
    ...(others.length > 0 ? [`  other matrices: ${others.join(', ')}`] : []),
    ...(columns.length > 0 ? [`  obs: ${columns.join(', ')}`] : []),
    ...diagnosis.sentences.map((sentence) => `  values: ${sentence}`),
    ...describeGeneMatch(geneMatch).map((sentence) => `  genes: ${sentence}`),
    `  embedding with ${model.name} on ${cost.device}: about ${duration(cost.seconds)} (${rate(cost.cellsPerSecond)} cells/s, median ${cost.medianTokens} tokens), ${megabytes(cost.memoryBytes)} of memory`,
  ];
  return {
    lines,
    facts: {
      kind: 'data',
      source: data.source,
      cells: data.nObs,
      genes: matrix.shape[1],
      matrix: { name: matrixName, layout: matrix.layout, dtype: matrix.dtype },
      obs: columns,
      values: { kind: diagnosis.kind, sentences: diagnosis.sentences },
      geneMatch: {
        ...geneMatch,
        routes: Object.fromEntries(geneMatch.routes),
        column: geneMatch.column?.column ?? null,
      },
      model: model.name,
      estimate: cost,
    },
  };
}

function rate(perSecond: number): string {
  return perSecond >= 10 ? thousands(Math.round(perSecond)) : perSecond.toPrecision(2);
}

function thousands(count: number): string {
  return count.toLocaleString('en-US');
}

function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} minutes`;
  return `${(seconds / 3600).toFixed(1)} hours`;
}
