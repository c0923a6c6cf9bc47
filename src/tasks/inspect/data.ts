/** @file What a data file is: its parts, its values, its genes in a model's eyes, and what embedding it costs. */

import type { LoadedModel } from '../../model/folder.ts';
import type { AnnData } from '../../single-cell/anndata.ts';
import { describeGeneMatch } from '../../single-cell/genes/describe.ts';
import { count } from '../../support/words.ts';
import type { PreparedCells } from '../prepare.ts';
import type { Estimate } from './estimate.ts';
import { duration, type Inspection, megabytes, rate } from './words.ts';

/** The parts of a data file. */
export function describeParts(data: AnnData): Inspection {
  const { X } = data;
  const others = [...data.layers.keys(), ...(data.raw === null ? [] : ['raw'])];
  const columns = [...data.obs.columns.keys()];
  const matrix = X === null ? 'no X' : `X ${X.layout} ${X.dtype}`;
  return {
    lines: [
      `${data.source}: ${count(data.nObs)} cells x ${count(data.nVars)} genes, ${matrix}`,
      ...(others.length > 0 ? [`  other matrices: ${others.join(', ')}`] : []),
      ...(columns.length > 0 ? [`  obs: ${columns.join(', ')}`] : []),
    ],
    facts: {
      kind: 'data',
      source: data.source,
      cells: data.nObs,
      genes: data.nVars,
      matrix: X === null ? null : { layout: X.layout, dtype: X.dtype },
      otherMatrices: others,
      obs: columns,
    },
  };
}

/** What the model makes of it. */
export function describeUse(
  { matrix, matrixName, diagnosis, geneMatch }: PreparedCells,
  cost: Estimate,
  model: LoadedModel,
): Inspection {
  return {
    lines: [
      ...diagnosis.sentences.map((sentence) => `  values: ${sentence}`),
      ...describeGeneMatch(geneMatch).map((sentence) => `  genes: ${sentence}`),
      `  embedding with ${model.name} on ${cost.device}: about ${duration(cost.seconds)} (${rate(cost.cellsPerSecond)} cells/s, median ${cost.medianTokens} tokens), ${megabytes(cost.memoryBytes)} of memory`,
    ],
    facts: {
      embeds: { matrix: matrixName, genes: matrix.shape[1] },
      values: { kind: diagnosis.kind, sentences: diagnosis.sentences },
      geneMatch: {
        ...geneMatch,
        routes: Object.fromEntries(geneMatch.routes),
        column: geneMatch.column?.column ?? null,
      },
      model: model.name,
      estimate: cost,
    },
  };
}
