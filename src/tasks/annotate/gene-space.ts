/** @file The genes that an annotator knows, and cells over them: log-normalised for experts, as tokens for the model. */

import type { Matrix } from '../../single-cell/matrix.ts';
import { log1p, normalizeTotal } from '../../single-cell/preprocess/normalize.ts';
import type { Vocabulary } from '../../single-cell/vocabulary.ts';
import type { RunControl } from '../../support/progress.ts';
import { geneKeys, geneNames, linearOrAsGiven, noSharedGenes, overGenes } from '../labelled-cells.ts';
import type { PreparedCells } from '../prepare.ts';

/** Genes by name: a token of the model's vocabulary where it has one, else as the reference calls it. */
export type GeneList = readonly string[];

/** Cells over a list of genes. */
export interface CellsOverGenes {
  /** ln(1 + 10,000 * value / total), the total over the listed genes that the cells have. */
  readonly logged: Matrix; // [cells, genes]
  /** Values as given, or on the linear scale where their logarithm could be undone. */
  readonly values: Matrix; // [cells, genes]
  readonly scale: 'linear' | 'logged';
  /** 1 for genes that the cells were measured on. */
  readonly present: Uint8Array; // [genes]
}

/**
 * The genes of a reference, or of those the ones that a query has too, in the reference's order.
 *
 * @throws InputError when there is no gene in common
 */
export function genesOf(reference: PreparedCells, vocabulary: Vocabulary, query?: PreparedCells): GeneList {
  const known = query === undefined ? undefined : new Set(geneKeys(query));
  const keys = new Set(geneKeys(reference).filter((key) => key !== '' && (known?.has(key) ?? true)));
  if (keys.size === 0 && query !== undefined) throw noSharedGenes(geneNames(reference), geneNames(query));
  return Array.from(keys, (key) => (typeof key === 'number' ? vocabulary.tokens[key] : key));
}

/** The token of each gene, -1 where the vocabulary has none. */
export function tokensOfGenes(genes: GeneList, vocabulary: Vocabulary): Int32Array {
  return Int32Array.from(genes, (name) => vocabulary.id(name) ?? -1);
}

/**
 * Brings cells to a list of genes; columns of one gene are added up, genes that the cells lack are empty.
 *
 * @param total what each cell's values are normalised to
 * @throws InputError when the cells have none of the genes
 */
export async function cellsOverGenes(
  cells: PreparedCells,
  genes: GeneList,
  vocabulary: Vocabulary,
  { total = 1e4, ...control }: RunControl & { readonly total?: number | undefined } = {},
): Promise<CellsOverGenes> {
  const keys = genes.map((name) => vocabulary.id(name) ?? name);
  const present = presentGenes(cells, genes, vocabulary);
  if (!present.includes(1)) throw noSharedGenes(genes, geneNames(cells));
  const { matrix, scale } = await linearOrAsGiven(overGenes(cells, keys), cells.diagnosis.kind, control);
  const logged = scale === 'logged' ? matrix : log1p((await normalizeTotal(matrix, total, control)).matrix);
  return { logged, values: matrix, scale, present };
}

/** 1 for each of the genes that the cells were measured on. */
export function presentGenes(cells: PreparedCells, genes: GeneList, vocabulary: Vocabulary): Uint8Array {
  const known = new Set(geneKeys(cells));
  return Uint8Array.from(genes, (name) => (known.has(vocabulary.id(name) ?? name) ? 1 : 0));
}
