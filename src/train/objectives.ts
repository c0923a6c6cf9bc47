/** @file The fine-tuning objectives of the paper, each on or off with its weight, as one sum to minimise. */

import type { Graph, Value } from '../graph/graph.ts';
import { add, multiply } from '../graph/ops/elementwise.ts';
import type { ModelConfig } from '../model/config.ts';
import { cellInputs, type ScgptOutputs, scgpt } from '../model/scgpt.ts';
import type { ExpressionPrediction } from '../nn/decoders.ts';
import {
  asMask,
  centred,
  contrastiveCellSimilarity,
  crossEntropy,
  elasticCellSimilarity,
  maskedSquaredError,
  neighbourEmbedding,
  zeroLikelihood,
} from '../nn/losses.ts';
import { GraphError } from '../support/errors.ts';
import { type AddedToModel, objectiveScope } from './objective-scope.ts';
import type { BuildLosses, Losses } from './step-graph.ts';

/** Weights of the objectives; those left out are off. */
export interface ObjectiveWeights {
  /** Gene expression prediction: masked values from each token. With zero probabilities where the model has them. */
  readonly gep?: number;
  /** Gene expression prediction for cell modelling ("MVC"): masked values from the cell embedding. */
  readonly gepc?: number;
  /** Elastic cell similarity; its threshold is the model's. 10 in the published recipe. */
  readonly ecs?: number;
  /** Domain adaptation by reversed gradients ("DAB"): batches are not to be told apart. */
  readonly dar?: number;
  /** Cell type classification. */
  readonly cls?: number;
  /** Contrastive cell embedding: a second pass with other dropout. 10 in the published recipe. */
  readonly cce?: number;
  /**
   * Neighbour embedding: cells are to be as alike as they are in a space where batches are mixed already. Ours, not the
   * paper's.
   */
  readonly neighbours?: number;
}

/** As in the contrast of pre-training: sharper than the paper's 0.5. */
const neighbourTemperature = 0.1;

/** How the forward pass runs in training. */
export interface ObjectiveOptions extends AddedToModel {
  readonly weights: ObjectiveWeights;
  /** All values that occur, where they are few: see `distinctValues` of the forward pass. */
  readonly distinctValues?: Float32Array | undefined;
}

/**
 * Builds the objectives over a batch. Inputs, all `[cells, tokens]` unless said otherwise: `genes` int32, `values` as
 * the model sees them, `target` float32 as they are, `masked` bool where they are hidden, `keep` bool, `batch` int32
 * `[cells]`, `labels` int32 `[cells]`, `places` int32 `[cells]` (0, 1, 2, ...), `shares` float32
 * `[cells, cells]`. Only those an objective reads are there.
 */
export function objectives(config: ModelConfig, options: ObjectiveOptions): BuildLosses {
  const { weights, training, distinctValues } = options;
  return (graph) => {
    const scope = objectiveScope(graph, options);
    const valueDtype = distinctValues === undefined ? 'float32' : 'int32';
    const inputs = cellInputs(graph, config, { valueDtype });
    const normalising =
      training !== undefined && config.inputBatchNorm !== 'none'
        ? { batchStatistics: { domain: 'current' } as const }
        : {};
    const cellRowOnly = weights.gep === undefined && config.cellEmbeddingStyle === 'cls'; // no other row is read
    const pass = (): ScgptOutputs =>
      scgpt(scope, config, inputs, { ...normalising, reverseGradient: 1, distinctValues, cellRowOnly });
    const outputs = pass();
    const masked = () => ({
      target: input(graph, 'target', 'float32', ['cells', 'tokens']),
      mask: asMask(input(graph, 'masked', 'bool', ['cells', 'tokens'])),
    });
    const places = () => input(graph, 'places', 'int32', ['cells']);

    const parts = new Map<string, Value>();
    const weighted: Value[] = [];
    const count = (name: string, weight: number, loss: Value): void => {
      parts.set(name, loss);
      weighted.push(weight === 1 ? loss : multiply(loss, weight));
    };
    const expression = (name: 'gep' | 'gepc', predicted: ExpressionPrediction | undefined): void => {
      const weight = weights[name];
      if (weight === undefined) return;
      const { value, nonZeroProbability } = required(predicted, name);
      const { target, mask } = masked();
      count(name, weight, maskedSquaredError(value, target, mask));
      if (nonZeroProbability === undefined) return;
      count(`${name}_zero`, weight, zeroLikelihood(nonZeroProbability, target, mask));
    };
    expression('gep', outputs.expression);
    expression('gepc', outputs.cellPrompted);
    if (weights.ecs !== undefined) {
      count('ecs', weights.ecs, elasticCellSimilarity(outputs.cell, places(), config.ecsThreshold));
    }
    if (weights.dar !== undefined) {
      const batch = input(graph, 'batch', 'int32', ['cells']);
      count('dar', weights.dar, crossEntropy(required(outputs.batches, 'dar'), batch));
    }
    if (weights.cls !== undefined) {
      const labels = input(graph, 'labels', 'int32', ['cells']);
      count('cls', weights.cls, crossEntropy(required(outputs.classes, 'cls'), labels));
    }
    if (weights.cce !== undefined) {
      count('cce', weights.cce, contrastiveCellSimilarity(outputs.cell, pass().cell, places()));
    }
    if (weights.neighbours !== undefined) {
      const shares = input(graph, 'shares', 'float32', ['cells', 'cells']);
      const loss = neighbourEmbedding(centred(outputs.cell), shares, places(), neighbourTemperature);
      count('neighbours', weights.neighbours, loss);
    }
    return summed(weighted, parts, outputs);
  };
}

function summed(
  weighted: readonly Value[],
  parts: ReadonlyMap<string, Value>,
  outputs: ScgptOutputs,
): Losses {
  if (weighted.length === 0) throw new GraphError({ what: 'no objective is on', reason: 'objectives' });
  return { total: weighted.reduce((total, loss) => add(total, loss)), parts, buffers: outputs.statistics };
}

/** An input of the graph, declared when first asked for. */
function input(
  graph: Graph,
  name: string,
  dtype: 'float32' | 'int32' | 'bool',
  shape: readonly string[],
): Value {
  return graph.inputs.get(name) ?? graph.input(name, dtype, shape);
}

function required<T>(output: T | undefined, objective: string): T {
  if (output !== undefined) return output;
  throw new GraphError({
    what: `the model has no head for the objective '${objective}'`,
    reason: 'objectives',
  });
}
