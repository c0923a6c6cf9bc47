/** @file What embedding a data set will cost on this machine. */

import { embeddingFlops, embeddingMemory } from '../../model/cost.ts';
import { createEmbedder } from '../../model/embedder.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { type DeviceName, type DeviceOptions, openDevice } from '../../runtime/device.ts';
import { ValueBinner } from '../../single-cell/binning.ts';
import { rowOf } from '../../single-cell/matrix.ts';
import type { CellTokens } from '../../single-cell/tokens/cell-tokens.ts';
import { CellTokenizer } from '../../single-cell/tokens/tokenizer.ts';
import type { PreparedCells } from '../prepare.ts';

/** What embedding a data set costs here. */
export interface Estimate {
  readonly medianTokens: number;
  readonly seconds: number;
  readonly cellsPerSecond: number;
  readonly memoryBytes: number;
  readonly device: DeviceName;
}

/** Cells whose lengths stand for all. */
const sampledCells = 64;

/** Times one real cell of middling length on the device and scales by floating-point operations. */
export async function estimate(
  names: readonly string[],
  model: LoadedModel,
  { matrix, panel }: PreparedCells,
  options: DeviceOptions,
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
  const count = Math.min(sampledCells, names.length);
  for (let i = 0; i < count; i++) {
    const row = Math.floor((i * names.length) / count);
    cells.push(tokenizer.tokenize(rowOf(await matrix.rows(row, row + 1), 0), names[row]));
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
    seconds: (flops * names.length) / flopsPerSecond,
    cellsPerSecond: flopsPerSecond / flops,
    memoryBytes: embeddingMemory(config, { length: cells[count - 1].genes.length }).total,
    device: device.name,
  };
}
