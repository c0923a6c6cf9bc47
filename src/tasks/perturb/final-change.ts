/** @file Which answer counts in the end: what was measured, what weights were learnt for, or the best plain rule there is. */

import { type StackWeights, stacked } from './stack.ts';

/** What a final prediction rests on. */
export type Basis =
  /** The perturbation was in the screen, in this context. */
  | 'measured'
  /** The model and plain methods, by weights learnt on held-out perturbations. */
  | 'weighted'
  /** The same perturbation in other contexts. */
  | 'other contexts'
  /** The measured changes of the parts of a combination, added up. */
  | 'sum of parts'
  /** The fine-tuned model alone. */
  | 'model';

/** What is known about a question. */
export interface Circumstances {
  /** The change that was measured. */
  readonly measured: Float64Array | null;
  /** Whether every part of a combination was measured alone, and the screen has no combination to learn weights from. */
  readonly sumIsAllThereIs: boolean;
}

/** Weights that are left by less than this were learnt for other questions. */
const leastCoverage = 0.5;

/**
 * Chooses. Weights learnt on unseen single perturbations say nothing of combinations of seen ones, whose sum is hard to
 * beat (Ahlmann-Eltze et al. 2025), nor of perturbations that are seen in other contexts.
 *
 * @param changes of the model and of plain methods, by id
 */
export function finalChange(
  changes: ReadonlyMap<string, Float64Array>,
  weights: StackWeights,
  { measured, sumIsAllThereIs }: Circumstances,
  modelId: string,
): { readonly change: Float64Array; readonly basis: Basis } {
  if (measured !== null) return { change: measured, basis: 'measured' };
  const sum = changes.get('additive');
  if (sumIsAllThereIs && sum !== undefined) return { change: sum, basis: 'sum of parts' };
  const covered = [...weights].reduce((total, [id, weight]) => total + (changes.has(id) ? weight : 0), 0);
  const together = covered >= leastCoverage ? stacked(changes, weights) : null;
  if (together !== null) return { change: together, basis: 'weighted' };
  const carried = changes.get('similar-contexts');
  if (carried !== undefined) return { change: carried, basis: 'other contexts' };
  return { change: changes.get(modelId) as Float64Array, basis: 'model' };
}
