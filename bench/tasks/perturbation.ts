/** @file Runs and scores predictions of unseen perturbations, by `benchmarks/perturbation.md`. */

import { correlation } from '../../src/analysis/correlation.ts';
import { trainingProfiles } from '../../src/analysis/perturbation/predictor.ts';
import { meanProfile } from '../../src/analysis/perturbation/profiles.ts';
import { discrimination, predictionScores } from '../../src/analysis/perturbation/scores.ts';
import type { Split } from '../../src/analysis/perturbation/splits.ts';
import type { ContextContender, KnockOutContender, KnockOutSplit } from './contenders.ts';
import { type KnockOuts, knockOuts, schemes, stimulatedTypes } from './perturbation-sets.ts';
import type { RunPlan } from './run.ts';

type Scores = Readonly<Record<string, number>>;

const screen = 'papalexi_eccite_thp1';
/** As the stored scores name them. */
export const knockOutSets: readonly string[] = Object.keys(schemes).map((scheme) => `${screen}/${scheme}`);
export const respondersOf = (set: string): string => `${set}/responders`;
export const contextSet = 'kang_ifnb_labelled/leave-type-out';

/** Runs what is missing of a scheme; scores are means over held-out knock-outs, of all and of those that respond. */
export async function runKnockOuts(
  set: string,
  contenders: readonly KnockOutContender[],
  shared: string,
  plan: RunPlan,
): Promise<void> {
  let loaded: KnockOuts | undefined;
  for (const { contender, seed } of missing(set, contenders, plan)) {
    loaded ??= await knockOuts(plan.files, shared);
    const started = performance.now();
    const scores = await knockOutScores(set, contender, loaded, seed);
    const seconds = (performance.now() - started) / 1000;
    const { effects } = loaded;
    const save = (name: string, chosen: (code: number) => boolean) => {
      const rows = [...scores].filter(([code]) => chosen(code)).map(([, row]) => row);
      keep({ set: name, seed, seconds, cells: rows.length, scores: meanScores(rows) }, contender, plan);
    };
    save(set, () => true);
    save(respondersOf(set), (code) => effects.get(code)?.responds === true);
  }
}

async function knockOutScores(
  set: string,
  contender: KnockOutContender,
  loaded: KnockOuts,
  seed: number,
): Promise<ReadonlyMap<number, Scores>> {
  const { effects, profiles, halves, screen } = loaded;
  const scored = Int32Array.from(effects.keys());
  const control = profiles.means[screen.control];
  const everyOther = new Set(halves.otherCells);
  const scores = new Map<number, Scores>();
  for (const split of schemes[set.slice(set.lastIndexOf('/') + 1)](scored)) {
    const asked = Array.from(split.heldOut, (code) => screen.conditions[code].genes);
    const withAll = await contender.run(splitOf(loaded, split, control, new Set()), asked, seed);
    const withHalf = await contender.run(splitOf(loaded, split, halves.seen, everyOther), asked, seed);
    const centre = meanProfile(Array.from(split.training, (code) => profiles.means[code]));
    split.heldOut.forEach((code, i) => {
      const profile = profiles.means[code];
      const truth = { profile, control, centre, top: effects.get(code)!.top };
      const all = predictionScores(withAll[i], truth);
      const separate = predictionScores(withHalf[i], { ...truth, control: halves.other }, halves.seen);
      scores.set(code, {
        pearson: all.pearson,
        pearson_delta: all.pearsonDelta,
        pearson_delta_topDE: all.pearsonDeltaTop,
        mse_topDE: all.meanSquaredErrorTop,
        mse: all.meanSquaredError,
        pearson_centred: all.pearsonCentred,
        pearson_centred_topDE: all.pearsonCentredTop,
        discrimination: discrimination(
          withAll[i],
          Array.from(scored, (other) => profiles.means[other]),
          scored.indexOf(code),
          asked[i].map((gene) => loaded.genes.indexOf(gene)),
        ),
        pearson_delta_xctrl: separate.pearsonDelta,
      });
    });
  }
  return scores;
}

