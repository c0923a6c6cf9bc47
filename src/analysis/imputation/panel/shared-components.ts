/** @file Components of a reference's visible genes, and cells of another data set in terms of them. */

import type { RunControl } from '../../../support/progress.ts';
import type { Points } from '../../points.ts';
import type { IncompleteExpression } from '../incomplete-expression.ts';

/** Both sides in the reference's principal components. */
export interface SharedComponents {
  readonly reference: Points;
  readonly query: Points;
}

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
  const space = await reference.space(control);
  return { reference: space.points, query: space.project(query) };
}
