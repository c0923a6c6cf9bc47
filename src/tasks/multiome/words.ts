/** @file Joined modalities in sentences, for terminal and report alike. */

import { spokenName } from './modality.ts';
import type { MultiomeResult } from './multiome.ts';

/** What each modality counts for, and why. */
export function trustSentences({
  trust,
  jointCells,
  modalities,
}: Pick<MultiomeResult, 'trust' | 'jointCells' | 'modalities'>): string[] {
  const out = trust.find((one) => one.trust === 0);
  if (out !== undefined) {
    return [
      `${spokenName(out.name)} has no say in the joint embedding: ${out.reason} (repeats itself ${out.reproducibility.toFixed(2)}, explains the other ${out.explainsOther.toFixed(2)}). With it the embedding would be worse, not richer.`,
    ];
  }
  const both = modalities.map(({ name }, side) => {
    const count = jointCells.weights.length / 2;
    let sum = 0;
    for (let cell = 0; cell < count; cell++) sum += jointCells.weights[cell * 2 + side];
    return `${spokenName(name)} ${((100 * sum) / count).toFixed(0)} %`;
  });
  return [`Both modalities have a say; over all cells ${both.join(', ')}.`];
}

/** Whether the model helped to predict the other modality. */
export function imputationSentence({
  imputation,
  modalities,
}: Pick<MultiomeResult, 'imputation' | 'modalities'>): string[] {
  if (imputation === null) return [];
  const [best] = imputation.scores;
  const other = spokenName(modalities[1].name);
  if (best.correlation < 0.1) {
    return [
      `${other} cannot be predicted from RNA here: the best method reaches a mean correlation of ${best.correlation.toFixed(3)} on held-out cells.`,
    ];
  }
  return [
    `${other} is predicted from RNA with a mean correlation of ${best.correlation.toFixed(3)} on ${imputation.heldOut} held-out cells, by ${best.method}.`,
  ];
}
