/** @file Components of a reference's visible genes, and cells of another data set in terms of them. */

import type { RunControl } from '../../../support/progress.ts';
import { pca } from '../../pca.ts';
import { type Points, pointsOf } from '../../points.ts';
import type { IncompleteExpression } from '../incomplete-expression.ts';

/** Both sides in the reference's principal components. */
export interface SharedComponents {
  readonly reference: Points;
  readonly query: Points;
}

const components = 30;

/** Found once for each pair: methods share it. */
const found = new WeakMap<IncompleteExpression, WeakMap<IncompleteExpression, Promise<SharedComponents>>>();

/** 30 principal components of the reference; the query is projected. */
export function sharedComponents(
  reference: IncompleteExpression,
  query: IncompleteExpression,
  control?: RunControl,
): Promise<SharedComponents> {
  const ofReference = found.get(reference) ?? new WeakMap<IncompleteExpression, Promise<SharedComponents>>();
  found.set(reference, ofReference);
  const shared = ofReference.get(query) ?? compute(reference, query, control);
  ofReference.set(query, shared);
  return shared;
}

async function compute(
  reference: IncompleteExpression,
  query: IncompleteExpression,
  control: RunControl | undefined,
): Promise<SharedComponents> {
  const { scores, loadings, means } = await pca(reference.loggedMatrix(), components, control);
  const count = scores.shape[1];
  const origin = new Float64Array(count);
  for (let gene = 0; gene < reference.genes; gene++) {
    for (let c = 0; c < count; c++) origin[c] += means[gene] * loadings.values[gene * count + c];
  }
  const values = new Float64Array(query.cells * count);
  const { rows, logged } = query;
  for (let cell = 0; cell < query.cells; cell++) {
    for (let c = 0; c < count; c++) values[cell * count + c] = -origin[c];
    for (let i = rows.indptr[cell]; i < rows.indptr[cell + 1]; i++) {
      for (let c = 0; c < count; c++)
        values[cell * count + c] += logged[i] * loadings.values[rows.indices[i] * count + c];
    }
  }
  return { reference: pointsOf(scores), query: { values, count: query.cells, dimensions: count } };
}
