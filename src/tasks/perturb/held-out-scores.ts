/** @file Scores of held-out predictions, honestly: separate halves of the control cells, the ceiling, what has no effect. */

import { correlation } from '../../analysis/correlation.ts';
import { fewestDifferent } from '../../analysis/perturbation/differences.ts';
import { changeOf, profilesOf } from '../../analysis/perturbation/profiles.ts';
import { discrimination } from '../../analysis/perturbation/scores.ts';
import type { HeldOutAnswers } from './held-out-answers.ts';
import { modelId, stackId } from './perturbation-model.ts';
import type { ScreenData } from './screen-data.ts';

/** Mean scores of a predictor over some perturbations. */
export interface MeanScores {
  readonly pearsonDelta: number;
  /** The truth measured against one half of the control cells, the prediction against the other. */
  readonly separateControls: number;
  readonly centred: number;
  readonly meanSquaredError: number;
  readonly discrimination: number;
}

/** A predictor and its scores. */
export interface ScoredPredictor {
  readonly id: string;
  readonly name: string;
  readonly all: MeanScores;
  /** Over perturbations with a measurable effect. */
  readonly responders: MeanScores | null;
  /** Correlation of changes for each held-out perturbation. */
  readonly each: readonly number[]; // [units]
}

/** What held-out predictions are worth. */
export interface HeldOutScores {
  readonly predictors: readonly ScoredPredictor[];
  /** One half of the perturbed cells predicting the other, against halves of the control: what no prediction can pass by much. */
  readonly ceiling: { readonly all: number; readonly responders: number | null };
  readonly names: readonly string[]; // [units]
  readonly cells: readonly number[]; // [units]
  readonly differentGenes: readonly number[]; // [units]
  /** Units with fewer than {@link fewestDifferent} genes that differ. */
  readonly withoutEffect: readonly string[];
  /** What it amounts to, in a sentence. */
  readonly verdict: string;
}

/** Scores held-out answers. */
export async function heldOutScores(
  data: ScreenData,
  { units, answers, centres, by }: HeldOutAnswers,
): Promise<HeldOutScores> {
  const truth = units.map(({ change }) => change);
  const halves = await halvesOf(data, units);
  const responds = units.map(({ differentGenes }) => differentGenes >= fewestDifferent);
  const names = units.map(({ names: parts, context }) =>
    data.contexts.length > 1 ? `${parts.join('+')} in ${context}` : parts.join('+'),
  );
  const predictors = answers.flatMap(({ id, name, changes }): ScoredPredictor[] => {
    const answered = units.flatMap((_, unit) => (changes[unit] === null ? [] : [unit]));
    if (answered.length < units.length) return []; // such as sums, where there is no combination
    const each = units.map((_, unit): MeanScores => {
      const change = changes[unit] as Float64Array;
      const own = units[unit];
      const rivals = units.flatMap((other, i) => (other.context === own.context ? [i] : []));
      const ignored = own.names.map((gene) => data.genes.indexOf(gene)).filter((column) => column >= 0);
      return {
        pearsonDelta: orNone(correlation(change, truth[unit])),
        separateControls: againstHalves(change, halves[unit]),
        centred: orNone(correlation(changeOf(change, centres[unit]), changeOf(truth[unit], centres[unit]))),
        meanSquaredError:
          change.reduce((sum, value, gene) => sum + (value - truth[unit][gene]) ** 2, 0) / change.length,
        discrimination:
          rivals.length < 2
            ? Number.NaN
            : discrimination(
                change,
                rivals.map((i) => truth[i]),
                rivals.indexOf(unit),
                ignored,
              ),
      };
    });
    return [
      {
        id,
        name,
        all: meanOf(each),
        responders: responds.includes(true) ? meanOf(each.filter((_, i) => responds[i])) : null,
        each: each.map(({ pearsonDelta }) => pearsonDelta),
      },
    ];
  });
  const ceilings = halves.map(({ ceiling }) => orNone(ceiling));
  const ofResponders = ceilings.filter((_, i) => responds[i]);
  const ceiling = { all: mean(ceilings), responders: ofResponders.length === 0 ? null : mean(ofResponders) };
  return {
    predictors,
    ceiling,
    names,
    cells: units.map(({ cells }) => cells),
    differentGenes: units.map(({ differentGenes }) => differentGenes),
    withoutEffect: names.filter((_, i) => !responds[i]),
    verdict: responds.includes(true)
      ? verdictOf(predictors, ceiling.all, by)
      : `Nothing can be predicted of unseen ${by === 'context' ? 'contexts' : 'perturbations'} from this screen: none of its perturbations has a measurable effect, so scores are noise.`,
  };
}

