/** @file Pre-training with condition columns: what the model learns and keeps, and what it embeds with and without them. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../../src/model/folder.ts';
import { initialParameters } from '../../../src/model/initial-parameters.ts';
import { AnnData } from '../../../src/single-cell/anndata.ts';
import { type Column, categorical, DataFrame } from '../../../src/single-cell/data-frame.ts';
import { openData } from '../../../src/single-cell/open.ts';
import { subsetObs } from '../../../src/single-cell/subset.ts';
import { RecordingLogger } from '../../../src/support/log.ts';
import { type EmbedResult, embed } from '../../../src/tasks/embed/embed.ts';
import { runRecord } from '../../../src/tasks/embed/record.ts';
import { openModel } from '../../../src/tasks/model.ts';
import { type PretrainFilesOptions, pretrainInto } from '../../../src/tasks/pretrain/files.ts';
import { needsNativeRuntime } from '../need.ts';

needsNativeRuntime();

const demo = fileURLToPath(new URL('../../../demo/pbmc_three_sources.h5ad', import.meta.url));
const cellCount = 96;
const size = { embeddingSize: 16, layers: 1, heads: 2 } as const;
const small = {
  epochs: 2,
  batchSize: 16,
  maxLength: 60,
  learningRate: 1e-2,
  threads: 1,
} as const;

let scratch: string;
let whole: AnnData;
let batches: readonly string[]; // [cells]
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'scgpt-conditions-'));
  whole = await openData(demo);
  batches = cellsWith({}).obs.strings('batch') as string[];
});
afterAll(async () => {
  await whole.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** Cells of all three sources, with these columns of obs and var and no other. */
function cellsWith(columns: {
  readonly obs?: Readonly<Record<string, (string | null)[]>>;
  readonly genes?: Readonly<Record<string, (string | null)[]>>;
}): AnnData {
  const rows = Int32Array.from({ length: cellCount }, (_, i) => i * 38);
  const cells = subsetObs(whole, rows);
  const categories = (given: Readonly<Record<string, (string | null)[]>> = {}) =>
    Object.entries(given).map(([name, values]): [string, Column] => [name, categorical(values)]);
  return new AnnData({
    X: cells.X,
    obs: new DataFrame(
      cells.obs.index,
      columns.obs === undefined ? cells.obs.columns : categories(columns.obs),
    ),
    var: new DataFrame(cells.var.index, categories(columns.genes)),
  });
}

/** Every third gene is one of `kind` b, and so on; the last has none. */
function kinds(): (string | null)[] {
  const { length } = whole.var;
  return Array.from({ length }, (_, gene) => (gene === length - 1 ? null : ['a', 'b', 'c'][gene % 3]));
}

async function pretrained(
  name: string,
  data: readonly AnnData[],
  options: Partial<PretrainFilesOptions>,
): Promise<{ readonly model: LoadedModel; readonly warnings: readonly string[]; readonly path: string }> {
  const path = join(scratch, name);
  const named = data.map((one, i) => ({ label: `${name}-${i}`, data: one }));
  const { warnings } = await pretrainInto(named, {
    ...(options.init === undefined ? size : {}),
    ...small,
    output: path,
    ...options,
  });
  return { model: await openModel(path), warnings, path };
}

async function table(model: LoadedModel, name: string): Promise<Float32Array> {
  return (await model.parameters()).get(`condition_encoder.${name}.embedding.weight`)?.data as Float32Array;
}

