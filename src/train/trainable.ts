/** @file Which parameters fine-tuning changes: all, some transformer layers, low-rank factors, or heads alone. */

import type { ModelConfig } from '../model/config.ts';
import { expectedParameters, type ModelPart } from '../model/parameters.ts';
import { adaptedWeight } from '../nn/linear.ts';
import { UsageError } from '../support/errors.ts';

/**
 * What is held fixed of the body, the parts that pre-training has learnt: nothing; all of it; all but its last
 * transformer layers; or all but the low-rank factors beside its weights. What a task adds is trained in any case: heads,
 * batch norm of the input, and embeddings of batches, modalities and perturbations.
 */
export type Freeze = 'none' | 'body' | 'low-rank' | { readonly lastLayers: number };

/** A {@link Freeze} as it is typed and saved: `last-2` stands for all but the last two layers. */
export const freezePattern = /^(none|body|low-rank|last-\d+)$/;

/** What a text of {@link freezePattern} means. */
export function freezeOf(text: string): Freeze {
  if (text === 'none' || text === 'body' || text === 'low-rank') return text;
  const layers = /^last-(\d+)$/.exec(text)?.[1];
  if (layers !== undefined) return { lastLayers: Number(layers) };
  throw new UsageError({
    what: `'${text}' says nothing about what to hold fixed`,
    expected: 'none, body, low-rank, or last-2 and the like',
    reason: 'freeze',
  });
}

const body: ReadonlySet<ModelPart> = new Set([
  'gene embedding',
  'value encoder',
  'generation flag',
  'condition embedding',
  'transformer',
]);

/**
 * Tells by name which parameters of a model are trained. Running statistics never are: batches move them.
 *
 * @throws UsageError when more last layers are asked for than the model has
 */
export function trainable(
  config: ModelConfig,
  { freeze }: { readonly freeze: Freeze },
): (name: string) => boolean {
  const open = typeof freeze === 'object' ? lastLayers(config, freeze.lastLayers) : [];
  const fixed = new Set<string>();
  if (freeze !== 'none') {
    for (const [name, { part }] of expectedParameters(config)) {
      if (body.has(part) && !open.some((prefix) => name.startsWith(prefix))) fixed.add(name);
    }
  }
  return (name) => {
    if (isRunningStatistic(name)) return false;
    const weight = adaptedWeight(name);
    if (weight === undefined) return !fixed.has(name);
    return freeze === 'low-rank' || !fixed.has(weight);
  };
}

/** Prefixes of the last `count` transformer layers. */
function lastLayers({ layers }: ModelConfig, count: number): readonly string[] {
  if (!(Number.isInteger(count) && count >= 0 && count <= layers)) {
    throw new UsageError({
      what: `the last ${count} layers are to be trained`,
      expected: `0 to ${layers}, as many as the model has`,
      reason: 'layers',
    });
  }
  return Array.from({ length: count }, (_, i) => `transformer_encoder.layers.${layers - 1 - i}.`);
}

function isRunningStatistic(name: string): boolean {
  return name.endsWith('.running_mean') || name.endsWith('.running_var');
}
