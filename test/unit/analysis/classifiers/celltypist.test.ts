/** @file The CellTypist-style annotator against scikit-learn's regression and CellTypist's way of annotating. */

import { describe, expect, it } from 'vitest';
import { cellTypist } from '../../../../src/analysis/classifiers/celltypist.ts';
import { decisions } from '../../../../src/analysis/classifiers/linear-model.ts';
import { fitMultinomial } from '../../../../src/analysis/classifiers/multinomial.ts';
import { fitOneVersusRest, sigmoid } from '../../../../src/analysis/classifiers/one-vs-rest.ts';
import { scaleGenes, scalingOf } from '../../../../src/analysis/classifiers/scaling.ts';
import { classes, classical, largestDifference, testCells, trainingCells } from './stored.ts';

const reference = await trainingCells();
const query = await testCells();

describe('CellTypist', () => {
  it('scores a class as scikit-learn does against the rest', async () => {
    const { scores } = await (await cellTypist(reference)).predict(query);
    const t = classes.indexOf('T');
    const ofT = scores.filter((_, i) => i % classes.length === t);
    const stored = classical.f64('logreg/binary/prob').filter((_, i) => i % 2 === 1);
    expect(largestDifference(ofT, stored)).toBeLessThan(1e-3);
  });

  it('scales and scores as `annotate` does, which the stored case did with a multinomial model', async () => {
    const scaling = await scalingOf(reference.expression);
    const { matrix, origin } = await scaleGenes(reference.expression, scaling);
    const model = await fitMultinomial(matrix, reference.labels, classes.length);
    const found = (await decisions(model, (await scaleGenes(query, scaling)).matrix)).map(sigmoid);
    expect(origin.some((value) => value !== 0)).toBe(true);
    expect(largestDifference(found, classical.f64('celltypist/probability'))).toBeLessThan(1e-3);
  });

  it('labels nearly all cells as the multinomial model does, by its most probable class', async () => {
    const { codes, confidence, scores } = await (await cellTypist(reference)).predict(query);
    const { best_match: stored } = classical.about.celltypist;
    const equal = codes.filter((code, cell) => classes[code] === stored[cell]).length;
    expect(equal / stored.length).toBeGreaterThanOrEqual(0.97);
    codes.forEach((code, cell) => {
      expect(confidence[cell]).toBe(scores[cell * classes.length + code]);
    });
  });

  it('is sure of the only class, and finite with a class of one cell', async () => {
    const { labels } = reference;
    const one = { ...reference, labels: new Int32Array(labels.length), classes: ['cell'] };
    const only = await (await cellTypist(one)).predict(query);
    expect([...only.scores].every((score) => score > 0.9)).toBe(true);
    const alone = labels.slice();
    alone[0] = 4;
    const five = { ...reference, labels: alone, classes: [...classes, 'alone'] };
    const { scores } = await (await cellTypist(five)).predict(query);
    expect(scores.every(Number.isFinite)).toBe(true);
  });
});

describe('one class against the rest', () => {
  it('takes scores of any size', () => {
    expect(sigmoid(-800)).toBe(0);
    expect(sigmoid(800)).toBe(1);
    expect(sigmoid(0)).toBe(0.5);
  });

  it('refuses a penalty that is none', async () => {
    const fit = fitOneVersusRest(query, new Int32Array(query.shape[0]), 1, -1);
    await expect(fit).rejects.toMatchObject({ reason: 'regularisation' });
  });
});
