/** @file A learnt screen as a model folder keeps it: what is said in `task.json`, its numbers beside it. */

import { z } from 'zod';
import type { LoadedModel } from '../../model/folder.ts';
import type { Model } from '../../model/folder-content.ts';
import { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { CheckpointError } from '../../support/errors.ts';
import type { StateDict, Tensor } from '../../support/tensor.ts';
import { version } from '../../support/version.ts';
import type { PerturbationModel, Worth } from './perturbation-model.ts';
import { perturbSettingsSchema } from './settings.ts';

const format = 'scgpt perturbation 1';

/** What `task.json` holds. */
const savedSchema = z.object({
  format: z.literal(format),
  version: z.string(),
  /** The screen's column and its value of unperturbed cells. */
  condition: z.object({ column: z.string(), control: z.string() }),
  /** The measured genes, and the token of each by name; null for none. */
  genes: z.array(z.string()).min(1),
  tokens: z.array(z.string().nullable()),
  treatments: z.array(z.string()),
  contexts: z.array(z.string()).min(1),
  starts: z.array(z.object({ context: z.int(), cells: z.int() })).min(1),
  /** Perturbations that were seen. */
  known: z.array(
    z.object({ names: z.array(z.string()), context: z.string(), cells: z.int(), differentGenes: z.int() }),
  ),
  geneSets: z.array(z.object({ name: z.string(), description: z.string(), genes: z.array(z.string()) })),
  weights: z.record(z.string(), z.number()),
  worth: z
    .object({
      verdict: z.string(),
      recall: z
        .object({
          candidates: z.int(),
          at: z.array(z.object({ k: z.int(), share: z.number(), chance: z.number() })),
        })
        .nullable(),
    })
    .nullable(),
  featureWidth: z.int(),
  embeddingWidth: z.int(),
  settings: perturbSettingsSchema,
});

/** A gene set without genes of interest tells nothing of them: only sets with a perturbed gene are kept. */
function toldSets({ geneSets, known }: PerturbationModel): PerturbationModel['geneSets'] {
  const perturbed = new Set(known.flatMap(({ names }) => names));
  return geneSets.filter(({ genes }) => genes.some((gene) => perturbed.has(gene)));
}

/** The learnt screen as a model to be written. */
export async function modelToSave(learnt: PerturbationModel): Promise<Model> {
  const { model, terms, contexts, starts, controls, known, weights, settings, condition } = learnt;
  const task: z.input<typeof savedSchema> = {
    format,
    version,
    condition,
    genes: [...terms.genes],
    tokens: Array.from(terms.tokens, (token) => (token < 0 ? null : model.vocabulary.tokens[token])),
    treatments: [...terms.treatments],
    contexts: [...contexts],
    starts: starts.map(({ context, cells }) => ({ context, cells })),
    known: known.map(({ names, context, cells, differentGenes }) => ({
      names: [...names],
      context,
      cells,
      differentGenes,
    })),
    geneSets: toldSets(learnt).map(({ name, description, genes }) => ({
      name,
      description,
      genes: [...genes],
    })),
    weights: Object.fromEntries(weights),
    worth: learnt.worth && savedWorth(learnt.worth),
    featureWidth: terms.features?.width ?? 0,
    embeddingWidth: terms.embeddingWidth,
    settings,
  };
  const genes = terms.genes.length;
  const cells = await controls.logged.rows(0, controls.logged.shape[0]);
  const taskTensors: StateDict = new Map<string, Tensor>([
    ['starts', floats(joined(starts.map(({ values }) => values)), [starts.length, genes])],
    ['known.changes', floats(joined(known.map(({ change }) => change)), [known.length, genes])],
    [
      'known.variances',
      floats(joined(known.map(({ samplingVariance }) => samplingVariance)), [known.length, genes]),
    ],
    [
      'controls.indptr',
      { dtype: 'int32', shape: [cells.indptr.length], data: Int32Array.from(cells.indptr) },
    ],
    [
      'controls.indices',
      { dtype: 'int32', shape: [cells.indices.length], data: Int32Array.from(cells.indices) },
    ],
    ['controls.values', floats(Float32Array.from(cells.values), [cells.values.length])],
    ['controls.context', { dtype: 'int32', shape: [controls.context.length], data: controls.context }],
  ]);
  if (terms.features !== null) {
    const { width, values } = terms.features;
    taskTensors.set('features', floats(values, [values.length / width, width]));
  }
  if (learnt.errors !== null) taskTensors.set('errors', floats(Float32Array.from(learnt.errors), [genes]));
  return { ...model, task, taskTensors, card: cardOf(learnt) };
}

function savedWorth({ verdict, recall }: Worth): z.input<typeof savedSchema>['worth'] {
  return {
    verdict,
    recall: recall && { candidates: recall.candidates, at: recall.at.map((each) => ({ ...each })) },
  };
}

const floats = (data: Float32Array, shape: readonly number[]): Tensor => ({ dtype: 'float32', shape, data });

function joined(rows: readonly ArrayLike<number>[]): Float32Array {
  const length = rows[0]?.length ?? 0;
  const all = new Float32Array(rows.length * length);
  rows.forEach((row, i) => {
    all.set(row, i * length);
  });
  return all;
}

function cardOf({ known, contexts, condition, settings, weights, worth }: PerturbationModel): string {
  const names = [...new Set(known.map((each) => each.names.join('+')))];
  return [
    '# scGPT perturbation model',
    '',
    `Predicts expression after perturbations, learnt from ${names.length} of them in ${contexts.length === 1 ? 'one context' : `${contexts.length} contexts`} (column ${condition.column}, unperturbed: ${condition.control}).`,
    '',
    `- perturbations: ${names.slice(0, 50).join(', ')}${names.length > 50 ? ', ...' : ''}`,
    `- the final prediction: ${[...weights]
      .filter(([, weight]) => weight > 0)
      .map(([id, weight]) => `${weight.toFixed(1)} ${id}`)
      .join(' + ')}`,
    `- fine-tuned at learning rate ${settings.learningRate}, ${settings.averaged} cells averaged, seed ${settings.seed}`,
    '',
    worth?.verdict ?? 'Nothing could be held out: how good predictions are is not known.',
    'Predictions of perturbations unlike these are guesses.',
    '',
  ].join('\n');
}

/**
 * Reads a learnt screen back.
 *
 * @throws CheckpointError when the model did not learn one, or is damaged
 */
export async function learntOfModel(model: LoadedModel): Promise<PerturbationModel> {
  const parsed = savedSchema.safeParse(model.task);
  if (!parsed.success) {
    throw new CheckpointError({
      what:
        model.task === undefined
          ? 'this model has not learnt from a screen of perturbations'
          : `this model's task is no perturbation that this version reads: ${parsed.error.issues[0].path.join('.')}: ${parsed.error.issues[0].message}`,
      where: model.name,
      expected: 'a folder that `scgpt perturb train` wrote',
      reason: 'no_perturbation_model',
    });
  }
  const {
    genes,
    tokens,
    treatments,
    contexts,
    starts,
    known,
    geneSets,
    weights,
    worth,
    settings,
    condition,
    featureWidth,
    embeddingWidth,
  } = parsed.data;
  const { vocabulary, config } = model;
  const tensors = await model.readTaskTensors();
  const numbers = <Kind extends Tensor['dtype']>(
    name: string,
    dtype: Kind,
    length?: number,
  ): Tensor<Kind>['data'] => {
    const found = tensors.get(name);
    if (found?.dtype === dtype && (length === undefined || found.data.length === length)) {
      return found.data as Tensor<Kind>['data'];
    }
    throw damaged(model.name, name, found, dtype, length);
  };
  const count = genes.length;
  const row = (all: Float32Array, i: number): Float32Array => all.subarray(i * count, (i + 1) * count);
  const startValues = numbers('starts', 'float32', starts.length * count);
  const changes = numbers('known.changes', 'float32', known.length * count);
  const variances = numbers('known.variances', 'float32', known.length * count);
  const context = numbers('controls.context', 'int32');
  return {
    model: { config, vocabulary, parameters: await model.parameters() },
    terms: {
      genes,
      tokens: Int32Array.from(tokens, (token) => (token === null ? -1 : (vocabulary.id(token) ?? -1))),
      vocabulary,
      treatments,
      embeddingWidth,
      features:
        featureWidth === 0
          ? null
          : { width: featureWidth, values: numbers('features', 'float32', vocabulary.size * featureWidth) },
    },
    contexts,
    starts: starts.map((start, i) => ({ ...start, values: row(startValues, i) })),
    controls: {
      context,
      logged: new CsrMatrix([context.length, count], {
        indptr: Float64Array.from(numbers('controls.indptr', 'int32', context.length + 1)),
        indices: numbers('controls.indices', 'int32'),
        values: numbers('controls.values', 'float32'),
      }),
    },
    known: known.map((each, i) => ({
      ...each,
      change: Float64Array.from(row(changes, i)),
      samplingVariance: Float64Array.from(row(variances, i)),
    })),
    geneSets,
    weights: new Map(Object.entries(weights)),
    settings,
    worth,
    errors: tensors.has('errors') ? Float64Array.from(numbers('errors', 'float32', count)) : null,
    condition,
  };
}

function damaged(
  where: string,
  name: string,
  found: Tensor | undefined,
  dtype: string,
  length: number | undefined,
): CheckpointError {
  return new CheckpointError({
    what:
      found === undefined
        ? `'${name}' is missing`
        : `'${name}' has ${found.data.length} numbers (${found.dtype})`,
    where: `${where}, task.safetensors`,
    expected: length === undefined ? `numbers of type ${dtype}` : `${length} numbers of type ${dtype}`,
    reason: 'perturbation_tensors',
  });
}
