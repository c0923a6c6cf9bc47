/** @file The objectives of generative pre-training: unknown genes from known ones, from the cell embedding, and from both. */

import type { Value } from '../graph/graph.ts';
import { add, stopGradient } from '../graph/ops/elementwise.ts';
import type { ModelConfig } from '../model/config.ts';
import { generative, generativeInputs } from '../model/generative.ts';
import { asMask, maskedSquaredError } from '../nn/losses.ts';
import { type AddedToModel, objectiveScope } from './objective-scope.ts';
import type { BuildLosses } from './step-graph.ts';

/** How generative pre-training runs. */
export interface PretrainingOptions extends AddedToModel {
  /**
   * Whether each batch also passes a second time with the cell embedding in the place of `<cls>`: cell-prompted
   * generation, which the reference adds after its first 1,000 steps. It doubles the work.
   */
  readonly cellPrompted: boolean;
  /** All values that occur; the input `knownValues` then holds int32 rows of this list. */
  readonly distinctValues?: Float32Array | undefined;
}

/**
 * Builds the sum of squared errors of unknown genes (Cui et al. 2024, Methods, "generative pretraining"; the reference's
 * pre-training branch), over the inputs of {@link generativeInputs} and `target` float32, `scored` bool, both
 * `[cells, unknown]`:
 *
 * - `gep`: each unknown gene from the known ones (gene prompt);
 * - `gepc`: each from the cell embedding, through the cell-prompted head ("MVC");
 * - `cell_prompt`: each from the known genes and the cell embedding, which a second pass reads in the place of `<cls>`
 *   and which gets no gradient from there.
 */
export function pretrainingObjectives(config: ModelConfig, options: PretrainingOptions): BuildLosses {
  const { cellPrompted, distinctValues } = options;
  return (graph) => {
    const scope = objectiveScope(graph, options);
    const valueDtype = distinctValues === undefined ? 'float32' : 'int32';
    const inputs = generativeInputs(graph, { valueDtype, conditions: config.conditions });
    const target = graph.input('target', 'float32', ['cells', 'unknown']);
    const mask = asMask(graph.input('scored', 'bool', ['cells', 'unknown']));
    const first = generative(scope, config, inputs, { distinctValues });

    const parts = new Map<string, Value>();
    parts.set('gep', maskedSquaredError(first.expressionUnknown.value, target, mask));
    if (first.cellPromptedUnknown !== undefined) {
      parts.set('gepc', maskedSquaredError(first.cellPromptedUnknown.value, target, mask));
    }
    if (cellPrompted) {
      const cellPrompt = stopGradient(first.cell);
      const second = generative(scope, config, inputs, { distinctValues, cellPrompt });
      parts.set('cell_prompt', maskedSquaredError(second.expressionUnknown.value, target, mask));
    }
    return { total: [...parts.values()].reduce((total, loss) => add(total, loss)), parts };
  };
}
