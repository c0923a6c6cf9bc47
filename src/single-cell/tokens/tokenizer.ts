/** @file From rows of a matrix to tokens: read, bin, choose, sample. */

import { UsageError } from '../../support/errors.ts';
import type { ValueBinner } from '../binning.ts';
import { cellKey } from './cell-key.ts';
import { type CellTokens, sampleTokens, type TokenChoice, tokensOf } from './cell-tokens.ts';
import { keyedDraws } from './draws.ts';
import type { GenePanel, SparseRow } from './gene-panel.ts';

/** How cells become tokens. */
export interface TokenizerOptions {
  readonly panel: GenePanel;
  /**
   * The value of `<cls>`, or null for no `<cls>`: -2, the value of padding, in pretraining and embedding; 0 in
   * fine-tuning; none in perturbation prediction. The published weights saw these.
   */
  readonly clsValue: number | null;
  /** Whether genes with value 0 become tokens. */
  readonly includeZeros: boolean;
  /** The most tokens of a cell, `<cls>` included: 1,200 in the published models. */
  readonly maxLength: number;
  /** Bins values, or null to keep them as they are. */
  readonly binner: ValueBinner | null;
  readonly seed: number;
}

/**
 * Turns cells into tokens, one at a time. Values are binned over all genes of the panel first; a cell that is
 * too long is then sampled to length, as the published models were trained: the panel shapes the bins.
 * Draws depend on the seed and the cell's content only.
 */
export class CellTokenizer {
  readonly options: TokenizerOptions;
  private readonly choice: TokenChoice;
  private readonly bins: Float32Array; // [genes]

  /** @throws UsageError when `maxLength` leaves no room for a gene. */
  constructor(options: TokenizerOptions) {
    const { panel, clsValue, includeZeros, maxLength } = options;
    this.options = options;
    this.choice = {
      cls: clsValue === null ? null : { id: panel.vocabulary.cls, value: clsValue },
      includeZeros,
    };
    this.bins = new Float32Array(options.binner === null ? 0 : panel.size);
    if (!Number.isInteger(maxLength) || maxLength <= this.kept) {
      throw new UsageError({
        what: `the longest cell may have ${maxLength} tokens`,
        where: 'max length',
        expected: `a whole number above ${this.kept}`,
        reason: 'max_length',
      });
    }
  }

  /**
   * The tokens of one cell, genes by ascending token id. A cell without any known non-zero gene has only `<cls>`
   * (unless zeros are included).
   *
   * @param row the cell's columns and values, as the panel's matrix has them
   * @param cell names the cell in messages
   * @throws InputError when a value is negative or not finite
   */
  tokenize(row: SparseRow, cell: string): CellTokens {
    const { panel, binner, includeZeros, maxLength, seed } = this.options;
    const { geneIds, values } = panel.read(row, cell, includeZeros);
    const draws = () => keyedDraws(seed, cellKey(geneIds, values)); // hashing is for cells that draw
    let shown = values;
    if (binner !== null) {
      shown = this.bins.subarray(0, values.length);
      binner.bin(values, shown, binner.mode === 'random' ? draws().uniform : undefined);
    }
    const tokens = tokensOf(geneIds, shown, this.choice);
    return tokens.genes.length <= maxLength ? tokens : sampleTokens(tokens, this.kept, maxLength, draws());
  }

  /** How many leading tokens are no genes: 1 with `<cls>`. */
  private get kept(): number {
    return this.choice.cls === null ? 0 : 1;
  }
}
