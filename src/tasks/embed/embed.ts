/** @file Embeds the cells of a data set: tokens in windows, batches by length, one vector a cell. */

import { cellsWithin, embeddingMemory } from '../../model/cost.ts';
import { createEmbedder, type Embedder } from '../../model/embedder.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { type DeviceName, openDevice } from '../../runtime/device.ts';
import type { AnnData, DenseArray } from '../../single-cell/anndata.ts';
import { type BinningMode, ValueBinner } from '../../single-cell/binning.ts';
import { CellTokenizer } from '../../single-cell/tokens/tokenizer.ts';
import { type Logger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { count } from '../../support/words.ts';
import { type FoundCondition, findConditions, tellConditions } from '../conditions.ts';
import { type CellSource, type PreparedCells, prepareCells, tellGeneMatch } from '../prepare.ts';
import type { BatchCapacity } from './batches.ts';
import { type EmbeddedCells, embedCells } from './cells.ts';

/** Options of {@link embed}. */
export interface EmbedOptions extends CellSource, RunControl {
  /** Most tokens of a cell, `<cls>` included; the genes of longer cells are sampled. Default: what the model was trained with. */
  readonly maxLength?: number | undefined;
  /** How values that tie with bin edges are binned. Default `left`, which is deterministic and what pretraining used. */
  readonly binning?: BinningMode | undefined;
  /** Seed of sampling and of `random` binning. Default 0. */
  readonly seed?: number | undefined;
  /**
   * Cells of a batch; default `auto`: what fits into `memory` on graphics processors, a few on others, which take cells
   * one by one. Never changes the result.
   */
  readonly batchSize?: number | 'auto' | undefined;
  /** Bytes that weights and a batch may take together, for `batchSize: 'auto'`. Default 4 GiB. */
  readonly memory?: number | undefined;
  readonly precision?: 'float32' | 'int8' | undefined;
  readonly device?: DeviceName | 'auto' | undefined;
  readonly threads?: number | undefined;
  /** Also give the embedding of each gene. Default false. */
  readonly geneEmbeddings?: boolean | undefined;
  readonly logger?: Logger | undefined;
}

/** What {@link embed} gives back. */
export interface EmbedResult {
  /** Unit-length cell embeddings `[cells, d]`; NaN for cells without any known gene. */
  readonly embeddings: DenseArray;
  /** Gene embeddings `[genes, d]` as the transformer sees them; NaN for genes the model does not know. */
  readonly geneEmbeddings: DenseArray | null;
  /** Genes of each cell that the model read, `[cells]`: at most `maxLength - 1`. */
  readonly genesRead: Int32Array;
  /** Cells that fill `maxLength`: of those with more genes than fit, genes were sampled. */
  readonly fullCells: number;
  /** Rows without any known non-zero gene. */
  readonly emptyCells: readonly number[];
  readonly prepared: PreparedCells;
  /** The model's conditions as the data gave them. */
  readonly conditions: readonly FoundCondition[];
  /** Every choice that shaped the numbers. */
  readonly settings: EmbedSettings;
  readonly seconds: { readonly preparing: number; readonly embedding: number };
}

/** The resolved choices of a run. */
export interface EmbedSettings {
  readonly matrix: string;
  readonly maxLength: number;
  readonly binning: BinningMode;
  readonly bins: number;
  readonly seed: number;
  readonly precision: 'float32' | 'int8';
  readonly device: DeviceName;
}

/** More cells in a batch make no device faster. */
const largestBatch = 64;
/** Processors take cells one by one whatever the batch: small batches only report progress and obey Ctrl-C sooner. */
const processorTokens = 4096;

/**
 * Embeds every cell of a data set.
 *
 * Each cell's values are binned over all genes the model knows, its non-zero genes become tokens behind `<cls>`,
 * and the unit-length output row of `<cls>` is its embedding (Cui et al. 2024, Methods; `embed_data` of the
 * reference). A condition of the model is read from the column of its name in obs, or in var where it is of genes; without
 * one it counts as not given. An embedding depends on the cell's content and conditions, the model and the settings only.
 *
 * @throws InputError when the data cannot be used, naming the cell and gene where there is one
 * @throws CancelledError when the signal is aborted
 */
export async function embed(
  data: AnnData,
  model: LoadedModel,
  options: EmbedOptions = {},
): Promise<EmbedResult> {
  const { logger = silent, precision = 'float32', binning = 'left', seed = 0 } = options;
  const { config, vocabulary } = model;
  const started = performance.now();
  const prepared = await prepareCells(data, vocabulary, options, options);
  tellGeneMatch(prepared, logger);
  const conditions = findConditions(config.conditions, { ...prepared, data, vocabulary });
  tellConditions(conditions, logger, { missing: 'info' });
  const device = await openDevice({ device: options.device ?? 'auto', threads: options.threads });
  const settings: EmbedSettings = {
    matrix: prepared.matrixName,
    maxLength: options.maxLength ?? config.maxLength,
    binning,
    bins: config.bins,
    seed,
    precision,
    device: device.name,
  };
  warnOfMemory(model, settings, options, logger);
  // Midpoints lie between bins, so they go through the value encoder instead of its table.
  const binned = binning !== 'midpoint';
  const embedder = await createEmbedder(device, config, await model.parameters(), { precision, binned });
  try {
    const ready = performance.now();
    const cells = await embedCells(
      {
        matrix: prepared.matrix,
        names: data.obs.index,
        tokenizer: new CellTokenizer({
          panel: prepared.panel,
          clsValue: config.padValue,
          includeZeros: false,
          maxLength: settings.maxLength,
          binner: new ValueBinner(config.bins, binning),
          seed,
        }),
        embedder,
        padding: { id: vocabulary.pad, value: config.padValue },
        capacity: capacityOf(model, settings, options),
        conditions,
      },
      options,
    );
    warnOfEmptyCells(data, cells, logger);
    return {
      ...cells,
      fullCells: cells.genesRead.filter((genes) => genes === settings.maxLength - 1).length,
      geneEmbeddings: options.geneEmbeddings === true ? await embedGenes(embedder, prepared.tokenIds) : null,
      prepared,
      conditions,
      settings,
      seconds: { preparing: (ready - started) / 1000, embedding: (performance.now() - ready) / 1000 },
    };
  } finally {
    await embedder.dispose();
  }
}

/** How many cells go into a batch. */
function capacityOf(
  { config }: LoadedModel,
  { device, precision }: EmbedSettings,
  { batchSize = 'auto', memory = 4 * 2 ** 30 }: EmbedOptions,
): BatchCapacity {
  if (batchSize !== 'auto') return () => batchSize;
  const onProcessor = device === 'cpu' || device === 'wasm';
  const automatic: BatchCapacity = (length) =>
    onProcessor ? processorTokens / length : cellsWithin(config, memory, { length, precision });
  return (length) => Math.min(largestBatch, automatic(length));
}

/** Tells when even one cell at a time takes more memory than allowed. */
function warnOfMemory(
  { config }: LoadedModel,
  { maxLength, precision }: EmbedSettings,
  { memory }: EmbedOptions,
  logger: Logger,
): void {
  const { total } = embeddingMemory(config, { length: maxLength, precision });
  if (memory === undefined || total <= memory) return;
  const megabytes = (bytes: number) => `${count(Math.ceil(bytes / 1e6))} MB`;
  logger.warning(
    `embedding takes about ${megabytes(total)} of memory, more than the ${megabytes(memory)} allowed`,
  );
}

function warnOfEmptyCells(data: AnnData, { emptyCells, genesRead }: EmbeddedCells, logger: Logger): void {
  if (emptyCells.length === 0) return;
  const names = emptyCells.slice(0, 5).map((row) => data.obs.index[row]);
  const more = emptyCells.length > names.length ? ', ...' : '';
  logger.warning(
    `${emptyCells.length} of ${genesRead.length} cells have no gene that the model knows and get NaN: ${names.join(', ')}${more}`,
  );
}

/** The rows of the gene table that the data's genes have. */
async function embedGenes(embedder: Embedder, tokenIds: Int32Array): Promise<DenseArray> {
  const { width } = embedder;
  const table = await embedder.geneEmbeddings(); // [vocabulary, d]
  const values = new Float32Array(tokenIds.length * width).fill(Number.NaN);
  tokenIds.forEach((token, gene) => {
    if (token >= 0) values.set(table.data.subarray(token * width, (token + 1) * width), gene * width);
  });
  return { kind: 'dense', dtype: 'float32', shape: [tokenIds.length, width], values };
}
