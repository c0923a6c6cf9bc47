/** @file An annotator as a model folder keeps it: what is said in `task.json`, its numbers beside it. */

import { z } from 'zod';
import type { LoadedModel } from '../../model/folder.ts';
import type { Model } from '../../model/folder-content.ts';
import { CheckpointError } from '../../support/errors.ts';
import type { StateDict, Tensor } from '../../support/tensor.ts';
import { version } from '../../support/version.ts';
import type { Annotator } from './annotator.ts';
import { annotateSettingsSchema } from './settings.ts';

const format = 'scgpt annotator 1';
/** Some names; none twice is up to what made them. */
const names = (fewest: number) => z.array(z.string()).min(fewest).readonly();

/** What `task.json` holds. */
const savedSchema = z.object({
  format: z.literal(format),
  /** The version of the program that made it. */
  version: z.string(),
  /** The reference's column, and its classes in the order of the model's head. */
  label: z.string(),
  classes: names(2),
  parents: z.object({ label: z.string(), of: names(1) }).nullable(),
  /** Every gene that counts, by token or by the reference's name. */
  genes: names(1),
  head: z.object({
    name: z.enum(['stacked', 'scgpt']),
    weights: z.tuple([z.number(), z.number(), z.number()]),
    alone: z.number(),
    /** Null where none could be chosen. */
    threshold: z.number(),
    noveltyThreshold: z.number().nullable(),
  }),
  settings: annotateSettingsSchema,
  /** The reference it was fitted to. */
  reference: z.object({ source: z.string(), cells: z.number() }),
});

/** The reference as an annotator remembers it. */
export type RememberedReference = z.infer<typeof savedSchema>['reference'];

/** The annotator as a model to be written. */
export function modelOfAnnotator(annotator: Annotator, reference: RememberedReference): Model {
  const { label, classes, parents, genes, experts, head, settings, model } = annotator;
  const { name, weights, alone, threshold, noveltyThreshold, novelty } = head;
  const task: z.input<typeof savedSchema> = {
    format,
    version,
    label,
    classes,
    parents,
    genes: genes.all,
    head: {
      name,
      weights: [...weights],
      alone,
      threshold,
      noveltyThreshold: Number.isFinite(noveltyThreshold) ? noveltyThreshold : null,
    },
    settings,
    reference,
  };
  const panel = genes.panel.length;
  const taskTensors: StateDict = new Map<string, Tensor>([
    ['genes.shares', floats(genes.shares, [genes.all.length])],
    ['genes.panel', { dtype: 'int32', shape: [panel], data: genes.panel }],
    ['genes.read', { dtype: 'uint8', shape: [genes.all.length], data: genes.read }],
    ['linear.coefficients', doubles(experts.linear.coefficients, [panel, classes.length])],
    ['linear.intercepts', doubles(experts.linear.intercepts, [classes.length])],
    ['centroids', doubles(experts.centroids, [classes.length, panel])],
    ['scaling.means', doubles(experts.scaling.means, [panel])],
    ['scaling.deviations', doubles(experts.scaling.deviations, [panel])],
    ['novelty.profiles', doubles(novelty.profiles, [classes.length, panel])],
    ['novelty.depth', doubles(novelty.depth, [3])],
    ['novelty.divergence.middle', doubles(novelty.divergence.middle, [classes.length])],
    ['novelty.divergence.unit', doubles(novelty.divergence.unit, [classes.length])],
    ['novelty.correlation.middle', doubles(novelty.correlation.middle, [classes.length])],
    ['novelty.correlation.unit', doubles(novelty.correlation.unit, [classes.length])],
  ]);
  return { ...model, task, taskTensors, card: cardOf(annotator, reference) };
}

const floats = (data: Float32Array, shape: readonly number[]): Tensor => ({ dtype: 'float32', shape, data });
const doubles = (data: Float64Array, shape: readonly number[]): Tensor => ({ dtype: 'float64', shape, data });

