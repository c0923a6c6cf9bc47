/** @file The plain predictors that stand beside the model: of unseen genes, and of what was seen in other contexts. */

import { perturbationBaselines } from '../../analysis/perturbation/baselines/list.ts';
import { contextBaselines } from '../../analysis/perturbation/contexts/baselines.ts';
import type { ContextMethod } from '../../analysis/perturbation/contexts/predictor.ts';
import { similarContexts } from '../../analysis/perturbation/contexts/similar-contexts.ts';
import type { PerturbationMethod } from '../../analysis/perturbation/predictor.ts';
import type { GeneFeatures } from '../../analysis/perturbation/priors/features.ts';
import type { GeneSet } from '../../single-cell/genes/gene-sets.ts';
import type { SortedNames, Terms } from './terms.ts';

/** Ways to predict without the model. */
export interface PlainMethods {
  /** Of perturbations that were not seen. */
  readonly ofGenes: readonly PerturbationMethod[];
  /** Of perturbations that were seen in other contexts. */
  readonly ofContexts: readonly ContextMethod[];
}

/**
 * Every method that the priors allow: gene embeddings of the pretrained model where it reads features, gene sets where
 * they are given.
 *
 * @param names perturbed genes, of training and of questions
 */
export function methodsFor(
  terms: Pick<Terms, 'features' | 'embeddingWidth'>,
  geneSets: readonly GeneSet[],
  names: readonly string[],
  sorted: Pick<SortedNames, 'genes'>,
): PlainMethods {
  const genes = [...new Set(names)].sort();
  const embedding = embeddingOf(terms, genes, sorted);
  const priors = {
    ...(geneSets.length === 0 ? {} : { sets: geneSets }),
    features: embedding === null ? [] : [embedding],
  };
  return {
    ofGenes: perturbationBaselines(priors, genes),
    ofContexts: [...contextBaselines, similarContexts],
  };
}

function embeddingOf(
  { features, embeddingWidth }: Pick<Terms, 'features' | 'embeddingWidth'>,
  genes: readonly string[],
  sorted: Pick<SortedNames, 'genes'>,
): GeneFeatures | null {
  if (features === null) return null;
  const { width, values } = features;
  const known = genes.flatMap((gene) => {
    const token = sorted.genes.get(gene);
    return token === undefined ? [] : [[gene, token] as const];
  });
  return {
    name: 'gene embeddings of the model',
    count: embeddingWidth,
    values: new Map(
      known.map(([gene, token]) => [
        gene,
        Float64Array.from(values.subarray(token * width, token * width + embeddingWidth)),
      ]),
    ),
  };
}
