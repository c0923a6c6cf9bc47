/** @file Mapping with the bundled model: labels, panels, saved and embedded references, and what is refused or told. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadedModel } from '../../../src/model/folder.ts';
import type { Section } from '../../../src/report/task-report.ts';
import { withAdditions } from '../../../src/single-cell/additions.ts';
import { AnnData } from '../../../src/single-cell/anndata.ts';
import { type Column, categorical, DataFrame } from '../../../src/single-cell/data-frame.ts';
import { writeH5ad } from '../../../src/single-cell/h5ad/write.ts';
import { inMemory } from '../../../src/single-cell/in-memory.ts';
import { openData } from '../../../src/single-cell/open.ts';
import { selectGenes, withValues } from '../../../src/single-cell/preprocess/views.ts';
import { subsetObs } from '../../../src/single-cell/subset.ts';
import { InputError, UsageError } from '../../../src/support/errors.ts';
import { RecordingLogger } from '../../../src/support/log.ts';
import { embed } from '../../../src/tasks/embed/embed.ts';
import { runRecord } from '../../../src/tasks/embed/record.ts';
import { type MapResult, mapCells } from '../../../src/tasks/map/map.ts';
import type { MapOptions } from '../../../src/tasks/map/options.ts';
import { mapReport } from '../../../src/tasks/map/report.ts';
import { mapAdditions } from '../../../src/tasks/map/results.ts';
import { referenceToSave } from '../../../src/tasks/map/saved-reference.ts';
import { truthScores } from '../../../src/tasks/map/scores.ts';
import { openModel } from '../../../src/tasks/model.ts';
import { needsNativeRuntime } from '../need.ts';

needsNativeRuntime();

const demo = fileURLToPath(new URL('../../../demo/pbmc_three_sources.h5ad', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'scgpt-map-'));
/** Short cells are quick, and what is tested here is not how good labels are. */
const quick = { maxLength: 120, threads: 1, labels: ['type'], neighbours: 7 } as const;