describe('a model pre-trained with conditions', () => {
  let model: LoadedModel;
  let path: string;
  beforeAll(async () => {
    const data = cellsWith({ obs: { batch: [...batches] }, genes: { kind: kinds() } });
    ({ model, path } = await pretrained('both', [data], { conditionKeys: ['batch', 'kind'] }));
  });

  const embedded = (data: AnnData, logger = new RecordingLogger()): Promise<EmbedResult> =>
    embed(data, model, { threads: 1, logger });
  const valuesOf = ({ embeddings }: EmbedResult): Float32Array => embeddings.values as Float32Array;

  it('knows their values in its folder', () => {
    expect(model.config.conditions).toEqual([
      { name: 'batch', of: 'cells', values: [...new Set(batches)].sort() },
      { name: 'kind', of: 'genes', values: ['a', 'b', 'c'] },
    ]);
  });

  it('has learnt a row for every value and for what is not given', async () => {
    const before = initialParameters(model.config, 0);
    for (const name of ['batch', 'kind']) {
      const start = before.get(`condition_encoder.${name}.embedding.weight`)?.data as Float32Array;
      const learnt = await table(model, name);
      for (let row = 0; row < learnt.length / 16; row++) {
        const moved = learnt
          .subarray(16 * row, 16 * row + 16)
          .some((value, i) => value !== start[16 * row + i]);
        expect(moved, `${name}, row ${row}`).toBe(true);
      }
    }
  });

  it('embeds with the columns where there are any, and says so', async () => {
    const logger = new RecordingLogger();
    const data = cellsWith({ obs: { batch: [...batches] }, genes: { kind: kinds() } });
    const given = await embedded(data, logger);
    expect(logger.infos).toContain(`condition 'batch': obs gives it for ${cellCount} of ${cellCount} cells`);
    expect(logger.infos).toContainEqual(
      expect.stringMatching(/^condition 'kind': var gives it for \d+ of \d+ genes$/),
    );
    expect(runRecord(given, model).get('conditions')).toEqual(
      new Map([
        ['batch', 'obs'],
        ['kind', 'var'],
      ]),
    );
    const ofCells = await embedded(cellsWith({ obs: { batch: [...batches] } }));
    const ofGenes = await embedded(cellsWith({ obs: {}, genes: { kind: kinds() } }));
    expect(valuesOf(ofCells)).not.toEqual(valuesOf(given));
    expect(valuesOf(ofGenes)).not.toEqual(valuesOf(given));
  });

  it('embeds without them as where every value is missing or unknown', async () => {
    const logger = new RecordingLogger();
    const without = await embedded(cellsWith({ obs: {} }), logger);
    expect(valuesOf(without).every(Number.isFinite)).toBe(true);
    expect(logger.infos).toEqual([
      "condition 'batch' is not given: obs has no column of that name",
      "condition 'kind' is not given: var has no column of that name",
    ]);
    expect(runRecord(without, model).get('conditions')).toEqual(
      new Map([
        ['batch', 'not given'],
        ['kind', 'not given'],
      ]),
    );
    const missing = { obs: { batch: batches.map(() => null) } };
    expect(valuesOf(await embedded(cellsWith(missing)))).toEqual(valuesOf(without));
    const unknown = { obs: { batch: batches.map(() => 'elsewhere') } };
    expect(valuesOf(await embedded(cellsWith(unknown), logger))).toEqual(valuesOf(without));
    expect(logger.warnings).toContainEqual(
      expect.stringMatching(/'batch' has 1 value .*not given: elsewhere/),
    );
  });

  it('gives a cell the same numbers whatever conditions its neighbours have', async () => {
    const without = valuesOf(await embedded(cellsWith({ obs: {} })));
    const some = batches.map((batch, cell) => (cell % 2 === 0 ? batch : null));
    const mixed = valuesOf(await embedded(cellsWith({ obs: { batch: some } })));
    const same = Array.from({ length: cellCount }, (_, cell) =>
      mixed.subarray(16 * cell, 16 * cell + 16).every((value, i) => value === without[16 * cell + i]),
    );
    expect(same).toEqual(some.map((batch) => batch === null));
  });

  it('goes on training with its values; new ones count as not given, new conditions are added', async () => {
    const renamed = batches.map((batch) => (batch === 'pbmc3k' ? 'other' : batch));
    const halves = batches.map((_, cell) => (cell % 2 === 0 ? 'even' : 'odd'));
    const data = cellsWith({ obs: { batch: renamed, half: halves }, genes: { kind: kinds() } });
    const next = await pretrained('next', [data], {
      init: path,
      conditionKeys: ['half', 'batch'],
      epochs: 1,
    });
    expect(next.model.config.conditions).toEqual([
      ...model.config.conditions,
      { name: 'half', of: 'cells', values: ['even', 'odd'] },
    ]);
    expect(next.warnings).toContainEqual(
      expect.stringMatching(/^next-0: condition 'batch' has 1 value that the model does not know .*: other$/),
    );
    // No cell is of this source any more: Adam without weight decay leaves its row as it was.
    const row = model.config.conditions[0].values.indexOf('pbmc3k') + 1;
    const rowOf = async (which: LoadedModel, at: number) =>
      (await table(which, 'batch')).subarray(16 * at, 16 * at + 16);
    expect(await rowOf(next.model, row)).toEqual(await rowOf(model, row));
    expect(await rowOf(next.model, 0)).not.toEqual(await rowOf(model, 0));
    const scale = (await next.model.parameters()).get('condition_encoder.half.enc_norm.weight')?.data;
    expect((scale as Float32Array).some((value) => value !== 0)).toBe(true); // it began at 0
  });
});

