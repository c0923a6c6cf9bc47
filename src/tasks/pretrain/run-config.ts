/** @file What decides a pre-training's result, as its run folder keeps it: a run is resumed only with the same. */

import { z } from 'zod';
import type { LoadedModel } from '../../model/folder.ts';
import { UsageError } from '../../support/errors.ts';
import { KeyHash } from '../../support/random.ts';
import type { JsonObject, JsonValue } from '../../train/run/json.ts';
import { checkSameRun } from '../../train/run/same-run.ts';
import type { Corpus } from './corpus.ts';
import {
  type ModelSize,
  modelSizeSchema,
  type PretrainSettings,
  pretrainDefaults,
  pretrainSettingsSchema,
  type SomeOf,
} from './settings.ts';
import type { StartingPoint } from './starting-point.ts';

const sourceSchema = z.object({
  layer: z.string().optional(),
  geneColumn: z.string().optional(),
  organism: z.enum(['human', 'mouse']).optional(),
  geneMatching: z.enum(['any', 'exact']).optional(),
  minCells: z.int().min(1).optional(),
  conditionKeys: z.array(z.string()).readonly().optional(),
});

/** What is read of the data; see `CellSource` and `CorpusOptions`. */
export type PretrainSource = Readonly<z.infer<typeof sourceSchema>>;

/** The choices of a run that its folder remembers, so that they need not be repeated when it is resumed. */
const rememberedSchema = z.object({
  settings: pretrainSettingsSchema,
  source: sourceSchema,
  model: modelSizeSchema,
  init: z.object({ path: z.string(), hash: z.string() }).nullable(),
});

export type RememberedChoices = Readonly<z.infer<typeof rememberedSchema>>;

/** What may change when a run is resumed: where the model lies, and the learning rate, after a run that diverged. */
const free = ['init.path', 'settings.learningRate'];

/**
 * The choices that a run was started with.
 *
 * @param where the run's folder
 * @throws UsageError when its configuration is not that of a pre-training
 */
export function rememberedChoices(config: JsonObject, where: string): RememberedChoices {
  const parsed = rememberedSchema.safeParse(config);
  if (config.task === 'pretrain' && parsed.success) return parsed.data;
  throw new UsageError({
    what: 'this is not the run of a pre-training, or it was started by another version of this program',
    where,
    advice: 'Start a new run in another folder',
    reason: 'other_run',
  });
}

/** The settings of a call: what is said, else what a run was started with, else what fits the model, else the defaults. */
export function settingsOf(
  said: SomeOf<PretrainSettings>,
  {
    remembered,
    init,
  }: { readonly remembered: PretrainSettings | undefined; readonly init: LoadedModel | undefined },
): PretrainSettings {
  const ofModel = init === undefined ? {} : { maxLength: init.config.maxLength, bins: init.config.bins };
  const base = remembered ?? { ...pretrainDefaults, ...ofModel };
  const settings = { ...base, ...saidOf(said, Object.keys(pretrainDefaults)) };
  const parsed = pretrainSettingsSchema.safeParse(settings);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new UsageError({ what: problems.join('; '), where: 'pre-training settings', reason: 'settings' });
}

/** What is read of the data: what is said, else what a run was started with. */
export function sourceOf(said: SomeOf<PretrainSource>, remembered: PretrainSource = {}): PretrainSource {
  return { ...remembered, ...saidOf(said, Object.keys(sourceSchema.shape)) };
}

/** The size of a new model: what is said, else what a run was started with. */
export function sizeOf(said: SomeOf<ModelSize>, remembered: SomeOf<ModelSize> = {}): SomeOf<ModelSize> {
  const names = Object.keys(modelSizeSchema.shape);
  return { ...saidOf(remembered, names), ...saidOf(said, names) };
}

function saidOf(options: object, names: readonly string[]): object {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => value !== undefined && names.includes(name)),
  );
}

/** The configuration of a run. */
export function runConfig(
  corpus: Corpus,
  { config }: StartingPoint,
  settings: PretrainSettings,
  source: PretrainSource,
  init: { readonly path: string; readonly hash: string } | null,
): JsonObject {
  const { officialArguments: _, conditions, ...fields } = config;
  const model = conditions.length === 0 ? fields : { ...fields, conditions };
  const data = corpus.sources.map(({ label, cells, matrixName }, i) => [
    String(i + 1),
    { label, cells, matrix: matrixName, content: contentHash(corpus, i) },
  ]);
  return {
    task: 'pretrain',
    init,
    model,
    settings: { ...settings, ratios: [...settings.ratios] },
    source: jsonOf(source),
    vocabulary: corpus.compact.vocabulary.hash,
    data: Object.fromEntries(data),
  };
}

function jsonOf(source: PretrainSource): JsonObject {
  const json: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(source)) if (value !== undefined) json[name] = value;
  return json;
}

/**
 * Refuses to resume a run with another model, other data or other settings.
 *
 * @param where the run's folder
 * @throws InputError that names what differs
 */
export function checkResumed(saved: JsonObject, now: JsonObject, where: string): void {
  checkSameRun(saved, now, { free, where });
}

/** A hash of each cell's name, number of genes above zero and conditions: other data have another, though a value may differ. */
function contentHash({ cells, geneCounts, groups, conditionRows }: Corpus, source: number): string {
  const hash = new KeyHash();
  let cell = cells.sources.slice(0, source).reduce((sum, { names }) => sum + names.length, 0);
  for (const name of cells.sources[source].names) {
    hash.text(name).word(geneCounts[cell]);
    if (groups !== undefined) hash.word(groups[cell]);
    cell++;
  }
  for (const { rows } of conditionRows[source]) for (const row of rows) hash.word(row);
  return hash.hexadecimal();
}
