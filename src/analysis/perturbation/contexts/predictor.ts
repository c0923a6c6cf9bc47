/** @file What predicts a perturbation's effect in a context, such as a cell type, where it was never seen. */

/** One perturbation in the contexts where it was seen. */
export interface ContextProfiles {
  readonly control: readonly Float64Array[]; // [contexts][genes]
  readonly perturbed: readonly Float64Array[]; // [contexts][genes]
}

/** Predicts the perturbed cells of a context from its control cells. */
export interface ContextPredictor {
  predict(control: Float64Array): Float64Array; // [genes]
}

/** A way to learn from contexts. */
export interface ContextMethod {
  /** Lower-case letters, digits and dashes. */
  readonly id: string;
  /** As tables name it. */
  readonly name: string;
  fit(training: ContextProfiles): ContextPredictor;
}
