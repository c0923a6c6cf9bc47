/** @file Scores and order of genes against the reference's. */

import { describe, expect, it } from 'vitest';
import { differences, mostDifferent } from '../../../../src/analysis/perturbation/differences.ts';
import { meanProfile } from '../../../../src/analysis/perturbation/profiles.ts';
import { discrimination, predictionScores } from '../../../../src/analysis/perturbation/scores.ts';
import { codeOf, fixture, profiles, screen, training } from './fixture.ts';

const { test } = fixture.about.parameters;

describe('predictionScores', () => {
  it.each(['made_model', 'train_mean_over_conditions', 'additive', 'ridge_gene_features', 'bilinear_ridge'])(
    'equals the reference on %s',
    async (method) => {
      const all = await profiles();
      const centre = meanProfile((await training()).profiles);
      const predicted = fixture.f64(`pred/${method}`);
      const stored = fixture.about.results[method];
      const sorted = test.toSorted();
      test.forEach((name, row) => {
        const code = codeOf(name);
        const top = Int32Array.from(fixture.about.de_order_by_abs_t[name].slice(0, 20));
        const truth = { profile: all.means[code], control: all.means[screen.control], centre, top };
        const scores = predictionScores(predicted.slice(row * 80, row * 80 + 80), truth);
        const of = (what: string) => stored.default.per_condition_sorted_by_name[what][sorted.indexOf(name)];
        expect(Math.abs(scores.pearson - of('pearson'))).toBeLessThan(1e-5);
        expect(Math.abs(scores.pearsonDelta - of('pearson_delta'))).toBeLessThan(1e-5);
        expect(Math.abs(scores.pearsonDeltaTop - of('pearson_de_delta'))).toBeLessThan(1e-5);
        expect(Math.abs(scores.meanSquaredError - stored.mse_all[name])).toBeLessThan(1e-6);
        expect(Math.abs(scores.meanSquaredErrorTop - stored.mse_top20_de[name])).toBeLessThan(1e-5);
        const centred = stored.pearson_delta_centred_on_train_mean[name];
        // an unseen single gene's additive prediction is the train mean: what is stored is rounding
        const defined = typeof centred === 'number' && !(method === 'additive' && name.endsWith('+ctrl'));
        if (defined) expect(Math.abs(scores.pearsonCentred - centred)).toBeLessThan(1e-5);
        else expect(scores.pearsonCentred).toBeNaN();
      });
    },
  );

  it('has no delta for a prediction of no change', async () => {
    const { means } = await profiles();
    const control = means[screen.control];
    const truth = { profile: means[1], control, centre: means[2], top: Int32Array.of(0, 1, 2) };
    expect(predictionScores(control, truth).pearsonDelta).toBeNaN();
  });
});

describe('mostDifferent', () => {
  it.each(test)('orders genes of %s as the reference', async (name) => {
    const found = differences(await profiles(), codeOf(name), screen.control);
    expect([...mostDifferent(found, 20)]).toEqual(fixture.about.de_order_by_abs_t[name].slice(0, 20));
  });
});

describe('discrimination', () => {
  const profilesOfFour = [
    [0, 9],
    [1, 0],
    [2, 0],
    [3, 0],
  ].map((row) => Float64Array.from(row));
  it('is 1 where the own profile is nearest, 0 where it is farthest, half for ties', () => {
    expect(discrimination(Float64Array.of(3, 0), profilesOfFour, 3)).toBe(1);
    expect(discrimination(Float64Array.of(3, 0), profilesOfFour, 0)).toBe(0);
    expect(discrimination(Float64Array.of(1.5, 0), profilesOfFour.slice(1), 0)).toBe(0.75);
  });
  it('leaves genes out that give the perturbation away', () => {
    expect(discrimination(Float64Array.of(0, 0), profilesOfFour, 0, [1])).toBe(1);
  });
});
