/** @file Whether imputed values are worth more than what plain methods say, in words. */

/** What held-out values tell. */
export interface Verdict {
  readonly sentences: readonly string[];
  readonly warnings: readonly string[];
}

interface Scored {
  readonly id: string;
  readonly name: string;
  readonly scores: Readonly<Record<string, number>>;
}

/** The score that is judged by: how the genes of a cell are ranked, or, where few are asked for, cells by a gene. */
export type JudgedBy = 'pearsonPerCell' | 'pearsonPerGene';

/** Plain methods that a model has to beat to be of use. */
const bars = [/^gene-mean$/, /^knn-(smoothing|regression)/, /^(low-rank|ridge-pca)/];

/** The first method is the final answer. */
export function verdictOf(methods: readonly Scored[], judgedBy: JudgedBy = 'pearsonPerCell'): Verdict {
  const [final, ...others] = methods;
  const plain = others.filter(({ id }) => !id.startsWith('scgpt'));
  const best = plain.reduce((a, b) => (b.scores[judgedBy] > a.scores[judgedBy] ? b : a));
  const number = ({ scores }: Scored) => scores[judgedBy].toFixed(3);
  const sentences = [
    `Held-out values: ${final.name} correlates ${number(final)} ${judgedBy === 'pearsonPerCell' ? 'within cells' : 'over cells, mean of genes'}; the best plain method, ${best.name}, ${number(best)}.`,
  ];
  const warnings: string[] = [];
  if (final.scores[judgedBy] < best.scores[judgedBy] - 0.0005) {
    warnings.push(
      `${best.name} tells held-out values better than ${final.name} (${number(best)} against ${number(final)})`,
    );
  }
  const model = others.find(({ id }) => id === 'scgpt');
  const worse = plain.filter(
    ({ id, scores }) =>
      model !== undefined && bars.some((bar) => bar.test(id)) && scores[judgedBy] > model.scores[judgedBy],
  );
  if (model !== undefined && worse.length > 0) {
    warnings.push(
      `the model alone does worse than ${worse.map(({ name }) => name).join(', ')} (${number(model)} against ${worse.map(number).join(', ')}): rely on plain methods rather than on it`,
    );
  }
  return { sentences, warnings };
}

/** What each part of an answer counts for, parts that count nothing left out. */
export function weightsInWords(weights: readonly (readonly [name: string, weight: number])[]): string {
  return weights
    .filter(([, weight]) => weight !== 0)
    .map(([name, weight]) => `${weight.toFixed(2)} ${name}`)
    .join(' + ');
}