let whole: AnnData;
let model: LoadedModel;
let reference: AnnData;
let query: AnnData;
beforeAll(async () => {
  whole = await openData(demo);
  model = await openModel();
  reference = side(0, 150, (gene) => gene % 10 !== 0);
  query = side(1, 60, (gene) => gene % 7 !== 0);
});
afterAll(async () => {
  await whole.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** Cells of one source of the demonstration data, on some of its genes, with their types alone. */
function side(source: number, count: number, has: (gene: number) => boolean): AnnData {
  const batches = whole.obs.strings('batch');
  const wanted = [...new Set(batches)][source];
  const rows = batches.flatMap((batch, row) => (batch === wanted ? [row] : []));
  const step = Math.floor(rows.length / count);
  const cells = subsetObs(
    whole,
    Int32Array.from({ length: count }, (_, i) => rows[i * step]),
  );
  const genes = Int32Array.from(cells.var.index.keys()).filter(has);
  return withObs(
    new AnnData({
      obs: cells.obs,
      var: new DataFrame(Array.from(genes, (gene) => cells.var.index[gene])),
      X: cells.X && selectGenes(cells.X, genes),
    }),
    { type: cells.obs.strings('cell_type_broad') },
  );
}

function withObs(data: AnnData, columns: Readonly<Record<string, (string | null)[]>>): AnnData {
  const obs = Object.entries(columns).map(([name, values]): [string, Column] => [name, categorical(values)]);
  return new AnnData({ obs: new DataFrame(data.obs.index, obs), var: data.var, X: data.X });
}

async function map(options: MapOptions = {}, from = reference, to = query) {
  const logger = new RecordingLogger();
  const result = await mapCells(to, from, model, { ...quick, baselines: false, logger, ...options });
  return { result, warnings: logger.warnings, labels: result.labels[0] };
}

const embedded = ({ query: { embeddings } }: MapResult) => embeddings.values;

describe('mapCells', () => {
  let first: Awaited<ReturnType<typeof map>>;
  beforeAll(async () => {
    first = await map({ truth: ['type'], baselines: true });
  });

  it('labels most cells right, beside baselines that see the same cells', () => {
    const { labels, result } = first;
    const { classes, codes, scores: confidence } = labels;
    const found = labels.truth && truthScores(labels.truth, { classes, codes, confidence });
    expect(found?.accuracy).toBeGreaterThan(0.6);
    if ('missing' in result.baselines) throw new Error(result.baselines.missing);
    expect(result.baselines.byLabel[0].length).toBeGreaterThanOrEqual(3);
    for (const method of result.baselines.byLabel[0]) {
      expect(labels.truth && truthScores(labels.truth, method)?.accuracy).toBeGreaterThan(0.6);
    }
  });

  it('shows the model the shared genes by default, and all of them on request', async () => {
    const { genes } = first.result;
    expect(genes.reference).toBe(genes.shared);
    expect(genes.query).toBe(genes.shared);
    const { result } = await map({ genes: 'all' });
    expect(result.genes.shared).toBe(genes.shared);
    expect(result.genes.query).toBeGreaterThan(genes.shared);
    const plain = await embed(query, model, { maxLength: 120, threads: 1 });
    expect(embedded(result)).toEqual(plain.embeddings.values);
    expect(embedded(result)).not.toEqual(embedded(first.result));
  });

  it('adds labels, scores, embedding and a record to the query, which can be written and read', async () => {
    const additions = mapAdditions(first.result, model);
    await writeH5ad(withAdditions(query, additions), join(scratch, 'mapped.h5ad'), {});
    const written = await openData(join(scratch, 'mapped.h5ad'));
    expect([...written.obs.columns.keys()]).toEqual(
      expect.arrayContaining([
        'type',
        'type_scgpt',
        'type_scgpt_score',
        'type_scgpt_unassigned',
        'scgpt_distance',
        'type_logistic_regression',
      ]),
    );
    const { classes, codes } = first.labels;
    expect(written.obs.strings('type_scgpt')).toEqual(Array.from(codes, (code) => classes[code]));
    expect(written.uns.get('scgpt_map')).toBeInstanceOf(Map);
    await written.close();
  });

  it('reports both sides, their composition and how sure labels are', async () => {
    const { sections, settings } = await mapReport(query, model, first.result, { warnings: [] });
    const section = <Kind extends Section['kind']>(kind: Kind, name: string) => {
      const found = sections.find((one) => one.name === name);
      if (found?.kind !== kind) throw new Error(`no ${kind} ${name}`);
      return found as Extract<Section, { kind: Kind }>;
    };
    const both = section('maps', 'both-sides');
    expect(both.cells).toEqual([...first.result.reference.names, ...query.obs.index]);
    expect(both.maps[0].layout.shape).toEqual([both.cells.length, 2]);
    const composition = section('composition', 'labels-1-composition');
    const sums = [0, 1].map((side) =>
      Array.from(composition.counts)
        .slice(side * composition.parts.length, (side + 1) * composition.parts.length)
        .reduce((a, b) => a + b, 0),
    );
    expect(sums).toEqual([150, 60]);
    const [kept, right] = section('curves', 'labels-1-scores').panels[0].curves;
    expect(kept.y[0]).toBe(1);
    expect(Array.from(kept.y)).toEqual(Array.from(kept.y).sort((a, b) => b - a));
    const { classes, codes, scores: confidence, truth } = first.labels;
    expect(right.y[0]).toBe(truth && truthScores(truth, { classes, codes, confidence })?.accuracy);
    expect(settings.map(([name]) => name)).toContain('Lowest score that is enough, type');
  });

  it('gives the same labels by a saved reference, with its settings and thresholds', async () => {
    const { reference: from, labels, settings } = first.result;
    const calibrations = new Map(
      labels.flatMap(({ name, calibration }) => (calibration === null ? [] : [[name, calibration] as const])),
    );
    const path = join(scratch, 'saved.h5ad');
    await writeH5ad(referenceToSave(from, calibrations, settings.neighbours, model.vocabulary), path, {});
    const saved = await openData(path);
    const again = await map({ labels: undefined, maxLength: undefined, baselines: true }, saved);
    expect(embedded(again.result)).toEqual(embedded(first.result));
    expect({ ...again.labels, truth: null }).toEqual({ ...first.labels, truth: null });
    expect(again.result.baselines).toEqual({ missing: expect.stringContaining('no expression') });
    expect(again.result.seconds.reference).toBe(0);
    await expect(map({ maxLength: 100 }, saved)).rejects.toThrow(/maxLength 120, and 100 is asked for/);
    await expect(map({ embedAgain: true }, saved)).rejects.toThrow(/holds no expression/);
    const other = { ...model, hash: 'f'.repeat(64), name: 'other' };
    const asked = mapCells(query, saved, other, { threads: 1 });
    await expect(asked).rejects.toThrow(InputError);
    await expect(asked).rejects.toThrow(/another model: blood.*other \(f{12}\)/);
    await saved.close();
  });

  it('uses the embedding that a reference comes with, unless it is of other genes', async () => {
    const result = await embed(reference, model, { maxLength: 120, threads: 1 });
    const obsm = [['X_scGPT', result.embeddings]] as const;
    const uns = [['scgpt', runRecord(result, model)]] as const;
    const ready = withAdditions(reference, { obsm, uns });
    const used = await map({ maxLength: undefined }, ready);
    expect(used.result.seconds.reference).toBe(0);
    expect(used.result.reference.points.values).toEqual(result.embeddings.values);
    expect(used.result.genes.query).toBe(used.result.genes.shared);
    const half = Int32Array.from({ length: reference.nVars >> 1 }, (_, gene) => gene);
    const cut = new AnnData({
      obs: ready.obs,
      var: new DataFrame(Array.from(half, (gene) => ready.var.index[gene])),
      X: ready.X && selectGenes(ready.X, half),
      obsm,
      uns,
    });
    await expect(map({ maxLength: undefined }, cut)).rejects.toThrow(
      /embedded from other genes.*--embed-again/,
    );
    expect((await map({ embedAgain: true }, cut)).result.seconds.reference).toBeGreaterThan(0);
  });

  it('labels cells without a gene of the model by nothing', async () => {
    const X = query.X && (await inMemory(withValues(query.X, 'float32', emptyFirst)));
    const { labels, warnings } = await map({}, reference, new AnnData({ obs: query.obs, var: query.var, X }));
    expect(labels.codes[0]).toBe(-1);
    expect(labels.scores[0]).toBeNaN();
    expect(labels.unassigned[0]).toBe(1);
    expect(labels.codes.subarray(1)).toEqual(first.labels.codes.subarray(1));
    expect(warnings.join()).toMatch(/1 of 60 cells have no gene/);
  });

  it('maps a query that is larger than its reference, with all reference cells voting when they are few', async () => {
    const few = subsetObs(reference, Int32Array.of(0, 20, 40, 60, 80));
    const { labels, warnings, result } = await map({}, few);
    expect(result.settings.neighbours).toBe(5);
    expect(labels.codes.every((code) => code >= 0)).toBe(true);
    expect(warnings.join()).toContain('the reference has 5 cells: all of them vote');
    const one = await map({}, subsetObs(reference, Int32Array.of(3)));
    expect(one.labels.calibration).toBeNull();
    expect(one.warnings.join()).toMatch(/has one type/);
    expect([...new Set(one.labels.codes)]).toEqual([0]);
  });

  it('carries several columns over, leaving out cells without a label, and tells of classes of one cell', async () => {
    const types = reference.obs.strings('type');
    const from = withObs(reference, {
      type: types.map((type, cell) => (cell === 7 ? 'rare' : cell === 9 ? 'unknown' : type)),
      half: types.map((_, cell) => (cell < 75 ? null : cell % 2 === 0 ? 'x' : 'y')),
    });
    const { result, warnings } = await map({ labels: ['type', 'half'], unlabelled: ['unknown'] }, from);
    expect(result.labels.map(({ name }) => name)).toEqual(['type', 'half']);
    expect(result.labels[0].classes).not.toContain('unknown');
    expect(result.labels[1].calibration?.cells).toBeLessThanOrEqual(75);
    expect(warnings.join('\n')).toMatch(/classes of type with a single reference cell.*: .*rare/);
    expect(warnings.join('\n')).toMatch(/75 of 150 reference cells have no half/);
  });

  it('tells when nothing can be scored, and refuses what cannot be mapped', async () => {
    const strange = withObs(query, { type: query.obs.index.map(() => 'other') });
    const { warnings, labels } = await map({ truth: ['type'] }, reference, strange);
    expect(warnings.join()).toMatch(/no label in the query's type is one of the reference's type/);
    expect(labels.truth?.known).toHaveLength(0);
    await expect(map({ labels: undefined })).rejects.toThrow(UsageError);
    await expect(map({ labels: ['kind'] })).rejects.toThrow(/no column 'kind'.*type/);
    const lonely = (data: AnnData, gene: number) =>
      new AnnData({
        obs: data.obs,
        var: new DataFrame([data.var.index[gene]]),
        X: data.X && selectGenes(data.X, Int32Array.of(gene)),
      });
    const asked = map({}, lonely(reference, 0), lonely(query, query.nVars - 1));
    await expect(asked).rejects.toThrow(/no gene in common/);
  });
});

/** Leaves nothing of the first cell. */
function emptyFirst(
  block: { readonly start: number; readonly indptr: Int32Array; readonly values: ArrayLike<number> },
  out: Float32Array | Float64Array,
): void {
  for (let i = 0; i < out.length; i++)
    out[i] = block.start === 0 && i < block.indptr[1] ? 0 : block.values[i];
}
