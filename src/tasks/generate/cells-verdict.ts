/** @file Whether generated cells are worth more than those of plain ways, in words. */

import type { GenerationScores } from '../../analysis/generation/scores.ts';
import type { ComparedGenerator } from './cells-files.ts';
import type { Verdict } from './verdict.ts';

type Score = keyof GenerationScores;

/** What a worse score means, in words, and how good a value is. */
const judged: readonly (readonly [Score, string, (value: number) => number])[] = [
  ['profile', 'their mean profiles tell labels apart less well', (value) => value],
  ['distance', 'they scatter less like held-out cells', (value) => -value],
  ['toldApart', 'they are told from held-out cells more easily', (value) => -Math.max(0, value - 0.5)],
  ['recognised', 'fewer are recognised as their label', (value) => value],
];
/** Smaller differences are chance. */
const margin = 0.02;

/** The first generator is the model's; copies of training cells generate nothing and count as no rival. */
export function generationVerdict([own, ...others]: readonly ComparedGenerator[]): Verdict {
  const copies = others.find(({ id }) => id === 'copies');
  const plain = others.filter(({ id }) => id !== 'copies');
  const of = ({ scores }: ComparedGenerator, score: Score) => scores.mean[score];
  const best = plain.reduce((a, b) => (of(b, 'profile') > of(a, 'profile') ? b : a));
  const text = (method: ComparedGenerator, score: Score) => of(method, score).toFixed(3);
  const ceiling = copies === undefined ? '' : `; copies of training cells reach ${text(copies, 'profile')}`;
  const sentences = [
    `Held-out cells: the mean profiles of generated kinds correlate ${text(own, 'profile')} in what sets kinds apart; the best plain way, ${best.name}, ${text(best, 'profile')}${ceiling}.`,
  ];
  const warnings = judged.flatMap(([score, words, good]) => {
    const better = plain.filter((other) => good(of(other, score)) > good(of(own, score)) + margin);
    if (better.length === 0) return [];
    const each = better.map((other) => `${other.name} (${text(other, score)})`).join(', ');
    return [`the model's cells (${text(own, score)}) do worse than those of ${each}: ${words}`];
  });
  return { sentences, warnings };
}
