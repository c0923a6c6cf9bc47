/** @file The embedding loop: windows of cells become tokens, batches of like length go through the embedder. */

import type { Embedder } from '../../model/embedder.ts';
import type { DenseArray } from '../../single-cell/anndata.ts';
import { blocksOf, type Matrix, rowOf } from '../../single-cell/matrix.ts';
import { fillRows, longest, type Padding, tokenRows } from '../../single-cell/tokens/batch.ts';
import { type CellTokens, conditionsOf } from '../../single-cell/tokens/cell-tokens.ts';
import type { ConditionRows } from '../../single-cell/tokens/conditions.ts';
import type { CellTokenizer } from '../../single-cell/tokens/tokenizer.ts';
import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { type BatchCapacity, planBatches } from './batches.ts';

/** What the loop works with. */
export interface EmbeddingLoop {
  readonly matrix: Matrix; // [cells, genes]
  readonly names: readonly string[]; // [cells]
  readonly tokenizer: CellTokenizer;
  readonly embedder: Embedder;
  readonly padding: Padding;
  readonly capacity: BatchCapacity;
  /** The model's conditions; one that is not here is not given. */
  readonly conditions: readonly ConditionRows[];
  /** The batch of each row, for models whose input is normalised per batch. */
  readonly domain?: Int32Array | undefined; // [cells]
}

/** What the loop gives. */
export interface EmbeddedCells {
  /** Unit-length embeddings `[cells, d]`; NaN for cells without any known gene. */
  readonly embeddings: DenseArray;
  /** Genes of each cell that the model read, `[cells]`. */
  readonly genesRead: Int32Array;
  /** Rows without any known non-zero gene. */
  readonly emptyCells: readonly number[];
}

/** Cells that are tokenised together and sorted by length: enough for even batches, little to hold. */
const windowCells = 1024;

/**
 * Embeds every row of the matrix.
 *
 * @throws CancelledError when the signal is aborted
 */
export async function embedCells(
  loop: EmbeddingLoop,
  { onProgress, signal }: RunControl,
): Promise<EmbeddedCells> {
  const { matrix, names, tokenizer, embedder } = loop;
  const { width } = embedder;
  const cellCount = matrix.shape[0];
  const values = new Float32Array(cellCount * width).fill(Number.NaN);
  const genesRead = new Int32Array(cellCount);
  const emptyCells: number[] = [];
  let done = 0;
  for await (const block of blocksOf(matrix, windowCells)) {
    const cells: CellTokens[] = [];
    for (let row = 0; row < block.rowCount; row++) {
      const cell = tokenizer.tokenize(rowOf(block, row), names[block.start + row]);
      cells.push(cell);
      genesRead[block.start + row] = cell.genes.length - 1; // without <cls>
      if (cell.genes.length === 1) emptyCells.push(block.start + row);
    }
    const rows = cells.flatMap((cell, row) => (cell.genes.length > 1 ? [row] : []));
    done += cells.length - rows.length;
    const lengths = rows.map((row) => cells[row].genes.length);
    for (const batch of planBatches(lengths, loop.capacity)) {
      await breathe();
      if (signal?.aborted === true) {
        throw new CancelledError({ what: 'stopped while embedding', advice: 'Nothing was written' });
      }
      const members = Array.from(batch, (member) => rows[member]);
      const embedded = await embedBatch(
        loop,
        members.map((row) => cells[row]),
        members.map((row) => block.start + row),
      ); // [members, d]
      members.forEach((row, place) => {
        const embedding = embedded.subarray(place * width, (place + 1) * width);
        values.set(embedding, (block.start + row) * width);
      });
      done += members.length;
      onProgress?.({ stage: 'embedding', done, total: cellCount, unit: 'cells' });
    }
  }
  return {
    embeddings: { kind: 'dense', dtype: 'float32', shape: [cellCount, width], values },
    genesRead,
    emptyCells,
  };
}

async function embedBatch(
  { embedder, padding, conditions, domain }: EmbeddingLoop,
  cells: readonly CellTokens[],
  rows: readonly number[], // of the cells in the matrix
): Promise<Float32Array> {
  const tokens = tokenRows(cells.length, longest(cells));
  fillRows(tokens, cells, padding);
  const embedded = new Float32Array(cells.length * embedder.width);
  const lengths = Int32Array.from(cells, ({ genes }) => genes.length);
  const ofBatch = new Map(
    conditions.map(({ name, of, rows: all }) => [
      name,
      of === 'cells' ? Int32Array.from(rows, (row) => all[row]) : conditionsOf(tokens.genes, all),
    ]),
  );
  await embedder.embed(
    {
      ...tokens,
      cells: cells.length,
      lengths,
      conditions: ofBatch,
      domain: domain && Int32Array.from(rows, (row) => domain[row]),
    },
    embedded,
  );
  return embedded;
}
