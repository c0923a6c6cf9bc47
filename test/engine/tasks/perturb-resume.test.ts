/** @file Training on a screen that is stopped and gone on with gives the same model, bit for bit. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeH5ad } from '../../../src/single-cell/h5ad/write.ts';
import { CancelledError } from '../../../src/support/errors.ts';
import { trainPerturbationFiles } from '../../../src/tasks/perturb/train-files.ts';
import { needsNativeRuntime } from '../need.ts';
import { syntheticScreen } from './synthetic-screen.ts';

needsNativeRuntime();

let folder: string;
const path = (name: string) => join(folder, name);
const settings = { epochs: 2, stepsOfEpoch: 4, averaged: 8, folds: 2, dropout: 0.1, batchKey: 'batch' };

/** Trains; stops as soon as a stage has come so far. */
async function train(
  output: string,
  run: string,
  { at, resume }: { readonly at?: readonly [stage: string, cells: number]; readonly resume?: boolean } = {},
) {
  const stop = new AbortController();
  return trainPerturbationFiles([path('screen.h5ad')], {
    ...settings,
    output: path(output),
    run: path(run),
    resume,
    threads: 1,
    signal: stop.signal,
    onProgress({ stage, done }) {
      if (at !== undefined && stage === at[0] && done >= at[1]) stop.abort();
    },
  });
}

const contentOf = (name: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(path(name))
      .sort()
      .map((file) => [file, readFileSync(join(path(name), file)).toString('base64')]),
  );

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'scgpt-perturb-'));
  await writeH5ad(syntheticScreen(), path('screen.h5ad'), {});
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a run of perturb train', () => {
  it('that was stopped in a group, in another and in the last training gives the model of one that was not', async () => {
    const whole = await train('whole', 'whole-run');
    expect(readdirSync(path('whole-run')).sort()).toEqual(['all', 'config.json', 'fold-1', 'fold-2']);
    const stops = [
      ['training, fold 1 of 2', 48],
      ['training, fold 2 of 2', 80],
      ['training', 32],
    ] as const;
    for (const [i, at] of stops.entries()) {
      const stopped = train('parts', 'parts-run', { at, resume: i > 0 });
      await expect(stopped).rejects.toBeInstanceOf(CancelledError);
    }
    const done = await train('parts', 'parts-run', { resume: true });
    expect(contentOf('parts')).toEqual(contentOf('whole'));
    expect(done.heldOut).toEqual(whole.heldOut);
    expect(done.weights).toEqual(whole.weights);
  }, 180_000);

  it('that is done is gone on with without training anything', async () => {
    let cells = 0;
    await trainPerturbationFiles([path('screen.h5ad')], {
      ...settings,
      output: path('again'),
      run: path('whole-run'),
      resume: true,
      threads: 1,
      onProgress: ({ stage }) => {
        if (stage.startsWith('training')) cells++;
      },
    });
    expect(cells).toBe(0);
    expect(contentOf('again')).toEqual(contentOf('whole'));
  }, 60_000);

  it('is refused with other settings, and where there is none', async () => {
    const other = { ...settings, output: path('no'), resume: true, seed: 5 };
    const data = [path('screen.h5ad')];
    await expect(trainPerturbationFiles(data, { ...other, run: path('whole-run') })).rejects.toThrow(
      /settings\.seed was 0, now 5/,
    );
    await expect(trainPerturbationFiles(data, { ...other, run: path('nowhere') })).rejects.toThrow(
      /no run to resume/,
    );
    await expect(trainPerturbationFiles(data, other)).rejects.toThrow(/which run to go on with/);
    await expect(
      trainPerturbationFiles(data, { ...settings, output: path('no'), run: path('whole-run') }),
    ).rejects.toThrow(/holds a run already/);
  });
});
