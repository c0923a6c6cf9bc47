/** @file What a model is: its parts, its vocabulary, what a cell costs. */

import { describeLoadReport } from '../../model/checkpoint/report.ts';
import type { Condition } from '../../model/config.ts';
import { embeddingFlops, embeddingMemory } from '../../model/cost.ts';
import type { LoadedModel } from '../../model/folder.ts';
import { expectedParameters, parametersByPart } from '../../model/parameters.ts';
import { count, plural } from '../../support/words.ts';
import { type Inspection, megabytes } from './words.ts';

/** Describes a model. */
export function inspectModel(model: LoadedModel): Inspection {
  const { config, vocabulary } = model;
  const parts = [...parametersByPart(expectedParameters(config))];
  const total = parts.reduce((sum, [, parameters]) => sum + parameters, 0);
  const memory = embeddingMemory(config, { length: config.maxLength });
  const gflop = embeddingFlops(config, config.maxLength) / 1e9;
  const report = describeLoadReport(model.report);
  const lines = [
    `${model.name}: ${model.kind === 'official' ? 'official layout' : 'scgpt layout'}, ${model.trained ? config.architecture : 'RANDOM WEIGHTS'}`,
    `  ${config.layers} layers, ${config.heads} heads, width ${config.embeddingSize}, feed-forward ${config.hiddenSize}; ${config.bins} bins, at most ${config.maxLength} tokens a cell`,
    `  ${count(total)} parameters: ${parts.map(([part, parameters]) => `${part} ${count(parameters)}`).join(', ')}`,
    ...config.conditions.map(describeCondition),
    `  vocabulary: ${count(vocabulary.size)} tokens, hash ${vocabulary.hash}`,
    `  model hash: ${model.hash}`,
    `  embedding a cell of ${config.maxLength} tokens: ${gflop.toFixed(1)} GFLOP; memory about ${megabytes(memory.total)}`,
    ...report.map((line) => `  checkpoint: ${line}`),
  ];
  return {
    lines,
    facts: {
      kind: 'model',
      name: model.name,
      layout: model.kind,
      trained: model.trained,
      config,
      parameters: { total, ...Object.fromEntries(parts) },
      vocabulary: { size: vocabulary.size, hash: vocabulary.hash },
      hash: model.hash,
      gflopPerLongestCell: gflop,
      memoryBytes: memory.total,
      report,
    },
  };
}

/** Values of a condition that are named; the rest is counted. */
const namedValues = 5;

function describeCondition({ name, of, values }: Condition): string {
  const more = values.length > namedValues ? ', ...' : '';
  const named = values.slice(0, namedValues).join(', ');
  return `  condition of ${of}: ${name}, ${plural(values.length, 'value')}: ${named}${more}`;
}
