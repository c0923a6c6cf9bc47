/** @file The genes that an annotator is fitted on: shared ones, those that experts see and those that the model reads. */

import { prepareExpression } from '../../analysis/expression.ts';
import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { inMemory } from '../../single-cell/in-memory.ts';
import type { Matrix } from '../../single-cell/matrix.ts';
import { selectGenes } from '../../single-cell/preprocess/views.ts';
import type { Vocabulary } from '../../single-cell/vocabulary.ts';
import { type Logger, silent } from '../../support/log.ts';
import type { RunControl } from '../../support/progress.ts';
import { count } from '../../support/words.ts';
import type { PreparedCells } from '../prepare.ts';
import type { AnnotatorGenes } from './annotator.ts';
import { type CellsOverGenes, cellsOverGenes, genesOf } from './gene-space.ts';

/** How genes are chosen. */
export interface GeneOptions extends RunControl {
  /** Only genes that these cells have too are used. */
  readonly query?: PreparedCells | undefined;
  /** The most genes that the model reads. */
  readonly genes: number;
  readonly logger?: Logger | undefined;
}

/** Genes, and the reference over them. */
export interface ChosenGenes {
  readonly over: CellsOverGenes;
  readonly genes: AnnotatorGenes;
  /** What experts see. */
  readonly expression: CsrMatrix; // [cells, genes of the panel]
}

/** Genes that experts see at most, those that vary most in the reference: as many as in the benchmarks of annotation. */
const expertGenes = 2000;

/**
 * The genes that count, chosen on the reference alone.
 *
 * @throws InputError when reference and query share none
 */
export async function chooseGenes(
  cells: PreparedCells,
  vocabulary: Vocabulary,
  { query, genes: wanted, logger = silent, ...control }: GeneOptions,
): Promise<ChosenGenes> {
  const all = genesOf(cells, vocabulary, query);
  logger.info(`${count(all.length)} genes${query === undefined ? '' : ' are in reference and query'}`);
  const over = await cellsOverGenes(cells, all, vocabulary, control);
  const { genes: panel } = await prepareExpression(over.values, {
    scale: over.scale,
    genes: expertGenes,
    ...control,
  });
  const { genes: varying } = await prepareExpression(over.values, {
    scale: over.scale,
    genes: wanted,
    ...control,
  });
  const read = new Uint8Array(all.length);
  for (const gene of varying) read[gene] = 1;
  return {
    over,
    genes: { all, shares: await countShares(over.values), panel, read },
    expression: await inMemory(selectGenes(over.logged, panel), control),
  };
}

/** Mean share of each gene in a cell's total. */
async function countShares(matrix: Matrix): Promise<Float32Array> {
  const [cellCount, geneCount] = matrix.shape;
  const shares = new Float64Array(geneCount);
  const atOnce = 256;
  for (let start = 0; start < cellCount; start += atOnce) {
    const block = await matrix.rows(start, Math.min(cellCount, start + atOnce));
    for (let row = 0; row < block.rowCount; row++) {
      const [from, to] = [block.indptr[row], block.indptr[row + 1]];
      let total = 0;
      for (let i = from; i < to; i++) total += block.values[i];
      if (total > 0) for (let i = from; i < to; i++) shares[block.indices[i]] += block.values[i] / total;
    }
  }
  return Float32Array.from(shares, (share) => share / cellCount);
}
