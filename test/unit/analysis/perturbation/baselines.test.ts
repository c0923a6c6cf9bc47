/** @file Baselines against the fixture's predictions, and what must hold for any prediction. */

import { describe, expect, it } from 'vitest';
import { additive } from '../../../../src/analysis/perturbation/baselines/additive.ts';
import { bilinearRidge } from '../../../../src/analysis/perturbation/baselines/bilinear-ridge.ts';
import { perturbationBaselines } from '../../../../src/analysis/perturbation/baselines/list.ts';
import { noChange, trainMean } from '../../../../src/analysis/perturbation/baselines/means.ts';
import { ridgeOnFeatures } from '../../../../src/analysis/perturbation/baselines/ridge.ts';
import { geneEffects } from '../../../../src/analysis/perturbation/gene-effects.ts';
import type { TrainingProfiles } from '../../../../src/analysis/perturbation/predictor.ts';
import { codeOf, fixture, screen, training } from './fixture.ts';

const { genes, test } = fixture.about.parameters;
const features = fixture.f64('gene_features');
const geneFeatures = {
  name: 'features',
  count: 6,
  values: new Map(genes.map((gene, row) => [gene, features.slice(row * 6, row * 6 + 6)])),
};

describe('baselines', () => {
  it.each([
    ['no_change', noChange],
    ['train_mean_over_conditions', trainMean],
    ['additive', additive],
    [
      'ridge_gene_features',
      ridgeOnFeatures(geneFeatures, { id: 'r', name: 'r', penalties: [1], standardise: false }),
    ],
    ['bilinear_ridge', bilinearRidge({ components: 5 })],
  ] as const)('%s equals the fixture', async (stored, method) => {
    const predictor = method.fit(await training());
    const expected = fixture.f64(`pred/${stored}`);
    test.forEach((name, row) => {
      const found = predictor.predict(screen.conditions[codeOf(name)].genes);
      for (let gene = 0; gene < 80; gene++)
        expect(Math.abs(found[gene] - expected[row * 80 + gene])).toBeLessThan(1e-5);
    });
  });

  it('leave training alone and predict any gene, measured or not', async () => {
    const given = await training();
    const before = given.profiles.map((profile) => profile.slice());
    const sets = [{ name: 's', description: '', genes: genes.slice(0, 40) }];
    for (const method of perturbationBaselines({ sets, features: [geneFeatures] }, [
      ...genes,
      'unmeasured',
    ])) {
      const profile = method.fit(given).predict(['unmeasured', 'G01', 'G57']);
      expect(profile.every(Number.isFinite), method.name).toBe(true);
    }
    expect(given.profiles).toEqual(before);
  });
});

/** Single perturbations of two groups of genes, each with its own effect. */
function twoPathways(noise: number): TrainingProfiles {
  const names = Array.from({ length: 12 }, (_, i) => `${i < 6 ? 'a' : 'b'}${i}`);
  const control = new Float64Array(30).fill(1);
  const effect = (name: string, gene: number) =>
    (name.startsWith('a') ? Math.sin(gene) : Math.cos(3 * gene)) +
    noise * Math.sin(7 * gene + names.indexOf(name));
  return {
    genes: Array.from({ length: 30 }, (_, i) => `gene${i}`),
    control,
    conditions: names.map((name) => [name]),
    profiles: names.map((name) => control.map((value, gene) => value + 0.3 * effect(name, gene))),
    samplingVariances: names.map(() => new Float64Array(30).fill(1e-4)),
  };
}

const pathways = ['a', 'b'].map((letter) => ({
  name: letter,
  description: '',
  genes: Array.from({ length: 13 }, (_, i) => `${letter}${i}`),
}));
const errorOf = (found: Float64Array, truth: Float64Array) =>
  found.reduce((sum, value, gene) => sum + (value - truth[gene]) ** 2, 0);

describe('geneEffects', () => {
  const given = twoPathways(0.1);
  const method = perturbationBaselines({ sets: pathways }, []).at(-1)!;
  it('predicts an unseen gene as its pathway, far better than the mean of all', () => {
    const truth = twoPathways(0).profiles[0];
    const found = method.fit(given).predict(['a12']);
    expect(errorOf(found, truth)).toBeLessThan(0.05 * errorOf(trainMean.fit(given).predict(['a12']), truth));
  });
  it('adds the measured effects of seen genes', () => {
    const sum = additive.fit(given).predict(['a1', 'b8']);
    const found = method.fit(given).predict(['a1', 'b8']);
    expect(errorOf(found, sum)).toBeLessThan(0.01 * errorOf(sum, given.control));
  });
  it('shrinks a gene of which nothing is known towards what all share', () => {
    const size = (name: string) => errorOf(geneEffects([]).fit(given).predict([name]), given.control);
    expect(size('unknown')).toBeLessThan(size('a1'));
  });
  it('does not depend on the order of training conditions', () => {
    const turned = {
      ...given,
      conditions: given.conditions.toReversed(),
      profiles: given.profiles.toReversed(),
      samplingVariances: given.samplingVariances.toReversed(),
    };
    const [one, other] = [given, turned].map((set) => method.fit(set).predict(['b12']));
    expect(errorOf(one, other)).toBeLessThan(1e-18);
  });
});