/** Correlations of what does not vary count as none at all. */
const orNone = (value: number): number => (Number.isNaN(value) ? 0 : value);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function meanOf(each: readonly MeanScores[]): MeanScores {
  const over = (of: (scores: MeanScores) => number): number => mean(each.map(of));
  return {
    pearsonDelta: over((scores) => scores.pearsonDelta),
    separateControls: over((scores) => scores.separateControls),
    centred: over((scores) => scores.centred),
    meanSquaredError: over((scores) => scores.meanSquaredError),
    discrimination: over((scores) => scores.discrimination),
  };
}

interface Halves {
  /** How the even control cells differ from all: taken off predictions, which were made against all. */
  readonly evenControlShift: Float64Array; // [genes]
  readonly truthAgainstOdd: Float64Array; // [genes]
  readonly ceiling: number;
}

/** Truths and ceilings over halves of the cells, even and odd ones in the file's order. */
async function halvesOf(data: ScreenData, units: HeldOutAnswers['units']): Promise<readonly Halves[]> {
  const { logged, screen, context, contexts } = data;
  const found = new Map<string, Halves>();
  for (const [place, name] of contexts.entries()) {
    const seen = new Int32Array(screen.conditions.length);
    const codes = screen.codes.map((code, cell) =>
      code < 0 || (context?.codes[cell] ?? 0) !== place ? -1 : 2 * code + (seen[code]++ % 2),
    );
    const { means } = await profilesOf(logged, codes, 2 * screen.conditions.length);
    const whole = await profilesOf(
      logged,
      codes.map((code) => code >> 1),
      screen.conditions.length,
    );
    const [even, odd] = [means[2 * screen.control], means[2 * screen.control + 1]];
    const control = whole.means[screen.control];
    screen.conditions.forEach(({ genes }, code) => {
      found.set(`${genes.join('+')} ${name}`, {
        evenControlShift: changeOf(even, control),
        truthAgainstOdd: changeOf(whole.means[code], odd),
        ceiling: correlation(changeOf(means[2 * code], even), changeOf(means[2 * code + 1], odd)),
      });
    });
  }
  return units.map(({ names, context: name }) => found.get(`${names.join('+')} ${name}`) as Halves);
}

/** A predicted change carries the noise of the control it was learnt against; no change at all carries none. */
function againstHalves(change: Float64Array, { evenControlShift, truthAgainstOdd }: Halves): number {
  if (change.every((value) => value === 0)) return 0;
  return orNone(correlation(changeOf(change, evenControlShift), truthAgainstOdd));
}

/** Correlations up to this say nothing. */
const least = 0.1;
/** Better than this by how much two predictors differ by chance on a few perturbations. */
const worthwhile = 0.02;

function bestPlain(predictors: readonly ScoredPredictor[]): ScoredPredictor | null {
  const plain = predictors.filter(({ id }) => id !== modelId && id !== stackId);
  return plain.reduce<ScoredPredictor | null>(
    (best, each) => (best === null || each.all.separateControls > best.all.separateControls ? each : best),
    null,
  );
}

function verdictOf(
  predictors: readonly ScoredPredictor[],
  ceiling: number,
  by: HeldOutAnswers['by'],
): string {
  const scoreOf = (id: string): number | undefined =>
    predictors.find((each) => each.id === id)?.all.separateControls;
  const model = scoreOf(modelId) ?? 0;
  const best = Math.max(model, scoreOf(stackId) ?? model);
  const [what, plainId, plainName] =
    by === 'context'
      ? ['unseen contexts', 'mean-shift', 'the mean change in other contexts']
      : ['unseen perturbations', 'train-mean', 'the mean of the training perturbations'];
  const plain = scoreOf(plainId) ?? 0;
  const other = bestPlain(predictors);
  if (best <= least && other !== null && other.all.separateControls > least) {
    return `The model predicts nothing of ${what}: held-out predictions correlate ${best.toFixed(2)} with the truth; ${other.name} does ${other.all.separateControls.toFixed(2)}, halves of the same cells ${ceiling.toFixed(2)}.`;
  }
  if (best <= least) {
    return `Nothing can be predicted of ${what} from this screen: held-out predictions correlate ${best.toFixed(2)} with the truth, where halves of the same cells correlate ${ceiling.toFixed(2)}.`;
  }
  if (best < plain + worthwhile) {
    return `Predictions of ${what} (${best.toFixed(2)}) say no more than ${plainName} (${plain.toFixed(2)}): what is predicted is what all share, not what sets one apart.`;
  }
  return `Held-out predictions of ${what} correlate ${best.toFixed(2)} with true changes; ${plainName} does ${plain.toFixed(2)}, halves of the same cells ${ceiling.toFixed(2)}.`;
}