function splitOf(
  loaded: KnockOuts,
  split: Split,
  control: Float64Array,
  hiddenControls: ReadonlySet<number>,
): KnockOutSplit {
  const { genes, expression, screen, profiles, batches, sets, effects } = loaded;
  const shown = new Set([screen.control, ...split.training]);
  return {
    training: trainingProfiles(genes, screen, profiles, split.training, control),
    expression,
    conditions: screen.conditions,
    codes: screen.codes.map((code, cell) => (shown.has(code) && !hiddenControls.has(cell) ? code : -1)),
    batches,
    sets,
    perturbed: [...new Set([...effects.keys()].flatMap((code) => screen.conditions[code].genes))].sort(),
  };
}

/** Runs what is missing of the types: each in turn without its stimulated cells. */
export async function runContexts(contenders: readonly ContextContender[], plan: RunPlan): Promise<void> {
  let loaded: Awaited<ReturnType<typeof stimulatedTypes>> | undefined;
  for (const { contender, seed } of missing(contextSet, contenders, plan)) {
    loaded ??= await stimulatedTypes(plan.files);
    const { types, genes, expression, codes, profiles, top } = loaded;
    const started = performance.now();
    const rows: Scores[] = [];
    for (let heldOut = 0; heldOut < types.length; heldOut++) {
      const others = <T>(values: readonly T[]) => values.filter((_, type) => type !== heldOut);
      const training = { control: others(profiles.control), perturbed: others(profiles.perturbed) };
      const control = profiles.control[heldOut];
      const predicted = await contender.run(
        {
          training,
          control,
          genes,
          expression,
          types,
          codes: codes.map((code) => (code === 2 * heldOut + 1 ? -1 : code)),
          heldOut,
        },
        seed,
      );
      const profile = profiles.perturbed[heldOut];
      const shift = meanProfile(training.perturbed).map(
        (value, gene) => value - meanProfileAt(training.control, gene),
      );
      const truth = {
        profile,
        control,
        centre: control.map((value, gene) => value + shift[gene]),
        top: top[heldOut],
      };
      const hundred = predictionScores(predicted, truth);
      const twenty = predictionScores(predicted, { ...truth, top: top[heldOut].subarray(0, 20) });
      rows.push({
        pearson_delta: hundred.pearsonDelta,
        pearson_delta_top20: twenty.pearsonDeltaTop,
        pearson_delta_top100: hundred.pearsonDeltaTop,
        pearson_centred: hundred.pearsonCentred,
        r2: hundred.pearson ** 2,
        r2_top100: correlation(predicted, profile, top[heldOut]) ** 2,
        mse: hundred.meanSquaredError,
        mse_top20: twenty.meanSquaredErrorTop,
        mse_top100: hundred.meanSquaredErrorTop,
        discrimination: discrimination(predicted, profiles.perturbed, heldOut),
      });
    }
    const seconds = (performance.now() - started) / 1000;
    keep({ set: contextSet, seed, seconds, cells: rows.length, scores: meanScores(rows) }, contender, plan);
  }
}

function meanProfileAt(profiles: readonly Float64Array[], gene: number): number {
  return profiles.reduce((sum, profile) => sum + profile[gene], 0) / profiles.length;
}

/** Correlations of constant predictions count as 0, as in the stored scores. */
function meanScores(rows: readonly Scores[]): Scores {
  const names = Object.keys(rows[0]);
  const mean = (name: string) =>
    rows.reduce((sum, row) => sum + (Number.isNaN(row[name]) ? 0 : row[name]), 0) / rows.length;
  return Object.fromEntries(names.map((name) => [name, mean(name)]));
}

function* missing<T extends { readonly id: string; readonly seeded: boolean }>(
  set: string,
  contenders: readonly T[],
  { runs, seeds, again, rescore }: RunPlan,
): Generator<{ contender: T; seed: number }> {
  for (const contender of contenders) {
    for (const seed of contender.seeded ? seeds : seeds.slice(0, 1)) {
      if (again || rescore || runs.find({ set, method: contender.id, seed, fold: 0 }) === undefined)
        yield { contender, seed };
    }
  }
}

function keep(
  run: {
    readonly set: string;
    readonly seed: number;
    readonly seconds: number;
    readonly cells: number;
    readonly scores: Scores;
  },
  { id, name }: { readonly id: string; readonly name: string },
  { runs, report }: RunPlan,
): void {
  runs.save({ ...run, method: id, name, fold: 0 });
  report(
    `${run.set}, seed ${run.seed}: ${name}, delta ${run.scores.pearson_delta.toFixed(3)}, ${run.seconds.toFixed(1)} s`,
  );
}
