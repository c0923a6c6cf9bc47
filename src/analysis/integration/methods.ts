/** @file The methods of integration that are built in, by the names they are asked for. */

import { UsageError } from '../../support/errors.ts';
import type { RunControl } from '../../support/progress.ts';
import { harmonisedComponents } from './harmonised-components.ts';
import { harmonyOnPca } from './harmony.ts';
import type { BatchedExpression, Integrated } from './method.ts';
import { mnnCorrection } from './mnn-correction.ts';
import { plainPca, scaledPca } from './principal-components.ts';
import { scanorama } from './scanorama.ts';
import { variationalAutoencoder } from './variational-autoencoder.ts';

/** A method and what is to be known of it. */
export interface IntegrationMethod {
  /** What it is asked for by, such as `scaled-pca`. */
  readonly id: string;
  /** As tables name it. */
  readonly name: string;
  /** What it does, in one clause. */
  readonly about: string;
  /** Whether it mixes batches: without several there is nothing for it to do. */
  readonly corrects: boolean;
  /** Whether its result depends on the seed: only then is it worth running with several. */
  readonly seeded: boolean;
  integrate(cells: BatchedExpression, control?: RunControl): Promise<Integrated>;
}

/** All of them, the quickest first. */
export const integrationMethods: readonly IntegrationMethod[] = [
  {
    id: 'pca',
    name: 'HVG + PCA',
    about: 'principal components of variable genes; corrects nothing',
    corrects: false,
    seeded: false,
    integrate: plainPca,
  },
  {
    id: 'scaled-pca',
    name: 'HVG + scale + PCA',
    about: 'the same of genes scaled to unit variance; corrects nothing',
    corrects: false,
    seeded: false,
    integrate: scaledPca,
  },
  {
    id: 'harmony',
    name: 'Harmony',
    about:
      'principal components whose clusters are moved towards each other across batches (Korsunsky et al. 2019)',
    corrects: true,
    seeded: true,
    integrate: (cells, control) => harmonyOnPca(cells, { scaled: false }, control),
  },
  {
    id: 'scaled-harmony',
    name: 'Harmony (scaled)',
    about: 'the same on principal components of scaled genes',
    corrects: true,
    seeded: true,
    integrate: (cells, control) => harmonyOnPca(cells, { scaled: true }, control),
  },
  {
    id: 'scanorama',
    name: 'Scanorama',
    about: 'batches moved onto each other along pairs of mutual nearest neighbours (Hie et al. 2019)',
    corrects: true,
    seeded: false,
    integrate: scanorama,
  },
  {
    id: 'mnn',
    name: 'MNN',
    about:
      'batches moved onto each other by mutual nearest neighbours, as fastMNN does (Haghverdi et al. 2018)',
    corrects: true,
    seeded: false,
    integrate: mnnCorrection,
  },
  {
    id: 'harmonised-components',
    name: 'Harmonised components',
    about: 'cells of unit length, components within batches, Harmony: what scgpt integrate begins with',
    corrects: true,
    seeded: true,
    integrate: harmonisedComponents,
  },
  {
    id: 'vae',
    name: 'Variational autoencoder',
    about: 'a neural network that explains counts by a place and the batch, as scVI does (Lopez et al. 2018)',
    corrects: true,
    seeded: true,
    integrate: (cells, control) => variationalAutoencoder(cells, {}, control),
  },
];

/**
 * Methods by their ids, in the order of {@link integrationMethods}; `all` for all of them.
 *
 * @throws UsageError naming those there are
 */
export function methodsNamed(ids: readonly string[]): IntegrationMethod[] {
  const known = integrationMethods.map(({ id }) => id);
  const unknown = ids.find((id) => id !== 'all' && !known.includes(id));
  if (unknown === undefined)
    return integrationMethods.filter(({ id }) => ids.includes('all') || ids.includes(id));
  throw new UsageError({
    what: `there is no method '${unknown}'`,
    where: '--methods',
    expected: `all, none or some of ${known.join(', ')}`,
    reason: 'method_unknown',
  });
}
