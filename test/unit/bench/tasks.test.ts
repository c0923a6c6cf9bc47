/** @file The benchmark of tasks: its splits are those that other tools were scored on, runs are kept, tables are fair. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { prepareSplit, scoreSplit } from '../../../bench/tasks/annotation.ts';
import { annotationTasks, unseenTasks } from '../../../bench/tasks/annotation-tasks.ts';
import { BenchmarkFiles } from '../../../bench/tasks/files.ts';
import { prepareSet } from '../../../bench/tasks/integration.ts';
import { evenlySpread, integrationSets } from '../../../bench/tasks/integration-sets.ts';
import { StoredPeers } from '../../../bench/tasks/peers.ts';
import { Runs } from '../../../bench/tasks/runs.ts';
import { integrationColumns, tableOf } from '../../../bench/tasks/tables.ts';

const shared = fileURLToPath(new URL('../../../../shared', import.meta.url));
const here = existsSync(join(shared, 'benchmarks')) && existsSync(join(shared, 'data'));
const folder = mkdtempSync(join(tmpdir(), 'scgpt-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!here)(
  `splits${here ? '' : ' (skipped: the folder of data and benchmarks is not here)'}`,
  () => {
    const files = new BenchmarkFiles(shared);
    afterAll(() => files.close());

    // as benchmarks/annotation.md counts them
    it.each([
      ['pbmc3k_symphony_mid', 2638, 1197, 1342, 1342],
      ['symphony_5p', 770, 430, 1767, 1767],
      ['kang_ifnb', 1837, 1093, 4805, 2000],
      ['pancreas_indrop', 603, 397, 964, 964],
    ])('%s has the cells and genes that other tools had', async (name, reference, query, common, chosen) => {
      const task = annotationTasks.find((other) => other.name === name);
      if (task === undefined) throw new Error(name);
      const { split, truth } = await prepareSplit({ name, task, fold: 0 }, files);
      expect([split.reference.nObs, split.query.nObs, truth.length]).toEqual([reference, query, query]);
      expect([split.common.genes.length, split.chosen.genes.length]).toEqual([common, chosen]);
      expect(split.chosen.reference.shape).toEqual([reference, chosen]);
      expect(split.chosen.query.shape).toEqual([query, chosen]);
      expect([...split.query.obs.columns.keys()]).toEqual([]);
      const codes = Int32Array.from(truth, (type) => split.labels.groups.indexOf(type));
      const scores = scoreSplit(
        { codes, confidence: new Float32Array(query) },
        { split, truth, request: { name, task, fold: 0 } },
      );
      expect([scores.accuracy, scores.macro_F1]).toEqual([1, 1]);
    });

    it('an unseen type is in the query alone', async () => {
      const unseen = unseenTasks.find(({ name }) => name === 'symphony_5p~B');
      if (unseen === undefined) throw new Error('symphony_5p~B');
      const prepared = await prepareSplit({ ...unseen, fold: 0 }, files);
      expect(prepared.truth.filter((type) => type === 'B')).toHaveLength(71);
      expect(prepared.split.labels.groups).not.toContain('B');
      const confidence = Float32Array.from(prepared.truth, (type) => (type === 'B' ? 0.1 : 0.9));
      const scores = scoreSplit({ codes: new Int32Array(430), confidence }, prepared);
      expect(scores.AUROC_unseen).toBe(1);
    });

    it('a set shows its contenders batches and no labels', async () => {
      const set = integrationSets.find(({ name }) => name === 'kang_ifnb_labelled');
      if (set === undefined) throw new Error('kang_ifnb_labelled');
      const { cells, labels, uncorrected } = await prepareSet(set, files);
      expect(cells.expression.logged.shape).toEqual([2930, 2000]);
      expect([...cells.data.obs.columns.keys()]).toEqual(['batch']);
      expect(labels.groups).toHaveLength(6);
      expect(uncorrected.dimensions).toBe(30);
    });
  },
);

describe('evenlySpread', () => {
  it('keeps exactly so many rows, from all over the file', () => {
    const rows = evenlySpread(12_261, 4000);
    expect(rows).toHaveLength(4000);
    const steps = rows.subarray(1).map((row, i) => row - rows[i]);
    expect([Math.min(...steps), Math.max(...steps)]).toEqual([3, 4]);
  });
});

describe('runs', () => {
  it('come back as they were kept', () => {
    const runs = new Runs(folder);
    const run = {
      set: 'symphony_5p~CD19+ B',
      method: 'pca',
      name: 'PCA',
      seed: 1,
      fold: 0,
      seconds: 2,
      cells: 9,
      scores: { a: 0.5 },
    };
    expect(runs.find(run)).toBeUndefined();
    expect(runs.output(run, 'points')).toBeUndefined();
    runs.save(run);
    runs.saveOutput(run, { points: Float32Array.of(1, 2.5) });
    expect(runs.find(run)).toEqual(run);
    expect(runs.on(run.set)).toEqual([run]);
    expect(runs.on('other')).toEqual([]);
    expect([...new Float32Array(runs.output(run, 'points') ?? new ArrayBuffer(0))]).toEqual([1, 2.5]);
  });
});

describe('tables', () => {
  const stored = (method: string, mean: number, usesLabels = false) => ({
    dataset: 'set',
    method,
    metric: 'overall',
    mean,
    sd: 0.02,
    n: 3,
    seconds: 1,
    uses_labels: usesLabels,
  });

  it('rank ours among others, and leave what sees the labels out of the contest', () => {
    const path = join(folder, 'peers.json');
    writeFileSync(path, JSON.stringify([stored('Other', 0.7), stored('Knows', 0.9, true)]));
    const run = { set: 'set', method: 'ours', name: 'Ours', fold: 0, seconds: 2, cells: 9 };
    const runs = [0.79, 0.81].map((overall, seed) => ({
      ...run,
      seed,
      scores: { overall, PCR: Number.NaN },
    }));
    const rows = tableOf('set', integrationColumns, runs, new StoredPeers(path), { labelsAllowed: false });
    expect(rows).toEqual([
      { method: 'Knows (sees labels)', overall: '0.900 ±0.020', runs: 3, s: '1.0' },
      { method: '*Ours*', overall: '**0.800** ±0.014', runs: 2, s: '2.0' },
      { method: 'Other', overall: '0.700 ±0.020', runs: 3, s: '1.0' },
    ]);
  });
});
