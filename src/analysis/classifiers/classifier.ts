/** @file What every classical annotator is given, and what it gives: log-normalised expression in, class scores out. */

import type { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import type { RunControl } from '../../support/progress.ts';

/** A labelled reference. */
export interface LabelledExpression {
  /** ln(1 + 10,000 * count / total). */
  readonly expression: CsrMatrix; // [cells, genes]
  /** Index into `classes`. */
  readonly labels: Int32Array; // [cells]
  /** Names of the classes, each with at least one cell. */
  readonly classes: readonly string[];
  /** Names of the genes, for methods that show or choose markers. */
  readonly genes: readonly string[];
  /** Of whatever is drawn at random. */
  readonly seed: number;
}

/** What a method says of query cells. */
export interface ClassScores {
  /** The higher, the likelier; probabilities, summing to 1 in a row, where {@link Classifier.probabilistic}. */
  readonly scores: Float32Array; // [cells, classes]
  /** The method's label of each cell: an index into `classes`, or -1 where it assigns none. */
  readonly codes: Int32Array; // [cells]
  /** How sure the method is, in its own unit; what rejection of unseen types goes by. */
  readonly confidence: Float32Array; // [cells]
}

/** A fitted method. */
export interface Classifier {
  /** As tables name it, such as `Logistic regression`. */
  readonly method: string;
  readonly classes: readonly string[];
  readonly probabilistic: boolean;
  /** @param expression query cells over the genes of the reference, in its order, normalised the same way */
  predict(expression: CsrMatrix, control?: RunControl): Promise<ClassScores>;
}

/** Fits a method to a reference. */
export type FitClassifier = (reference: LabelledExpression, control?: RunControl) => Promise<Classifier>;
