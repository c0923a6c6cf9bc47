/** @file `scgpt perturb` as a user runs it: learns, predicts, screens, reverses, and says what is wrong with requests. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeH5ad } from '../../src/single-cell/h5ad/write.ts';
import { openData } from '../../src/single-cell/open.ts';
import { syntheticScreen } from '../engine/tasks/synthetic-screen.ts';
import { expectFailure } from './failure.ts';
import { type Finished, scgpt } from './run.ts';

let folder: string;
let trained: Finished;
const path = (name: string) => join(folder, name);
const run = (...args: string[]) => scgpt(['perturb', ...args], folder);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scgpt-perturb-'));
  await writeH5ad(syntheticScreen(), path('screen.h5ad'), {});
  const states = syntheticScreen({ conditions: ['control', 'STAT1+JAK2', 'CD86+ctrl'] });
  await writeH5ad(states, path('states.h5ad'), {});
  const quick = ['--epochs', '2', '--steps-of-epoch', '5', '--averaged', '8', '--folds', '2'];
  const files = ['-o', 'learnt', '--report', 'train.html', '--batch-key', 'batch'];
  trained = await run('train', 'screen.h5ad', ...files, ...quick, '--threads', '1', '--quiet');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('scgpt perturb train', () => {
  it('tells what held-out predictions are worth, beside plain methods and the ceiling', () => {
    expect(trained.stderr).toBe('');
    expect(trained.code).toBe(0);
    for (const words of [
      '6 perturbations learnt from 336 cells',
      'scGPT, fine-tuned',
      'train-mean delta',
      'ceiling: halves of the same cells',
      'No measurable effect (fewer than 10 genes that differ)',
    ]) {
      expect(trained.stdout).toContain(words);
    }
    expect(readFileSync(path('train.html'), 'utf8')).toContain(
      'Held-out perturbations, beside plain methods',
    );
  });
});

describe('scgpt perturb train --reference', () => {
  it('runs to the end, and gives the predictions of the model alone, of what was measured, too', async () => {
    const options = ['--reference', '--epochs', '1', '--batch-size', '32', '--folds', '2'];
    const files = ['-o', 'reference', '--report', 'reference.html'];
    const done = await run('train', 'screen.h5ad', ...options, ...files, '--threads', '1', '--json');
    expect(done.code).toBe(0);
    const { weights, heldOut } = JSON.parse(done.stdout);
    expect(weights).toEqual({ scgpt: 1 });
    const ids = heldOut.predictors.map(({ id }: { id: string }) => id);
    expect(ids).toEqual(expect.arrayContaining(['scgpt', 'train-mean']));
    expect(ids).not.toContain('stacked');
    const { settings } = JSON.parse(readFileSync(path('reference/task.json'), 'utf8'));
    expect(settings).toMatchObject({ pairing: 'random', averaged: 1, stepsOfEpoch: null, dropout: 0 });
    const predicted = await run(
      'predict',
      '-m',
      'reference',
      '-p',
      'STAT1,MX1',
      '-o',
      'reference.h5ad',
      '--threads',
      '1',
      '--json',
    );
    expect(predicted.code).toBe(0);
    const bases = JSON.parse(predicted.stdout).predictions.map(({ basis }: { basis: string }) => basis);
    expect(bases).toEqual(['model', 'model']);
  });
});

describe('scgpt perturb predict', () => {
  it('writes expression with spread, sampled cells, a report and volcano plots', async () => {
    const asked = ['-m', 'learnt', '-p', 'STAT1,STAT1+JAK2,MX1'];
    const files = [
      '-o',
      'out.h5ad',
      '--sampled-cells',
      'cells.h5ad',
      '--samples',
      '50',
      '--report',
      'p.html',
      '--figures',
      'figures',
    ];
    const { code, stdout } = await run('predict', ...asked, ...files, '--threads', '1', '--quiet');
    expect(code).toBe(0);
    expect(stdout).toContain('STAT1 (all cells, measured)');
    expect(stdout).toContain('JAK2+STAT1 (all cells, sum of parts)');
    const data = await openData(path('out.h5ad'));
    expect([data.nObs, data.nVars]).toEqual([3, 21]);
    expect([...data.layers.keys()].sort()).toEqual([
      'scgpt_adjusted_p',
      'scgpt_change',
      'scgpt_control',
      'scgpt_expressed',
      'scgpt_model_change',
      'scgpt_sd',
    ]);
    await data.close();
    const cells = await openData(path('cells.h5ad'));
    expect([cells.nObs, cells.nVars]).toEqual([150, 21]);
    await cells.close();
    expect(readdirSync(path('figures'))).toContain('volcano-1.svg');
    expect(readFileSync(path('p.html'), 'utf8')).toContain('Genes that change most');
  });

  it('refuses what nothing is known of, and models that learnt no screen', async () => {
    expectFailure(
      await run('predict', '-m', 'learnt', '-p', 'NOTHING1', '-o', 'no.h5ad'),
      2,
      /nothing can be predicted of 'NOTHING1'/,
    );
    expectFailure(
      await run('predict', '-m', 'learnt', '-p', 'A,,B', '-o', 'no.h5ad'),
      2,
      /a perturbation without a gene/,
    );
    expect(existsSync(path('no.h5ad'))).toBe(false);
  });
});

describe('scgpt perturb screen and reverse', () => {
  it('rank genes in other cells, and perturbations between states', async () => {
    const cells = ['--cells', 'states.h5ad', '--threads', '1', '--json'];
    const screened = await run(
      'screen',
      '-m',
      'learnt',
      '--genes',
      'MX1,STAT1,CD86',
      '-o',
      'ranked.h5ad',
      ...cells,
    );
    expect(screened.code).toBe(0);
    const effects = JSON.parse(screened.stdout).predictions.map(({ effect }: { effect: number }) => effect);
    expect(effects).toHaveLength(3);
    expect(effects).toEqual([...effects].sort((a, b) => b - a));
    const states = ['--state-key', 'condition', '--from', 'control', '--to', 'STAT1+JAK2'];
    const reversed = await run(
      'reverse',
      'states.h5ad',
      '-m',
      'learnt',
      ...states,
      '-o',
      'ranked.csv',
      '--threads',
      '1',
      '--quiet',
    );
    expect(reversed.code).toBe(0);
    const lines = readFileSync(path('ranked.csv'), 'utf8').trim().split('\n');
    expect(lines[0]).toBe('rank,perturbation,correlation,correlation_model,unexplained,seen,doubt');
    expect(lines).toHaveLength(7);
    expect(lines[1]).toMatch(/^1,(IRF7|JAK2|STAT1|STAT2),(0\.[6-9]|1\.0)/); // not one of those without effect
  });
});

describe('bad screens', () => {
  it.each<[string, string[], RegExp]>([
    ['a condition column that is not there', ['--condition-key', 'guide'], /'guide'.*condition, batch/],
    [
      'a control value that is misspelt',
      ['--control', 'contrl'],
      /no cell is 'contrl'.*Did you mean 'control'/,
    ],
    ['a value to leave out that is not there', ['--unassigned', 'CD68+ctrl'], /Did you mean 'CD86\+ctrl'/],
    ['a run to resume that is not named', ['--resume'], /--run/],
  ])('are refused before any training: %s', async (_, options, words) => {
    expectFailure(await run('train', 'screen.h5ad', '-o', 'no', ...options, '--quiet'), 2, words);
    expect(existsSync(path('no'))).toBe(false);
  });

  const quick = [
    '--epochs',
    '1',
    '--steps-of-epoch',
    '2',
    '--averaged',
    '8',
    '--folds',
    '2',
    '--threads',
    '1',
  ];
  const train = async (name: string, conditions: readonly string[]) => {
    await writeH5ad(syntheticScreen({ conditions }), path(`${name}.h5ad`), {});
    return run('train', `${name}.h5ad`, '-o', name, ...quick);
  };

  it('are refused without control cells, or with nothing else', async () => {
    expectFailure(
      await train('uncontrolled', ['STAT1', 'JAK2']),
      2,
      /column condition: no cell is a control\. .*values are JAK2, STAT1\. .*--control/,
    );
    expectFailure(await train('untouched', ['control']), 2, /all cells with a condition are 'control'/);
  });

  it('of one perturbation are learnt, with a word that nothing is known of others', async () => {
    const { code, stdout, stderr } = await train('single', ['control', 'STAT1+ctrl']);
    expect(code).toBe(0);
    expect(stderr).toContain('there is one perturbation in 1 context: nothing can be held out');
    expect(stderr).toContain('1 perturbed gene is not measured');
    expect(stdout).toContain('1 perturbation learnt');
    expect(stdout).not.toContain('Held-out');
  });

  it('without any effect are said to have none, and nothing is promised', async () => {
    const conditions = ['control', 'CD86+ctrl', 'CAV1+ctrl', 'CD44+ctrl', 'CD9+ctrl'];
    const { code, stdout } = await train('silent', conditions);
    expect(code).toBe(0);
    expect(stdout).toContain('none of its perturbations has a measurable effect');
    expect(stdout).toMatch(/No measurable effect \(.*\): CAV1, CD44, CD86, CD9/);
  });
});

describe('bad questions', () => {
  it.each<[string, string[], RegExp]>([
    ['a gene that is misspelt', ['predict', '-p', 'STTA1'], /of 'STTA1'.*Did you mean 'STAT1'/],
    ['a context that is not there', ['predict', '-p', 'STAT1', '--contexts', 'NK'], /no context 'NK'/],
    ['a list of genes of which none is known', ['screen', '--genes', 'NOTHING1,NOTHING2'], /'NOTHING1'/],
  ])('are refused: %s', async (_, [command, ...asked], words) => {
    expectFailure(await run(command, '-m', 'learnt', ...asked, '-o', 'no.h5ad', '--quiet'), 2, words);
    expect(existsSync(path('no.h5ad'))).toBe(false);
  });

  it('are answered as far as genes of a list are known', async () => {
    const genes = ['screen', '-m', 'learnt', '--genes', 'MX1,NOTHING1,STAT1', '-o', 'some.h5ad'];
    const done = await run(...genes, '--report', 'some.html', '--threads', '1');
    expect(done.code).toBe(0);
    expect(done.stderr).toMatch(/1 gene of 3 left out, as nothing is known of it: NOTHING1/);
    expect(done.stdout).toContain('2 predictions of 21 genes');
    const page = readFileSync(path('some.html'), 'utf8');
    for (const words of ['scGPT perturbation screen', 'Ranking', 'NOTHING1', 'behind a change']) {
      expect(page).toContain(words);
    }
  });

  it('of states that are not there are refused; others have a report', async () => {
    const ask = (from: string, to: string, ...more: string[]) => {
      const states = ['--state-key', 'condition', '--from', from, '--to', to, '--threads', '1', '--quiet'];
      return run('reverse', 'states.h5ad', '-m', 'learnt', ...states, '-o', 'reversed.csv', ...more);
    };
    expectFailure(await ask('contrl', 'STAT1+JAK2'), 2, /no cell is 'contrl'.*Did you mean 'control'/);
    expectFailure(await ask('control', 'control'), 2, /different states/);
    const done = await ask('control', 'STAT1+JAK2', '--report', 'reversed.html');
    expect(done.code).toBe(0);
    expect(done.stdout).toContain('While held out, the true perturbation was among the first 1');
    const page = readFileSync(path('reversed.html'), 'utf8');
    for (const words of ['control to STAT1+JAK2', 'Genes that differ most', 'behind a change']) {
      expect(page).toContain(words);
    }
  });
});
