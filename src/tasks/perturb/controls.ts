/** @file Mean profiles of control cells, the states that perturbations start from, and changes predicted from them. */

import type { PerturbationPredictor } from '../../model/perturbation-predictor.ts';
import type { CellToPerturb, Perturbation } from '../../model/perturbed-cells.ts';
import type { RunControl } from '../../support/progress.ts';
import type { Profiles, ScreenCells } from '../../train/perturbation/cells.ts';

/** A mean profile to start from. */
export interface StartingProfile {
  readonly values: Float32Array; // [genes]
  /** Cells it is the mean of: its weight among those of its context. */
  readonly cells: number;
  readonly context: number;
}

/** The control cells of each batch in each context. */
export function startingProfiles(
  { strata, contextOf }: ScreenCells & { readonly contextOf: Int32Array },
  profiles: Profiles,
): readonly StartingProfile[] {
  return strata.flatMap(({ control }, stratum) =>
    control.length === 0
      ? []
      : [{ values: profiles.mean(control), cells: control.length, context: contextOf[stratum] }],
  );
}

/** The mean of a context's control cells, of all of them where the context is -1. */
export function controlProfile(starts: readonly StartingProfile[], context: number): Float64Array {
  const used = starts.filter((start) => context < 0 || start.context === context);
  const cells = used.reduce((sum, start) => sum + start.cells, 0);
  const mean = new Float64Array(starts[0].values.length);
  for (const { values, cells: own } of used) {
    for (let gene = 0; gene < mean.length; gene++) mean[gene] += (own / cells) * values[gene];
  }
  return mean;
}

/** A question: what a perturbation changes in a context, -1 for all together. */
export interface Asked {
  readonly perturbation: Perturbation;
  readonly context: number;
}

/** The mean change of every gene for each question, over the starting profiles of its context. */
export async function predictedChanges(
  predictor: PerturbationPredictor,
  starts: readonly StartingProfile[],
  asked: readonly Asked[],
  control?: RunControl,
): Promise<readonly Float64Array[]> {
  const jobs = asked.flatMap(({ perturbation, context }, question) =>
    starts.flatMap((start) =>
      context < 0 || start.context === context ? [{ question, start, perturbation }] : [],
    ),
  );
  const cells = jobs.map(
    ({ start, perturbation }): CellToPerturb => ({ values: start.values, perturbation }),
  );
  const genes = starts[0].values.length;
  const predicted = await predictor.predict(cells, control);
  const changes = asked.map(() => new Float64Array(genes));
  const weights = new Float64Array(asked.length);
  for (const { question, start } of jobs) weights[question] += start.cells;
  jobs.forEach(({ question, start }, job) => {
    const share = start.cells / weights[question];
    for (let gene = 0; gene < genes; gene++) {
      changes[question][gene] += share * (predicted[job * genes + gene] - start.values[gene]);
    }
  });
  return changes;
}
