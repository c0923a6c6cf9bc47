/** @file Annotation on the bundled model: what it depends on, what it leaves unassigned, and how it is kept. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rejectionScores } from '../../../src/analysis/metrics/rejection.ts';
import { openModelFolder } from '../../../src/model/folder.ts';
import { writeModelFolder } from '../../../src/model/folder-on-disk.ts';
import { AnnData } from '../../../src/single-cell/anndata.ts';
import { DataFrame } from '../../../src/single-cell/data-frame.ts';
import { inMemory } from '../../../src/single-cell/in-memory.ts';
import { openData } from '../../../src/single-cell/open.ts';
import { selectGenes } from '../../../src/single-cell/preprocess/views.ts';
import { subsetObs } from '../../../src/single-cell/subset.ts';
import { CancelledError, CheckpointError } from '../../../src/support/errors.ts';
import { RecordingLogger } from '../../../src/support/log.ts';
import type { Progress } from '../../../src/support/progress.ts';
import { type AnnotationResult, annotate, annotateWith } from '../../../src/tasks/annotate/annotate.ts';
import { annotationAdditions } from '../../../src/tasks/annotate/results.ts';
import { openAnnotationRun } from '../../../src/tasks/annotate/run.ts';
import { annotatorOfModel, modelOfAnnotator } from '../../../src/tasks/annotate/saved-annotator.ts';
import { annotateSettings } from '../../../src/tasks/annotate/settings.ts';
import { openModel } from '../../../src/tasks/model.ts';
import { nativeRuntime, needsNativeRuntime } from '../need.ts';

needsNativeRuntime();

const demo = fileURLToPath(new URL('../../../demo/pbmc_three_sources.h5ad', import.meta.url));
const options = {
  label: 'cell_type_broad',
  epochs: 1,
  genes: 200,
  threads: 1,
  baselines: false,
} as const;

describe('annotation', () => {
  let reference: AnnData;
  let query: AnnData;
  let first: AnnotationResult;

  beforeAll(async () => {
    if (nativeRuntime === undefined) return;
    const data = await openData(demo);
    const batches = data.obs.strings('batch');
    const [one, two] = [...new Set(batches)];
    const side = async (batch: string | null | undefined, step: number) => {
      const rows = batches.flatMap((value, row) => (value === batch ? [row] : []));
      const some = subsetObs(data, Int32Array.from(rows.filter((_, i) => i % step === 0)));
      const X = some.X && (await inMemory(some.X));
      return new AnnData({ obs: some.obs, var: some.var, X, source: String(batch) });
    };
    reference = await side(one, 8);
    query = await side(two, 8);
    await data.close();
    first = await annotate(query, reference, await openModel(), { ...options, truth: 'cell_type_broad' });
  }, 120_000);

  const without = (data: AnnData, type: string) => {
    const types = data.obs.strings('cell_type_broad');
    return subsetObs(
      data,
      Int32Array.from(types.keys()).filter((row) => types[row] !== type),
    );
  };

  it('gives the same for the same seed, and labels most cells right', async () => {
    const again = await annotate(query, reference, await openModel(), options);
    expect(again.labels.codes).toEqual(first.labels.codes);
    expect(again.labels.probabilities).toEqual(first.labels.probabilities);
    const { truth, labels, annotator } = first;
    if (truth === null) throw new Error('no truth');
    const right = truth.known.filter(
      (cell) => annotator.classes[labels.codes[cell]] === truth.labels.groups[truth.labels.codes[cell]],
    );
    expect(right.length / truth.known.length).toBeGreaterThan(0.75); // after one epoch on some sixty cells
  });

  it('gives probabilities that sum to 1, the best of them as score', () => {
    const { labels, annotator } = first;
    const width = annotator.classes.length;
    labels.codes.forEach((code, cell) => {
      const row = labels.probabilities.subarray(cell * width, (cell + 1) * width);
      expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
      expect(row[code]).toBeCloseTo(Math.max(...row), 6);
      expect(labels.scores[cell]).toBeCloseTo(row[code], 5);
      expect(labels.second[cell]).not.toBe(code);
    });
  });

  it('says where each label stopped: at the class, at its parent or at neither', async () => {
    const { classes } = first.annotator;
    const lineage = classes.map((name) => (name === classes[0] ? 'one' : 'another'));
    const strict = { ...first.annotator.head, threshold: 0.9, noveltyThreshold: Number.POSITIVE_INFINITY };
    const annotator = { ...first.annotator, head: strict, parents: { label: 'lineage', of: lineage } };
    const result = await annotateWith(query, annotator, { threads: 1 });
    const obs = new DataFrame(query.obs.index, new Map(annotationAdditions(result).obs));
    const label = options.label;
    const stopped = obs.strings(`${label}_scgpt_stopped_at`);
    const sure = obs.strings(`${label}_scgpt_or_parent`);
    const best = obs.strings(`${label}_scgpt`);
    const parent = obs.strings('lineage_scgpt');
    expect(new Set(stopped)).toEqual(new Set([label, 'lineage', null]));
    stopped.forEach((level, cell) => {
      const { scores, unassigned } = result.labels;
      expect(level === label).toBe(unassigned[cell] === 0);
      expect(level === label).toBe(scores[cell] >= 0.9);
      if (level !== label) expect(level === 'lineage').toBe((result.parents?.scores[cell] ?? 0) >= 0.9);
      expect(sure[cell]).toBe(level === label ? best[cell] : level === null ? null : parent[cell]);
    });
    const same = annotate(query, reference, await openModel(), { ...options, parentLabel: label });
    await expect(same).rejects.toThrow(/both the labels and the broader ones/);
  });

  it('finds cells of a type that the reference lacks strange', async () => {
    const lacking = await annotate(query, without(reference, 'B'), await openModel(), options);
    expect(lacking.annotator.classes).not.toContain('B');
    const unseen = Uint8Array.from(query.obs.strings('cell_type_broad'), (type) => (type === 'B' ? 1 : 0));
    const familiarity = lacking.labels.novelty.map((value) => -value);
    const { unseenAuroc } = rejectionScores(familiarity, new Uint8Array(unseen.length), unseen);
    expect(unseenAuroc).toBeGreaterThan(0.85);
  });

  it('goes on after a stop as if there had been none', async () => {
    const place = mkdtempSync(join(tmpdir(), 'scgpt-annotation-run-'));
    const run = join(place, 'run');
    const model = await openModel();
    const longer = { ...options, epochs: 2, batchSize: 16 };
    const begin = (resume: boolean) =>
      openAnnotationRun({ run, resume, logger: new RecordingLogger() }, annotateSettings(longer), model, {
        data: reference,
        label: 'reference',
        column: options.label,
      });
    const stop = new AbortController();
    const onProgress = ({ stage, done, total }: Progress) => {
      if (stage === 'training' && done > 0.6 * total) stop.abort();
    };
    const stopped = annotate(query, reference, model, {
      ...longer,
      ...(await begin(false)),
      onProgress,
      signal: stop.signal,
    });
    await expect(stopped).rejects.toThrow(CancelledError);
    const resumed = await annotate(query, reference, model, { ...longer, ...(await begin(true)) });
    const whole = await annotate(query, reference, model, longer);
    expect(resumed.labels.probabilities).toEqual(whole.labels.probabilities);
    await expect(
      openAnnotationRun(
        { run, resume: true, logger: new RecordingLogger() },
        annotateSettings({ ...longer, learningRate: 1 }),
        model,
        { data: reference, label: 'reference', column: options.label },
      ),
    ).rejects.toThrow(/learningRate was 0.001, now 1/);
    rmSync(place, { recursive: true, force: true });
  });

  describe('saved', () => {
    let folder: string | undefined;
    beforeAll(async () => {
      if (nativeRuntime === undefined) return;
      folder = mkdtempSync(join(tmpdir(), 'scgpt-annotator-'));
      const saved = modelOfAnnotator(first.annotator, { source: 'r.h5ad', cells: reference.nObs });
      await writeModelFolder(join(folder ?? '', 'annotator'), saved);
    });
    afterAll(() => {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    });
    const open = async () => {
      const model = await (await openModelFolder(join(folder ?? '', 'annotator'))).load();
      return (await annotatorOfModel(model)).annotator;
    };

    it('gives what it gave', async () => {
      const again = await annotateWith(query, await open(), { threads: 1 });
      expect(again.labels.probabilities).toEqual(first.labels.probabilities);
      expect(again.labels.novelty).toEqual(first.labels.novelty);
      expect(again.labels.unassigned).toEqual(first.labels.unassigned);
    });

    it('leaves nothing unassigned on request, or more with a higher score', async () => {
      const annotator = await open();
      const unassigned = async (reject: 'off' | number) =>
        (await annotateWith(query, annotator, { threads: 1, reject })).labels.unassigned.filter(Boolean)
          .length;
      expect(await unassigned('off')).toBe(0);
      expect(await unassigned(1)).toBeGreaterThan(await unassigned(0.5));
    });

    it('tells that genes are missing, and still labels', async () => {
      const genes = Int32Array.from(query.var.index.keys()).filter((gene) => gene % 3 !== 0);
      const fewer = new AnnData({
        obs: query.obs,
        var: new DataFrame(Array.from(genes, (gene) => query.var.index[gene])),
        X: query.X && (await inMemory(selectGenes(query.X, genes))),
      });
      const logger = new RecordingLogger();
      const { labels } = await annotateWith(fewer, await open(), { threads: 1, logger });
      expect(logger.warnings.join(' ')).toMatch(/lacks \d+ of the annotator's/);
      const same = labels.codes.filter((code, cell) => code === first.labels.codes[cell]).length;
      expect(same / labels.codes.length).toBeGreaterThan(0.8);
    });

    it('is refused where it is damaged, and other models are no annotators', async () => {
      await expect(annotatorOfModel(await openModel())).rejects.toThrow(/not made to annotate/);
      const model = await (await openModelFolder(join(folder ?? '', 'annotator'))).load();
      const broken = { ...model, readTaskTensors: async () => new Map() };
      await expect(annotatorOfModel(broken)).rejects.toThrow(CheckpointError);
      const other = { ...model, task: { format: 'scgpt annotator 9' } };
      await expect(annotatorOfModel(other)).rejects.toThrow(/no annotation that this version reads/);
    });
  });
});
