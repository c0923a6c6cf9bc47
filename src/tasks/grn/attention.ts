/** @file Rank-normalised attention in groups of cells, of all genes to the regulators. */

import { RankedAttention } from '../../analysis/gene-networks/ranked-attention.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { createGeneReader } from '../../model/gene-reader.ts';
import type { Device } from '../../runtime/device.ts';
import { ValueBinner } from '../../single-cell/binning.ts';
import { rowOf } from '../../single-cell/matrix.ts';
import { GenePanel } from '../../single-cell/tokens/gene-panel.ts';
import { CellTokenizer } from '../../single-cell/tokens/tokenizer.ts';
import { breathe } from '../../support/breathe.ts';
import { CancelledError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import type { GeneSpace } from './gene-space.ts';

/** Options of {@link groupAttention}. */
export interface GroupAttentionOptions extends RunControl {
  /** Rows of the matrix, group by group. */
  readonly cellsOfGroup: readonly Int32Array[];
  /** Genes whose columns are kept of each cell. */
  readonly regulators: readonly number[];
  readonly layer?: number | undefined;
  readonly asPublished: boolean;
  readonly seed: number;
}

/** What was gathered. */
export interface GroupAttention {
  /** Mean of each group, row the gene that asks, column the one asked. */
  readonly means: readonly Float32Array[]; // [groups][genes, genes]
  /** Columns of the regulators, cell by cell. */
  readonly ofCells: readonly Float32Array[]; // [groups][cells, regulators, genes]
}

/**
 * Reads the attention of a layer in each cell, with all genes of the space as tokens, those that are zero too; ranks and
 * averages it. Never holds more than one cell's attention.
 */
export async function groupAttention(
  device: Device,
  model: LoadedModel,
  { prepared, tokens }: GeneSpace,
  options: GroupAttentionOptions,
): Promise<GroupAttention> {
  const { cellsOfGroup, regulators, layer, asPublished, seed, onProgress, signal } = options;
  const { config, vocabulary } = model;
  const genes = tokens.length;
  const wanted = new Set(tokens);
  const seen = new Set<number>();
  const columnTokens = prepared.tokenIds.map((token) => {
    if (!wanted.has(token) || seen.has(token)) return -1;
    seen.add(token);
    return token;
  });
  const tokenizer = new CellTokenizer({
    panel: new GenePanel(vocabulary, columnTokens),
    clsValue: config.padValue,
    includeZeros: true,
    maxLength: genes + 1,
    binner: new ValueBinner(config.bins, 'left'),
    seed,
  });
  const gathered = new RankedAttention({
    genes,
    heads: config.heads,
    groups: cellsOfGroup.length,
    asPublished,
  });
  const reader = await createGeneReader(device, config, await model.parameters(), {
    reading: 'attention',
    layer,
  });
  // Tokens stand in the order of their ids, behind <cls>.
  const byToken = [...tokens.keys()].sort((a, b) => tokens[a] - tokens[b]);
  const places = new Int32Array(genes);
  byToken.forEach((gene, place) => {
    places[gene] = place + 1;
  });
  const total = cellsOfGroup.reduce((sum, cells) => sum + cells.length, 0);
  const scores = new Float32Array(config.heads * genes * genes);
  let done = 0;
  try {
    const ofCells: Float32Array[] = [];
    for (const [group, cells] of cellsOfGroup.entries()) {
      const kept = new Float32Array(cells.length * regulators.length * genes);
      for (const [place, row] of cells.entries()) {
        await breathe();
        if (signal?.aborted === true) throw new CancelledError({ what: 'stopped while reading attention' });
        const block = await prepared.matrix.rows(row, row + 1);
        const cell = tokenizer.tokenize(rowOf(block, 0), `row ${row}`);
        inOrder(await reader.read(cell), scores, places);
        const ranks = gathered.add(group, scores); // [genes, genes]
        regulators.forEach((regulator, r) => {
          const start = (place * regulators.length + r) * genes;
          for (let target = 0; target < genes; target++)
            kept[start + target] = ranks[target * genes + regulator];
        });
        onProgress?.({ stage: 'reading attention', done: ++done, total, unit: 'cells' });
      }
      ofCells.push(kept);
    }
    return { means: cellsOfGroup.map((_, group) => gathered.mean(group)), ofCells };
  } finally {
    await reader.dispose();
  }
}

/** Brings tokens into the order of genes and leaves out `<cls>`, which is no gene. */
function inOrder(all: Float32Array, into: Float32Array, places: Int32Array): void {
  const genes = places.length;
  const tokens = genes + 1;
  for (let head = 0; head < all.length / tokens ** 2; head++) {
    for (let row = 0; row < genes; row++) {
      const from = head * tokens ** 2 + places[row] * tokens;
      const to = (head * genes + row) * genes;
      for (let column = 0; column < genes; column++) into[to + column] = all[from + places[column]];
    }
  }
}
