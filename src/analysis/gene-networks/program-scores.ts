/** @file How active programs are in cells: their genes' mean expression less that of genes expressed alike (Tirosh et al. 2016). */

import type { Matrix } from '../../single-cell/matrix.ts';
import { blocksOf } from '../../single-cell/matrix.ts';
import { UsageError } from '../../support/errors.ts';
import { randomStream } from '../../support/random.ts';

/** A program with what it is compared to. */
export interface ScoredGenes {
  readonly genes: Int32Array;
  /** Genes of like expression that are not in the program. */
  readonly controls: Int32Array;
}

/** Options of {@link controlGenes}. */
export interface ControlGeneOptions {
  /** Bins of equal size by mean expression. Default 25. */
  readonly bins?: number | undefined;
  /** Most genes drawn from a bin in which the program has genes. Default 50. */
  readonly ofBin?: number | undefined;
  readonly seed?: number | undefined;
}

/**
 * Draws genes that are expressed as the program's are, as `scanpy.tl.score_genes` does with its defaults.
 *
 * @param means expression of every gene, `[genes]`
 */
export function controlGenes(
  means: Float64Array,
  genes: Int32Array,
  { bins = 25, ofBin = 50, seed = 0 }: ControlGeneOptions = {},
): Int32Array {
  const order = Int32Array.from(means.keys()).sort((a, b) => means[a] - means[b] || a - b);
  const size = Math.max(1, Math.round(means.length / (bins - 1)));
  const binOf = new Int32Array(means.length);
  order.forEach((gene, rank) => {
    binOf[gene] = Math.floor(rank / size);
  });
  const own = new Set(genes);
  const wanted = [...new Set(Array.from(genes, (gene) => binOf[gene]))].sort((a, b) => a - b);
  const random = randomStream(seed, 'control genes', genes.join(','));
  const controls = wanted.flatMap((bin) => {
    const others = [...order].filter((gene) => binOf[gene] === bin && !own.has(gene));
    for (let i = 0; i < Math.min(ofBin, others.length); i++) {
      const j = i + Math.floor(random.uniform() * (others.length - i));
      [others[i], others[j]] = [others[j], others[i]];
    }
    return others.slice(0, ofBin);
  });
  return Int32Array.from(controls).sort();
}

/**
 * Scores of all programs in all cells, `[cells, programs]`, reading the matrix once.
 *
 * @param expression log-normalised, `[cells, genes]`
 * @throws UsageError when a program has no genes or no controls
 */
export async function programScores(
  expression: Matrix,
  programs: readonly ScoredGenes[],
): Promise<Float32Array> {
  const [cells, genes] = expression.shape;
  const width = programs.length;
  const weights = new Float64Array(genes * width); // [genes, programs]
  programs.forEach(({ genes: own, controls }, program) => {
    if (own.length === 0 || controls.length === 0) {
      throw new UsageError({
        what: `program ${program} has ${own.length} genes and ${controls.length} to compare with`,
        expected: 'at least one of each',
        reason: 'program',
      });
    }
    for (const gene of own) weights[gene * width + program] += 1 / own.length;
    for (const gene of controls) weights[gene * width + program] -= 1 / controls.length;
  });
  const scores = new Float32Array(cells * width);
  const sums = new Float64Array(width);
  for await (const block of blocksOf(expression, 1024)) {
    for (let row = 0; row < block.rowCount; row++) {
      sums.fill(0);
      for (let i = block.indptr[row]; i < block.indptr[row + 1]; i++) {
        const start = block.indices[i] * width;
        for (let program = 0; program < width; program++) {
          sums[program] += block.values[i] * weights[start + program];
        }
      }
      scores.set(sums, (block.start + row) * width);
    }
  }
  return scores;
}
