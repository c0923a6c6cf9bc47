/** @file The labelled cells of the `classical` fixture, as reference and query. */

import type { LabelledExpression } from '../../../../src/analysis/classifiers/classifier.ts';
import type { CsrMatrix } from '../../../../src/single-cell/csr-matrix.ts';
import { inMemory } from '../../../../src/single-cell/in-memory.ts';
import { golden } from '../../single-cell/golden.ts';
import { matrixOf } from '../rows.ts';

interface Case {
  readonly parameters: { readonly labels: readonly string[]; readonly genes: readonly string[] };
  readonly celltypist: { readonly best_match: readonly string[] };
  readonly singler: { readonly labels_without_fine_tuning: string[]; readonly labels_fine_tuned: string[] };
  readonly majority_vote: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const classical = golden<Case>('classical');
export const { labels: classes, genes } = classical.about.parameters;

/** A row-major table as expression. */
export function sparse(
  values: Float32Array | Float64Array,
  rows: number,
  columns: number,
): Promise<CsrMatrix> {
  return inMemory(matrixOf(values, rows, columns));
}

export function expressionOf(cells: Int32Array): Promise<CsrMatrix> {
  const all = classical.f32('X');
  const values = new Float32Array(cells.length * genes.length);
  cells.forEach((cell, row) => {
    values.set(all.subarray(cell * genes.length, (cell + 1) * genes.length), row * genes.length);
  });
  return sparse(values, cells.length, genes.length);
}

/** Some of the 300 cells with their labels. */
export async function referenceOf(cells: Int32Array): Promise<LabelledExpression> {
  const codes = classical.i32('label');
  return {
    expression: await expressionOf(cells),
    labels: cells.map((cell) => codes[cell]),
    classes,
    genes,
    seed: 0,
  };
}

/** The 200 reference cells of the stored split. */
export function trainingCells(): Promise<LabelledExpression> {
  return referenceOf(classical.i32('split/train'));
}

/** The 100 query cells of the stored split. */
export function testCells(): Promise<CsrMatrix> {
  return expressionOf(classical.i32('split/test'));
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
