/** @file The objectives of generative pre-training: unknown genes from known ones, from the cell embedding, and from both. */

import type { Graph, Value } from '../graph/graph.ts';
import { add, multiply, stopGradient } from '../graph/ops/elementwise.ts';
import { conditionInput, conditionInputs } from '../model/conditions.ts';
import type { ModelConfig } from '../model/config.ts';
import { generative, generativeInputs } from '../model/generative.ts';
import { type ScgptOutputs, scgpt } from '../model/scgpt.ts';
import { asMask, centred, contrastiveCellSimilarity, maskedSquaredError } from '../nn/losses.ts';
import type { Scope } from '../nn/scope.ts';
import { type AddedToModel, objectiveScope } from './objective-scope.ts';
import type { BuildLosses } from './step-graph.ts';

/** How generative pre-training runs. */
export interface PretrainingOptions extends AddedToModel {
  /**
   * Whether each batch also passes a second time with the cell embedding in the place of `<cls>`: cell-prompted
   * generation, which the reference adds after its first 1,000 steps. It doubles the work.
   */
  readonly cellPrompted: boolean;
  /** Weight of `cce`; without it that objective is off. */
  readonly cce?: number | undefined;
  /** All values that occur; the input `knownValues` then holds int32 rows of this list. */
  readonly distinctValues?: Float32Array | undefined;
}

/** Sharper than the reference's 0.5: the best of SimCLR (Chen et al. 2020), whose views differ as much as halves do. */
const contrastTemperature = 0.1;

/**
 * Builds the sum of squared errors of unknown genes (Cui et al. 2024, Methods, "generative pretraining"; the reference's
 * pre-training branch), over the inputs of {@link generativeInputs} and `target` float32, `scored` bool, both
 * `[cells, unknown]`:
 *
 * - `gep`: each unknown gene from the known ones (gene prompt);
 * - `gepc`: each from the cell embedding, through the cell-prompted head ("MVC");
 * - `cell_prompt`: each from the known genes and the cell embedding, which a second pass reads in the place of `<cls>`
 *   and which gets no gradient from there;
 * - `cce`: contrastive cell embedding. The unknown genes, with their values, are the other half of the cell; of all cells
 *   of the batch, the embedding of a half is to be most like that of its other half. The paper contrasts two passes that
 *   differ in dropout alone; halves that share no gene leave nothing to tell cells by but what they are. Embeddings are
 *   compared as they differ from the batch's mean: those of a new model are so alike that cosines tell nothing.
 */
export function pretrainingObjectives(config: ModelConfig, options: PretrainingOptions): BuildLosses {
  const { cellPrompted, cce, distinctValues } = options;
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
    const total = [...parts.values()].reduce((sum, loss) => add(sum, loss));
    if (cce === undefined) return { total, parts };
    const places = graph.input('places', 'int32', ['cells']);
    const [half, other] = [first.cell, otherHalf(graph, scope, config, options).cell].map(centred);
    const contrast = contrastiveCellSimilarity(half, other, places, contrastTemperature);
    parts.set('cce', contrast);
    return { total: add(total, multiply(contrast, cce)), parts };
  };
}

/** The other half of each cell through the same network: `otherGenes`, `otherValues` and `otherKeep`, `<cls>` first. */
function otherHalf(
  graph: Graph,
  scope: Scope,
  config: ModelConfig,
  { distinctValues }: PretrainingOptions,
): ScgptOutputs {
  const shape = ['cells', 'other'];
  const ofCells = config.conditions.flatMap(({ name, of }) => {
    const given = graph.inputs.get(conditionInput(name));
    return of === 'cells' && given !== undefined ? [[name, given] as const] : [];
  });
  const inputs = {
    genes: graph.input('otherGenes', 'int32', shape),
    values: graph.input('otherValues', distinctValues === undefined ? 'float32' : 'int32', shape),
    keep: graph.input('otherKeep', 'bool', shape),
    conditions: new Map([...ofCells, ...conditionInputs(graph, config.conditions, 'genes', shape, 'other')]),
  };
  return scgpt(scope, { ...config, doMvc: false }, inputs, { cellRowOnly: true, distinctValues });
}
