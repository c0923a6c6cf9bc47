/** @file Embeds the cells of a data set: tokens in windows, batches by length, one vector a cell. */

import { cellsWithin } from '../../model/cost.ts';
import { createEmbedder, type Embedder } from '../../model/embedder.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { type DeviceName, openDevice } from '../../runtime/device.ts';
import type { AnnData, DenseArray } from '../../single-cell/anndata.ts';
import { type BinningMode, ValueBinner } from '../../single-cell/binning.ts';
import { blocksOf, rowOf } from '../../single-cell/matrix.ts';
import { fillRows, longest, tokenRows } from '../../single-cell/tokens/batch.ts';
import type { CellTokens } from '../../single-cell/tokens/cell-tokens.ts';
import { CellTokenizer } from '../../single-cell/tokens/tokenizer.ts';
import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import { type Logger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { planBatches } from './batches.ts';
import { type CellSource, type PreparedCells, prepareCells } from './prepare.ts';

/** Options of {@link embed}. */
export interface EmbedOptions extends CellSource, RunControl {
  /** Most tokens of a cell, `<cls>` included; the genes of longer cells are sampled. Default: what the model was trained with. */
  readonly maxLength?: number | undefined;
  /** How values that tie with bin edges are binned. Default `left`, which is deterministic and what pretraining used. */
  readonly binning?: BinningMode | undefined;
  /** Seed of sampling and of `random` binning. Default 0. */
  readonly seed?: number | undefined;
  /** Cells of a batch; default `auto`, what fits into `memory`. Never changes the result. */
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

/** Cells that are tokenised together and sorted by length: enough for even batches, little to hold. */
const windowCells = 1024;
/** More cells in a batch make no device faster. */
const largestBatch = 64;
/** Processors take cells one by one whatever the batch: small batches only report progress and obey Ctrl-C sooner. */
const processorTokens = 4096;

/**
 * Embeds every cell of a data set.
 *
 * Each cell's values are binned over all genes the model knows, its non-zero genes become tokens behind `<cls>`,
 * and the unit-length output row of `<cls>` is its embedding (Cui et al. 2024, Methods; `embed_data` of the
 * reference). An embedding depends on the cell's content, the model and the settings only.
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
  const device = await openDevice({ device: options.device ?? 'auto', threads: options.threads });
  const embedder = await createEmbedder(device, config, await model.parameters(), { precision });
  try {
    const prepared = await prepareCells(data, vocabulary, options, options);
    const settings: EmbedSettings = {
      matrix: prepared.matrixName,
      maxLength: options.maxLength ?? config.maxLength,
      binning,
      bins: config.bins,
      seed,
      precision,
      device: device.name,
    };
    const ready = performance.now();
    const cells = await embedCells(data, model, embedder, prepared, settings, options);
    warnOfCells(data, cells, logger);
    return {
      ...cells,
      geneEmbeddings: options.geneEmbeddings === true ? await embedGenes(embedder, prepared.tokenIds) : null,
      prepared,
      settings,
      seconds: { preparing: (ready - started) / 1000, embedding: (performance.now() - ready) / 1000 },
    };
  } finally {
    await embedder.dispose();
  }
}

type CellResults = Pick<EmbedResult, 'embeddings' | 'genesRead' | 'fullCells' | 'emptyCells'>;

async function embedCells(
  data: AnnData,
  { config, vocabulary }: LoadedModel,
  embedder: Embedder,
  { matrix, panel }: PreparedCells,
  settings: EmbedSettings,
  { batchSize = 'auto', memory = 4 * 2 ** 30, onProgress, signal }: EmbedOptions,
): Promise<CellResults> {
  const { width } = embedder;
  const tokenizer = new CellTokenizer({
    panel,
    clsValue: config.padValue,
    includeZeros: false,
    maxLength: settings.maxLength,
    binner: new ValueBinner(config.bins, settings.binning),
    seed: settings.seed,
  });
  const { precision } = settings;
  const onProcessor = settings.device === 'cpu' || settings.device === 'wasm';
  const automatic = (length: number) =>
    onProcessor ? processorTokens / length : cellsWithin(config, memory, { length, precision });
  const capacity = (length: number) =>
    batchSize === 'auto' ? Math.min(largestBatch, automatic(length)) : batchSize;
  const padding = { id: vocabulary.pad, value: config.padValue };
  const values = new Float32Array(matrix.shape[0] * width).fill(Number.NaN);
  const genesRead = new Int32Array(matrix.shape[0]);
  const emptyCells: number[] = [];
  let fullCells = 0;
  let done = 0;

  async function* windows(): AsyncGenerator<{ start: number; cells: CellTokens[] }> {
    for await (const block of blocksOf(matrix, windowCells)) {
      const cells: CellTokens[] = [];
      for (let row = 0; row < block.rowCount; row++) {
        cells.push(tokenizer.tokenize(rowOf(block, row), data.obs.index[block.start + row]));
      }
      yield { start: block.start, cells };
    }
  }

  for await (const { start, cells } of windows()) {
    cells.forEach((cell, row) => {
      genesRead[start + row] = cell.genes.length - 1;
      if (cell.genes.length === 1) emptyCells.push(start + row);
      if (cell.genes.length === settings.maxLength) fullCells++;
    });
    done += cells.filter((cell) => cell.genes.length === 1).length;
    const full = cells.map((_, row) => row).filter((row) => cells[row].genes.length > 1);
    const lengths = full.map((row) => cells[row].genes.length);
    for (const members of planBatches(lengths, capacity)) {
      await breathe();
      if (signal?.aborted === true)
        throw new CancelledError({ what: 'stopped while embedding', advice: 'Nothing was written' });
      const rows = Array.from(members, (member) => full[member]);
      const batch = rows.map((row) => cells[row]);
      const tokens = tokenRows(batch.length, longest(batch));
      fillRows(tokens, batch, padding);
      const out = new Float32Array(batch.length * width);
      await embedder.embed(
        { ...tokens, cells: batch.length, lengths: Int32Array.from(batch, (cell) => cell.genes.length) },
        out,
      );
      rows.forEach((row, place) => {
        values.set(out.subarray(place * width, (place + 1) * width), (start + row) * width);
      });
      done += batch.length;
      onProgress?.({ stage: 'embedding', done, total: matrix.shape[0], unit: 'cells' });
    }
  }
  const embeddings: DenseArray = { kind: 'dense', dtype: 'float32', shape: [matrix.shape[0], width], values };
  return { embeddings, genesRead, fullCells, emptyCells };
}

function warnOfCells(data: AnnData, { emptyCells, genesRead }: CellResults, logger: Logger): void {
  if (emptyCells.length > 0) {
    const names = emptyCells.slice(0, 5).map((row) => data.obs.index[row]);
    logger.warning(
      `${emptyCells.length} of ${genesRead.length} cells have no gene that the model knows and get NaN: ` +
        `${names.join(', ')}${emptyCells.length > names.length ? ', ...' : ''}`,
    );
  }
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
