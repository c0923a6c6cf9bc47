/** @file What takes part in the benchmarks of tasks: who plugs a method in implements one of these. */

import type { Grouping } from '../../src/analysis/groups.ts';
import type { BatchedExpression } from '../../src/analysis/integration/method.ts';
import type { Points } from '../../src/analysis/points.ts';
import type { AnnData } from '../../src/single-cell/anndata.ts';
import type { CsrMatrix } from '../../src/single-cell/csr-matrix.ts';

interface Contender {
  /** Names its results' files and asks for it on the command line: lower-case letters, digits and dashes. */
  readonly id: string;
  /** As tables name it. */
  readonly name: string;
  /** Whether its result depends on the seed: others run once. */
  readonly seeded: boolean;
}

/** The cells of a set, without their labels. */
export interface IntegrationCells {
  readonly set: string;
  /** All genes of the file; obs has the batches alone. */
  readonly data: AnnData;
  /** The column of obs. */
  readonly batchKey: string;
  readonly batch: Grouping;
  /** Log-normalised expression of the benchmark's genes. */
  readonly expression: BatchedExpression['expression'];
  /** Names of these genes. */
  readonly genes: readonly string[];
}

/** Embeds the cells of several batches. */
export interface IntegrationContender extends Contender {
  /** A row of NaN for a cell that has no place: it is left out when scored. */
  run(cells: IntegrationCells, seed: number): Promise<Points>;
}

/** Reference and query over the same genes: ln(1 + 10,000 count / total), the total being over all common genes. */
export interface PairedExpression {
  readonly reference: CsrMatrix; // [reference cells, genes]
  readonly query: CsrMatrix; // [query cells, genes]
  readonly genes: readonly string[];
}

/** A reference with labels, and a query without. */
export interface AnnotationSplit {
  readonly task: string;
  readonly fold: number;
  /** All genes of the file and all of obs. */
  readonly reference: AnnData;
  /** The reference's labels. */
  readonly labels: Grouping;
  /** All genes of the file; obs has no columns. */
  readonly query: AnnData;
  /** The benchmark's at most 2,000 genes, chosen on the reference. */
  readonly chosen: PairedExpression;
  /** All genes common to both. */
  readonly common: PairedExpression;
}

/** What a contender says of the query's cells. */
export interface Annotated {
  /** Index into the reference's groups, -1 for none. */
  readonly codes: Int32Array; // [query cells]
  /** The lower, the likelier a cell is of a type that the reference lacks. */
  readonly confidence: Float32Array; // [query cells]
}

/** Labels the cells of a query. */
export interface AnnotationContender extends Contender {
  run(split: AnnotationSplit, seed: number): Promise<Annotated>;
}
