/** @file Screens learnt by the bundled model: what is predicted, how it is kept, and what cannot be said. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openModelFolder } from '../../../src/model/folder.ts';
import { writeModelFolder } from '../../../src/model/folder-on-disk.ts';
import { openDevice } from '../../../src/runtime/device.ts';
import { InputError } from '../../../src/support/errors.ts';
import { RecordingLogger, silent } from '../../../src/support/log.ts';
import { openModel } from '../../../src/tasks/model.ts';
import { type FittedScreen, fitScreen } from '../../../src/tasks/perturb/fit.ts';
import { heldOutScores } from '../../../src/tasks/perturb/held-out-scores.ts';
import { answer, modelId, stackId } from '../../../src/tasks/perturb/perturbation-model.ts';
import { recallOf } from '../../../src/tasks/perturb/recall.ts';
import { learntOfModel, modelToSave } from '../../../src/tasks/perturb/saved-model.ts';
import { type ScreenData, type ScreenKeys, screenData } from '../../../src/tasks/perturb/screen-data.ts';
import { perturbSettings, type SomeSettings } from '../../../src/tasks/perturb/settings.ts';
import { nativeRuntime, needsNativeRuntime } from '../need.ts';
import { genes, responding, syntheticScreen } from './synthetic-screen.ts';

needsNativeRuntime();

const quick: SomeSettings = { epochs: 3, stepsOfEpoch: 6, averaged: 8, folds: 2 };

async function fitted(
  data: Parameters<typeof screenData>[0],
  keys: ScreenKeys,
  said: SomeSettings = quick,
  logger = new RecordingLogger(silent),
): Promise<{ readonly screen: ScreenData; readonly result: FittedScreen; readonly logger: RecordingLogger }> {
  const model = await openModel();
  const settings = perturbSettings(said);
  const screen = await screenData(data, model.vocabulary, keys, settings.targetSum, logger);
  const pretrained = {
    config: model.config,
    vocabulary: model.vocabulary,
    parameters: await model.parameters(),
  };
  const device = await openDevice({ threads: 1 });
  return {
    screen,
    logger,
    result: await fitScreen(screen, pretrained, { device, settings, geneSets: [], logger }),
  };
}

const meanOver = (change: Float64Array, names: readonly string[]): number =>
  names.reduce((sum, name) => sum + change[genes.indexOf(name)], 0) / names.length;

describe('a screen of genes', () => {
  let folder: string;
  let first: Awaited<ReturnType<typeof fitted>>;
  const keys = { conditionKey: 'condition', batchKey: 'batch' };
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'scgpt-perturb-'));
    if (nativeRuntime !== undefined) first = await fitted(syntheticScreen(), keys);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('predicts what was seen, of one gene and two, measured or not', async () => {
    const device = await openDevice({ threads: 1 });
    const questions = [['STAT1'], ['JAK2', 'STAT1'], ['IRF7']].map((names) => ({
      names,
      context: 'all cells',
    }));
    const answers = await answer(first.result.learnt, questions, device);
    for (const { changes } of answers) {
      const change = changes.get(modelId) as Float64Array;
      expect(change).toHaveLength(genes.length);
      expect(meanOver(change, responding)).toBeLessThan(-0.3);
      expect(Math.abs(meanOver(change, ['ACTB', 'B2M', 'FTL']))).toBeLessThan(
        Math.abs(meanOver(change, responding)),
      );
    }
  });

  it('answers the same from its folder as from memory', async () => {
    const place = join(folder, 'learnt');
    await writeModelFolder(place, await modelToSave(first.result.learnt));
    const opened = await (await openModelFolder(place)).load();
    const learnt = await learntOfModel(opened);
    const device = await openDevice({ threads: 1 });
    const questions = [{ names: ['MX1', 'STAT2'], context: 'all cells' }];
    const [before] = await answer(first.result.learnt, questions, device);
    const [after] = await answer(learnt, questions, device);
    expect([...after.changes.keys()]).toEqual([...before.changes.keys()]);
    for (const [id, change] of before.changes) {
      const read = after.changes.get(id) as Float64Array;
      change.forEach((value, gene) => {
        expect(read[gene]).toBeCloseTo(value, 5); // known changes are kept as float32
      });
    }
  });

  it('takes what was measured in the cells of the screen alone, and carries it over to others', async () => {
    const device = await openDevice({ threads: 1 });
    const { learnt } = first.result;
    const questions = [{ names: ['STAT1'], context: 'all cells' }];
    const [own] = await answer(learnt, questions, device);
    const [other] = await answer(learnt, questions, device, {
      starts: learnt.starts, // said to be other cells, however alike
      contexts: ['all cells'],
    });
    expect(own.basis).toBe('measured');
    expect(own.changes.get(stackId)).toEqual(learnt.known.find(({ names }) => names[0] === 'STAT1')?.change);
    expect(other.basis).toBe('other contexts');
    expect(meanOver(other.changes.get(stackId) as Float64Array, responding)).toBeLessThan(-0.5);
  });

  it('gives the same for the same seed', async () => {
    const again = await fitted(syntheticScreen(), keys);
    expect(again.result.scores).toEqual(first.result.scores);
    expect(again.result.learnt.weights).toEqual(first.result.learnt.weights);
  });

  it('scores held-out perturbations beside plain methods and the ceiling, and names those without effect', async () => {
    const { heldOut } = first.result;
    if (heldOut === null) throw new Error('nothing was held out');
    const scores = await heldOutScores(first.screen, heldOut);
    expect(scores.predictors.map(({ id }) => id)).toEqual(
      expect.arrayContaining([stackId, modelId, 'no-change', 'train-mean', 'crispr-informed-mean']),
    );
    expect(scores.withoutEffect.length).toBeGreaterThanOrEqual(2);
    expect(scores.withoutEffect).toEqual(
      expect.arrayContaining(['CAV1+ctrl', 'CD86+ctrl'].map((name) => name.replace('+ctrl', ''))),
    );
    const responders = scores.predictors.find(({ id }) => id === modelId)?.responders;
    expect(scores.ceiling.all).toBeGreaterThan(0.3);
    expect(responders === null || (responders?.pearsonDelta ?? 0) > 0.3).toBe(true);
    const recall = recallOf(heldOut);
    expect(recall?.at[0].chance).toBeCloseTo(1 / 6);
  });

  it('says so of what nothing is known of', async () => {
    const device = await openDevice({ threads: 1 });
    const asked = answer(first.result.learnt, [{ names: ['NOTHING1'], context: 'all cells' }], device);
    await expect(asked).rejects.toThrow(/nothing can be predicted of 'NOTHING1'/);
  });
});

describe('a treatment in contexts', () => {
  it('is learnt in some and predicted in others, with a word that it says nothing of other treatments', async () => {
    const data = syntheticScreen({ contexts: ['T', 'B', 'NK'], conditions: ['control', 'IFN-beta'] });
    const { result, logger, screen } = await fitted(data, {
      conditionKey: 'condition',
      contextKey: 'cell_type',
    });
    expect(result.heldOut?.by).toBe('context');
    expect(logger.warnings.join()).toMatch(/tell nothing of others/);
    expect(logger.infos.join()).toMatch(/IFN-beta: no gene/);
    expect(screen.contexts).toEqual(['B', 'NK', 'T']);
    const device = await openDevice({ threads: 1 });
    const [found] = await answer(result.learnt, [{ names: ['IFN-beta'], context: 'B' }], device);
    expect(meanOver(found.changes.get(modelId) as Float64Array, responding)).toBeGreaterThan(0.2);
  });
});

describe('a screen of one perturbation', () => {
  it('is learnt with a word that nothing is known of others', async () => {
    const data = syntheticScreen({ conditions: ['control', 'STAT1+ctrl'] });
    const { result, logger } = await fitted(data, { conditionKey: 'condition' });
    expect(result.heldOut).toBeNull();
    expect(logger.warnings.join()).toMatch(/there is one perturbation in 1 context: nothing can be held out/);
    expect([...result.learnt.weights]).toEqual([[modelId, 1]]);
  });
});

describe('bad screens', () => {
  const read = async (keys: ScreenKeys, data = syntheticScreen()) =>
    screenData(data, (await openModel()).vocabulary, keys, 1e4, silent);

  it.each<[string, ScreenKeys, RegExp]>([
    ['a column that is not there', { conditionKey: 'guide' }, /guide/],
    ['no control cells', { conditionKey: 'condition', control: 'mock' }, /no cell is 'mock'/],
    ['a batch column that is not there', { conditionKey: 'condition', batchKey: 'donor' }, /donor/],
  ])('are refused in words: %s', async (_, keys, words) => {
    await expect(read(keys)).rejects.toThrow(words);
    await expect(read(keys)).rejects.toBeInstanceOf(InputError);
  });

  it('are refused without perturbations', async () => {
    await expect(read({}, syntheticScreen({ conditions: ['control'] }))).rejects.toThrow(/'control'/);
  });
});
