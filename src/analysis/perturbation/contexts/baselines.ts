/** @file Simple predictions of a perturbation in an unseen context. */

import { correlation } from '../../correlation.ts';
import { meanProfile } from '../profiles.ts';
import { usualPseudocount, withFoldChange, withShift } from './fold-change.ts';
import type { ContextMethod, ContextProfiles } from './predictor.ts';

/** The training context whose control profile correlates best; of equal ones the first. */
export function nearestContext({ control }: ContextProfiles, own: Float64Array): number {
  const correlations = control.map((profile) => correlation(profile, own));
  return correlations.reduce((best, value, i) => (value > correlations[best] ? i : best), 0);
}

const nearest = (training: ContextProfiles, own: Float64Array) => {
  const context = nearestContext(training, own);
  return { from: training.control[context], to: training.perturbed[context] };
};
const mean = ({ control, perturbed }: ContextProfiles) => ({
  from: meanProfile(control),
  to: meanProfile(perturbed),
});
const simple = (
  id: string,
  name: string,
  predict: (own: Float64Array, training: ContextProfiles) => Float64Array,
): ContextMethod => ({ id, name, fit: (training) => ({ predict: (own) => predict(own, training) }) });

/** In the order of tables: each is what a trained model has to beat. */
export const contextBaselines: readonly ContextMethod[] = [
  simple('no-change', 'no change', (own) => own.slice()),
  simple('mean-shift', 'mean shift (mean delta of other types)', (own, training) =>
    withShift(own, mean(training)),
  ),
  simple('clipped-shift', 'mean shift clipped at 0', (own, training) =>
    withShift(own, mean(training)).map((value) => Math.max(0, value)),
  ),
  simple('fold-change', 'fold change of other types', (own, training) =>
    withFoldChange(own, mean(training), usualPseudocount),
  ),
  simple('perturbed-mean', 'stimulated mean of other types', (_, { perturbed }) => meanProfile(perturbed)),
  simple('nearest-profile', "nearest type's stimulated profile", (own, training) =>
    nearest(training, own).to.slice(),
  ),
  simple('nearest-shift', "nearest type's delta", (own, training) => withShift(own, nearest(training, own))),
  simple('nearest-fold-change', "nearest type's fold change", (own, training) =>
    withFoldChange(own, nearest(training, own), usualPseudocount),
  ),
];