describe('pre-training with conditions', () => {
  it('trains a condition that is added to a model whose body stays as it is', async () => {
    const obs = { obs: { batch: [...batches] } };
    const { model, path } = await pretrained('plain', [cellsWith(obs)], { epochs: 1 });
    const options = { init: path, conditionKeys: ['batch'], freeze: 'body', epochs: 1 };
    const next = await pretrained('frozen', [cellsWith(obs)], options);
    expect(next.warnings).toEqual([]);
    const [before, after] = [await model.parameters(), await next.model.parameters()];
    const scale = after.get('condition_encoder.batch.enc_norm.weight')?.data as Float32Array;
    expect(scale.some((value) => value !== 0)).toBe(true);
    for (const name of ['encoder.embedding.weight', 'transformer_encoder.layers.0.linear1.weight']) {
      expect(after.get(name)?.data, name).toEqual(before.get(name)?.data);
    }
  });

  it('joins the values of several data sets, and warns where one has none', async () => {
    const one = cellsWith({ obs: { batch: batches.map(() => 'z') } });
    const two = cellsWith({ obs: { batch: batches.map((_, cell) => (cell % 2 === 0 ? 'a' : null)) } });
    const three = cellsWith({ obs: {} });
    const { model, warnings } = await pretrained('several', [one, two, three], {
      conditionKeys: ['batch'],
      epochs: 1,
    });
    expect(model.config.conditions).toEqual([{ name: 'batch', of: 'cells', values: ['a', 'z'] }]);
    expect(warnings).toEqual(["several-2: condition 'batch' is not given: obs has no column of that name"]);
  });

  it('gives the same model again', async () => {
    const data = () => cellsWith({ obs: { batch: [...batches] } });
    const options = { conditionKeys: ['batch'], epochs: 1, seed: 4 };
    const { model } = await pretrained('once', [data()], options);
    expect((await pretrained('twice', [data()], options)).model.hash).toBe(model.hash);
  });

  it('resumes with the same conditions only', async () => {
    const data = cellsWith({ obs: { batch: [...batches], half: batches.map((_, i) => `${i % 2}`) } });
    const first = { conditionKeys: ['batch'], epochs: 1 };
    const { model } = await pretrained('resumed', [data], first);
    const resume = { epochs: 1, resume: true, force: true } as const;
    const again = await pretrained('resumed', [data], resume); // the run's folder remembers them
    expect(again.model.hash).toBe(model.hash);
    await expect(pretrained('resumed', [data], { ...resume, conditionKeys: ['half'] })).rejects.toThrow(
      /model\.conditions was .*batch/,
    );
    const moved = cellsWith({ obs: { batch: [...batches].reverse() } });
    await expect(pretrained('resumed', [moved], resume)).rejects.toThrow(/setting differs .*content/);
  });

  it('refuses a column that no data set has', async () => {
    const data = cellsWith({ obs: { batch: [...batches] } });
    await expect(pretrained('none', [data], { conditionKeys: ['donor'] })).rejects.toThrow(
      /no column 'donor' for a condition.*obs \(batch\)/,
    );
  });
});
