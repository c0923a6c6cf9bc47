/** @file The class with the highest score of every cell. */

import type { ClassScores } from './classifier.ts';

/** Labels cells by their highest scores, which are the confidence; of equal scores the first class. */
export function bestClasses(scores: ArrayLike<number>, classCount: number): ClassScores {
  const cellCount = scores.length / classCount;
  const codes = new Int32Array(cellCount);
  const confidence = new Float32Array(cellCount);
  for (let cell = 0; cell < cellCount; cell++) {
    const start = cell * classCount;
    let best = 0;
    for (let k = 1; k < classCount; k++) if (scores[start + k] > scores[start + best]) best = k;
    codes[cell] = best;
    confidence[cell] = scores[start + best];
  }
  return { scores: Float32Array.from(scores), codes, confidence };
}
