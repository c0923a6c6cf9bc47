/** @file The plain predictors that stand beside the model. */

import { additive } from '../../analysis/perturbation/baselines/additive.ts';
import { noChange, trainMean } from '../../analysis/perturbation/baselines/means.ts';
import { nearestGenes } from '../../analysis/perturbation/baselines/nearest.ts';
import { crisprInformedMean, ownGeneChanged } from '../../analysis/perturbation/baselines/own-gene.ts';
import { ridgeOnFeatures } from '../../analysis/perturbation/baselines/ridge.ts';
import type { PerturbationMethod } from '../../analysis/perturbation/predictor.ts';
import { type GeneFeatures, setComponents } from '../../analysis/perturbation/priors/features.ts';
import { jaccardSimilarity } from '../../analysis/perturbation/priors/similarity.ts';
import type { GeneSet } from '../../single-cell/genes/gene-sets.ts';
import type { SortedNames, Terms } from './terms.ts';

/** Components of gene sets that a ridge regression reads. */
const components = 8;

/**
 * No change, means, sums, regression on the pretrained gene embeddings, and where gene sets are given, regression on
 * them and the nearest genes by them.
 *
 * @param names perturbed genes, of training and of questions
 */
export function methodsFor(
  terms: Pick<Terms, 'features'>,
  geneSets: readonly GeneSet[],
  names: readonly string[],
  sorted: Pick<SortedNames, 'genes'>,
): readonly PerturbationMethod[] {
  const genes = [...new Set(names)].sort();
  const methods: PerturbationMethod[] = [noChange, trainMean, crisprInformedMean, additive];
  const embedding = embeddingOf(terms, genes, sorted);
  if (embedding !== null) {
    const ridge = ridgeOnFeatures(embedding, { id: 'ridge-embedding', name: 'ridge, gene embeddings' });
    methods.push(ownGeneChanged(ridge, 'ridge-embedding', 'ridge, gene embeddings, own gene lowered'));
  }
  if (geneSets.length > 0) {
    const ridge = ridgeOnFeatures(setComponents(geneSets, genes, components), {
      id: 'ridge-sets',
      name: 'ridge, gene sets',
    });
    const nearest = nearestGenes(jaccardSimilarity(geneSets), {
      id: 'nearest-sets',
      name: 'nearest, gene sets',
      neighbours: 3,
    });
    methods.push(
      ownGeneChanged(ridge, 'ridge-sets', 'ridge, gene sets, own gene lowered'),
      ownGeneChanged(nearest, 'nearest-sets', 'nearest genes by gene sets, own gene lowered'),
    );
  }
  return methods;
}

function embeddingOf(
  { features }: Pick<Terms, 'features'>,
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
    name: `${width} numbers of gene embeddings`,
    count: width,
    values: new Map(
      known.map(([gene, token]) => [
        gene,
        Float64Array.from(values.subarray(token * width, (token + 1) * width)),
      ]),
    ),
  };
}
