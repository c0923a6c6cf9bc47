/** @file What takes part in the benchmarks of tasks: who plugs a method in implements one of these. */

import type { Grouping } from '../../src/analysis/groups.ts';
import type { BatchedExpression } from '../../src/analysis/integration/method.ts';
import type { ContextProfiles } from '../../src/analysis/perturbation/contexts/predictor.ts';
import type { TrainingProfiles } from '../../src/analysis/perturbation/predictor.ts';
import type { Condition } from '../../src/analysis/perturbation/screen.ts';
import type { Points } from '../../src/analysis/points.ts';
import type { AnnData } from '../../src/single-cell/anndata.ts';
import type { CsrMatrix } from '../../src/single-cell/csr-matrix.ts';
import type { GeneSet } from '../../src/single-cell/genes/gene-sets.ts';

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

/** A screen without the perturbations that are held out. */
export interface KnockOutSplit {
  readonly training: TrainingProfiles;
  /** Log-normalised. */
  readonly expression: CsrMatrix; // [cells, genes]
  readonly conditions: readonly Condition[];
  /** Condition of each cell, 0 the control; -1 for cells that are not to be looked at: held out, unknown, or the truth's. */
  readonly codes: Int32Array; // [cells]
  readonly batches: readonly (string | null)[]; // [cells]
  readonly sets: readonly GeneSet[];
  /** All scored genes, in alphabetical order. */
  readonly perturbed: readonly string[];
}

/** Predicts perturbations that it has not seen. */
export interface KnockOutContender extends Contender {
  /** @returns mean profiles of the asked perturbations */
  run(
    split: KnockOutSplit,
    asked: readonly (readonly string[])[],
    seed: number,
  ): Promise<readonly Float64Array[]>;
}

/** Cell types, of one of which the perturbed cells are held out. */
export interface ContextSplit {
  readonly training: ContextProfiles;
  /** Mean of the held-out type's control cells. */
  readonly control: Float64Array; // [genes]
  readonly genes: readonly string[];
  readonly expression: CsrMatrix; // [cells, genes]
  readonly types: readonly string[];
  /** 2t for control cells of type t, 2t + 1 for perturbed ones; -1 for cells that are not to be looked at. */
  readonly codes: Int32Array; // [cells]
  readonly heldOut: number;
}

/** Predicts a perturbation in a type where it has not seen it. */
export interface ContextContender extends Contender {
  /** @returns the mean profile of the held-out type's perturbed cells */
  run(split: ContextSplit, seed: number): Promise<Float64Array>;
}
