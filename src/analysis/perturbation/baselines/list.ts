/** @file The baselines that stand beside every prediction of unseen perturbations. */

import type { GeneSet } from '../../../single-cell/genes/gene-sets.ts';
import { geneEffects } from '../gene-effects.ts';
import type { PerturbationMethod } from '../predictor.ts';
import { type GeneFeatures, setComponents } from '../priors/features.ts';
import { featureSimilarity, jaccardSimilarity, setSimilarity } from '../priors/similarity.ts';
import { additive } from './additive.ts';
import { bilinearRidge } from './bilinear-ridge.ts';
import { noChange, trainMean } from './means.ts';
import { nearestGenes } from './nearest.ts';
import { crisprInformedMean, ownGeneChanged } from './own-gene.ts';
import { ridgeOnFeatures } from './ridge.ts';

/** What is known of genes beforehand; all optional. */
export interface GenePriors {
  /** Pathways, such as Reactome's. */
  readonly sets?: readonly GeneSet[] | undefined;
  /** Such as a pretrained model's gene embeddings. */
  readonly features?: readonly GeneFeatures[] | undefined;
}

/** Powers of set sizes that memberships are weighted by; inner leave-one-out chooses. */
const exponents = [0, 0.5, 1];

/**
 * The baselines, the simplest first; those that need priors where there are some, the strongest last.
 *
 * @param perturbed genes of all conditions, training and asked for: components of memberships tell these apart
 */
export function perturbationBaselines(
  { sets, features = [] }: GenePriors,
  perturbed: readonly string[],
): readonly PerturbationMethod[] {
  return [
    noChange,
    trainMean,
    crisprInformedMean,
    additive,
    bilinearRidge(),
    ...features.map((own, i) =>
      ridgeOnFeatures(own, { id: `ridge-features-${i + 1}`, name: `ridge, ${own.name}` }),
    ),
    ...(sets === undefined ? [] : ofSets(sets, perturbed)),
    geneEffects(similarities({ sets, features })),
  ];
}

function ofSets(sets: readonly GeneSet[], perturbed: readonly string[]): PerturbationMethod[] {
  const similarity = jaccardSimilarity(sets);
  const ridge = ridgeOnFeatures(setComponents(sets, perturbed, 8), {
    id: 'ridge-sets',
    name: 'ridge, gene sets SVD-8',
  });
  const three = nearestGenes(similarity, {
    id: 'nearest-3-sets',
    name: '3 nearest genes by gene sets',
    neighbours: 3,
  });
  const one = { id: 'nearest-sets', name: 'nearest gene by gene sets', neighbours: 1 };
  return [
    nearestGenes(similarity, one),
    three,
    ownGeneChanged(three, 'nearest-3-sets-own', `${three.name}, own gene changed`),
    ridge,
    ownGeneChanged(ridge, 'ridge-sets-own', `${ridge.name}, own gene changed`),
  ];
}

/** Every measure of similarity that the priors offer. */
export function similarities({ sets, features = [] }: GenePriors) {
  return [
    ...(sets === undefined ? [] : exponents.map((exponent) => setSimilarity(sets, exponent))),
    ...features.map(featureSimilarity),
  ];
}
