/** @file The methods that take part: plug another in by adding it to one of the lists. */

import { integrationMethods } from '../../src/analysis/integration/methods.ts';
import { annotators } from './annotators.ts';
import type { AnnotationContender, IntegrationContender } from './contenders.ts';
import { components } from './integration-sets.ts';
import { scgptIntegration } from './scgpt-integration.ts';

export const integrationContenders: readonly IntegrationContender[] = [
  ...integrationMethods.map(({ id, name, seeded, integrate }) => ({
    id,
    name,
    seeded,
    async run({ expression, batch }: Parameters<IntegrationContender['run']>[0], seed: number) {
      return (await integrate({ expression, batch, dimensions: components, seed })).points;
    },
  })),
  ...scgptIntegration,
];

export const annotationContenders: readonly AnnotationContender[] = annotators;
