/** @file The genes of a data set that the model knows, and how its columns map to them. */

import { InputError } from '../../support/errors.ts';
import type { NumericArray } from '../matrix.ts';
import type { Vocabulary } from '../vocabulary.ts';

/** One row of a matrix: columns and their values. */
export interface SparseRow {
  readonly indices: Int32Array;
  readonly values: NumericArray;
}

/** One cell's genes and their values. */
export interface PanelRow {
  readonly geneIds: Int32Array;
  readonly values: Float32Array;
}

/**
 * The vocabulary genes among a matrix's columns, in the order of their token ids: the order of columns in a file
 * then changes nothing in what the model sees. Columns of one token are summed, columns without a token dropped.
 */
export class GenePanel {
  readonly vocabulary: Vocabulary;
  /** Token ids, ascending. */
  readonly tokenIds: Int32Array; // [genes]
  readonly columnCount: number;
  private readonly geneOfColumn: Int32Array; // [columns], -1 where a column has no token
  private readonly dense: Float32Array; // [genes]
  private readonly genes: Int32Array; // [genes], the first of them in use
  private readonly values: Float32Array; // [genes], likewise

  /**
   * @param columnTokens the token id of each column, -1 for none
   * @throws InputError when no column has a token
   */
  constructor(vocabulary: Vocabulary, columnTokens: ArrayLike<number>) {
    this.vocabulary = vocabulary;
    this.columnCount = columnTokens.length;
    const known = new Set<number>();
    for (let column = 0; column < columnTokens.length; column++) {
      if (columnTokens[column] >= 0) known.add(columnTokens[column]);
    }
    if (known.size === 0) {
      throw new InputError({
        what: `none of the ${columnTokens.length} genes is in the vocabulary`,
        expected: `names such as ${vocabulary.tokens.slice(0, 3).join(', ')}`,
        advice: 'Choose the column of var that holds gene symbols.',
        reason: 'no_gene_known',
      });
    }
    this.tokenIds = Int32Array.from(known).sort();
    const geneOfToken = new Map(Array.from(this.tokenIds, (token, gene) => [token, gene]));
    this.geneOfColumn = Int32Array.from(columnTokens, (token) => geneOfToken.get(token) ?? -1);
    this.dense = new Float32Array(this.size);
    this.genes = new Int32Array(this.size);
    this.values = new Float32Array(this.size);
  }

  /** The number of genes. */
  get size(): number {
    return this.tokenIds.length;
  }

  /**
   * One cell's genes by ascending token id, with their values in float32 as the model takes them: all genes of the
   * panel, or those that are not zero. The arrays are the panel's own and hold until the next call.
   *
   * @param cell names the cell in messages
   * @throws InputError when a value is negative or not finite
   */
  read(row: SparseRow, cell: string, includeZeros: boolean): PanelRow {
    const { geneOfColumn, dense, genes, values } = this;
    dense.fill(0);
    for (let i = 0; i < row.indices.length; i++) {
      const gene = geneOfColumn[row.indices[i]];
      if (gene < 0) continue;
      const value = row.values[i];
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) this.refuse(value, gene, cell);
      dense[gene] += value;
    }
    if (includeZeros) return { geneIds: this.tokenIds, values: dense };

    let count = 0;
    for (let gene = 0; gene < dense.length; gene++) {
      if (dense[gene] === 0) continue;
      genes[count] = this.tokenIds[gene];
      values[count++] = dense[gene];
    }
    return { geneIds: genes.subarray(0, count), values: values.subarray(0, count) };
  }

  private refuse(value: number, gene: number, cell: string): never {
    throw new InputError({
      what: `the value is ${value}`,
      where: `cell ${cell}, gene ${this.vocabulary.tokens[this.tokenIds[gene]]}`,
      expected: 'expression values that are finite and not negative',
      advice:
        value < 0
          ? 'Scaled or batch-corrected data do not work: choose a layer with counts or log-normalised values.'
          : 'Repair the value or leave the cell out.',
      reason: value < 0 ? 'negative_value' : 'not_finite',
    });
  }
}