function cardOf({ label, classes, settings, head }: Annotator, reference: RememberedReference): string {
  return [
    '# scGPT annotator',
    '',
    `Tells ${classes.length} classes of ${label}, learnt from ${reference.cells} cells of ${reference.source}.`,
    '',
    `- classes: ${classes.join(', ')}`,
    `- labels by: ${head.name === 'stacked' ? 'the fine-tuned model together with logistic regression and nearest centroid on expression' : 'the fine-tuned model alone'}`,
    `- fine-tuned ${settings.fromScratch ? 'from random weights' : 'from trained weights'}, learning rate ${settings.learningRate}, seed ${settings.seed}`,
    '',
    'Cells of a type that is not in the list get one of these labels, or are left unassigned.',
    '',
  ].join('\n');
}

/**
 * Reads an annotator back.
 *
 * @throws CheckpointError when the model is no annotator, or is damaged
 */
export async function annotatorOfModel(
  model: LoadedModel,
): Promise<{ readonly annotator: Annotator; readonly reference: RememberedReference }> {
  const where = model.name;
  const parsed = savedSchema.safeParse(model.task);
  if (!parsed.success) {
    const isTask = model.task !== undefined;
    throw new CheckpointError({
      what: isTask
        ? `this model's task is no annotation that this version reads: ${parsed.error.issues[0].path.join('.')}: ${parsed.error.issues[0].message}`
        : 'this model was not made to annotate cells',
      where,
      expected: 'a folder that `scgpt annotate --save-annotator` wrote',
      reason: 'no_annotator',
    });
  }
  const { label, classes, parents, genes, head, settings, reference } = parsed.data;
  const tensors = await model.readTaskTensors();
  const numbers = <Kind extends Tensor['dtype']>(name: string, dtype: Kind, length: number) =>
    numbersOf(tensors, name, dtype, length, where);
  const range = (name: string) => ({
    middle: numbers(`${name}.middle`, 'float64', classes.length),
    unit: numbers(`${name}.unit`, 'float64', classes.length),
  });
  const panel = numbers('genes.panel', 'int32', tensors.get('genes.panel')?.data.length ?? 0);
  const scaling = {
    means: numbers('scaling.means', 'float64', panel.length),
    deviations: numbers('scaling.deviations', 'float64', panel.length),
  };
  return {
    reference,
    annotator: {
      label,
      classes,
      parents,
      model: { config: model.config, vocabulary: model.vocabulary, parameters: await model.parameters() },
      genes: {
        all: genes,
        shares: numbers('genes.shares', 'float32', genes.length),
        panel,
        read: numbers('genes.read', 'uint8', genes.length),
      },
      experts: {
        linear: {
          coefficients: numbers('linear.coefficients', 'float64', panel.length * classes.length),
          intercepts: numbers('linear.intercepts', 'float64', classes.length),
          classCount: classes.length,
        },
        centroids: numbers('centroids', 'float64', panel.length * classes.length),
        scaling,
      },
      head: {
        ...head,
        noveltyThreshold: head.noveltyThreshold ?? Number.POSITIVE_INFINITY,
        novelty: {
          profiles: numbers('novelty.profiles', 'float64', classes.length * panel.length),
          depth: numbers('novelty.depth', 'float64', 3),
          divergence: range('novelty.divergence'),
          correlation: range('novelty.correlation'),
        },
      },
      settings,
    },
  };
}

function numbersOf<Kind extends Tensor['dtype']>(
  tensors: StateDict,
  name: string,
  dtype: Kind,
  length: number,
  where: string,
): Tensor<Kind>['data'] {
  const found = tensors.get(name);
  if (found?.dtype === dtype && found.data.length === length && length > 0) {
    return found.data as Tensor<Kind>['data'];
  }
  throw new CheckpointError({
    what:
      found === undefined
        ? `'${name}' is missing`
        : `'${name}' has ${found.data.length} numbers (${found.dtype})`,
    where: `${where}, task.safetensors`,
    expected: `${length} numbers of type ${dtype}`,
    reason: 'annotator_tensors',
  });
}
