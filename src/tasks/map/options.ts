/** @file What can be asked of mapping. */

import type { SearchMethod } from '../../analysis/reference-index/reference-index.ts';
import { UsageError } from '../../support/errors.ts';
import type { EmbedOptions } from '../embed/embed.ts';

/**
 * Which genes the model sees: `shared` those that reference and query both have, `all` whatever each side has.
 */
export type GenesSeen = 'shared' | 'all';

/** When a label is withheld: by thresholds learnt on held-out reference cells, never, or below a score. */
export type Rejection = 'auto' | 'off' | number;

/** Options of `mapCells`. */
export interface MapOptions extends Omit<EmbedOptions, 'geneEmbeddings'> {
  /** Columns of the reference's obs with the labels; default those of a saved reference. */
  readonly labels?: readonly string[] | undefined;
  /** Values of these columns that mean a missing label, such as `unknown`. Default none. */
  readonly unlabelled?: readonly string[] | undefined;
  /** Reference cells that vote on a query cell. Default 15, as customary; fewer where the reference is smaller. */
  readonly neighbours?: number | undefined;
  /**
   * Default `shared`: a cell's embedding shifts with the genes that were measured, so that equal cells of two panels
   * lie apart. Of a reference that comes with its embedding the panel is settled: the query then keeps the genes of it.
   */
  readonly genes?: GenesSeen | undefined;
  /** Default `auto`. */
  readonly reject?: Rejection | undefined;
  /** Default `auto`: exact up to 200,000 reference cells. */
  readonly search?: SearchMethod | 'auto' | undefined;
  /** Embed the reference even if it comes with an embedding. Default false. */
  readonly embedAgain?: boolean | undefined;
  /** Fit simple methods to the same cells. Default true. */
  readonly baselines?: boolean | undefined;
  /** Columns of the query's obs with the true labels, one for each of `labels`: only scored against. */
  readonly truth?: readonly string[] | undefined;
}

/** @throws UsageError for options that make no sense */
export function checkMapOptions({ labels, neighbours, reject, truth }: MapOptions): void {
  if (neighbours !== undefined && !(Number.isInteger(neighbours) && neighbours > 0)) {
    throw new UsageError({
      what: `the number of neighbours is ${neighbours}`,
      expected: 'a whole number of at least 1',
      reason: 'neighbour_count',
    });
  }
  if (typeof reject === 'number' && !(reject >= 0 && reject <= 1)) {
    throw new UsageError({
      what: `the score below which labels are withheld is ${reject}`,
      expected: 'auto, off or a number from 0 to 1',
      reason: 'reject',
    });
  }
  const twice = labels?.find((name, i) => labels.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new UsageError({ what: `the label column '${twice}' is named twice`, reason: 'labels' });
  }
  if (truth !== undefined && labels !== undefined && truth.length !== labels.length) {
    throw new UsageError({
      what: `there are ${labels.length} label columns and ${truth.length} columns with true labels`,
      expected: 'one --truth for each --label, in the same order',
      reason: 'truth',
    });
  }
}
