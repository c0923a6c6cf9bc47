/** @file Predictions as AnnData: a row for each perturbation, or for each sampled cell. */

import { AnnData, type Unstructured } from '../../single-cell/anndata.ts';
import { CsrMatrix } from '../../single-cell/csr-matrix.ts';
import { type Column, DataFrame } from '../../single-cell/data-frame.ts';
import { version } from '../../support/version.ts';
import type { PerturbationModel } from './perturbation-model.ts';
import type { Prediction } from './predictions.ts';

/** Names of layers. */
export const layerNames = {
  change: 'scgpt_change',
  model: 'scgpt_model_change',
  control: 'scgpt_control',
  deviation: 'scgpt_sd',
  expressed: 'scgpt_expressed',
  adjustedP: 'scgpt_adjusted_p',
} as const;

/** Mean expression of each perturbation, with everything that is said of it in layers. */
export function predictionData(learnt: PerturbationModel, predictions: readonly Prediction[]): AnnData {
  const { terms } = learnt;
  const matrix = (of: (prediction: Prediction) => Float64Array): CsrMatrix =>
    denseRows(predictions.map(of), terms.genes.length);
  const severalContexts = new Set(predictions.map(({ context }) => context)).size > 1;
  const index = predictions.map(({ name, context }) => (severalContexts ? `${name} in ${context}` : name));
  const text = (of: (prediction: Prediction) => string): Column => ({
    kind: 'string',
    values: predictions.map(of),
  });
  return new AnnData({
    obs: new DataFrame(index, [
      ['perturbation', text(({ name }) => name)],
      ['context', text(({ context }) => context)],
      [
        'scgpt_effect',
        { kind: 'number', dtype: 'float64', values: Float64Array.from(predictions, ({ effect }) => effect) },
      ],
      ['scgpt_seen', text(({ seen }) => seen)],
      ['scgpt_basis', text(({ basis }) => basis)],
      ['scgpt_doubt', text(({ doubt }) => doubt ?? '')],
    ]),
    var: new DataFrame(terms.genes),
    X: matrix(({ mean }) => mean),
    layers: [
      [layerNames.change, matrix(({ change }) => change)],
      [layerNames.model, matrix(({ changes }) => changes.get('scgpt') as Float64Array)],
      [layerNames.control, matrix(({ control }) => control)],
      [layerNames.deviation, matrix(({ deviation }) => deviation)],
      [layerNames.expressed, matrix(({ expressed }) => expressed)],
      [layerNames.adjustedP, matrix(({ adjustedP }) => adjustedP)],
    ],
    uns: [['scgpt_perturb', recordOf(learnt)]],
  });
}

/** Sampled cells of all perturbations below one another. */
export async function sampledData(
  { terms, ...learnt }: PerturbationModel,
  samples: readonly { readonly prediction: Prediction; readonly cells: CsrMatrix }[],
): Promise<AnnData> {
  const counts = samples.map(({ cells }) => cells.shape[0]);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const indptr = new Float64Array(total + 1);
  const [indices, values]: [Int32Array[], Float32Array[]] = [[], []];
  let [row, entries] = [0, 0];
  for (const { cells } of samples) {
    const block = await cells.rows(0, cells.shape[0]);
    for (let i = 1; i <= block.rowCount; i++) indptr[++row] = entries + block.indptr[i];
    entries += block.indices.length;
    indices.push(block.indices);
    values.push(Float32Array.from(block.values));
  }
  const perCell = (of: (prediction: Prediction) => string): Column => ({
    kind: 'string',
    values: samples.flatMap(({ prediction }, i) => new Array<string>(counts[i]).fill(of(prediction))),
  });
  return new AnnData({
    obs: new DataFrame(
      samples.flatMap(({ prediction }, i) =>
        Array.from(
          { length: counts[i] },
          (_, cell) => `${prediction.name}-${prediction.context}-${cell + 1}`,
        ),
      ),
      [
        ['perturbation', perCell(({ name }) => name)],
        ['context', perCell(({ context }) => context)],
      ],
    ),
    var: new DataFrame(terms.genes),
    X: new CsrMatrix([total, terms.genes.length], {
      indptr,
      indices: joined(indices, Int32Array),
      values: joined(values, Float32Array),
    }),
    uns: [['scgpt_perturb', recordOf(learnt)]],
  });
}

function joined<T extends Int32Array | Float32Array>(
  parts: readonly T[],
  Kind: new (length: number) => T,
): T {
  const all = new Kind(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function denseRows(rows: readonly Float64Array[], genes: number): CsrMatrix {
  const values = new Float32Array(rows.length * genes);
  rows.forEach((row, i) => {
    values.set(row, i * genes);
  });
  return new CsrMatrix([rows.length, genes], {
    indptr: Float64Array.from({ length: rows.length + 1 }, (_, i) => i * genes),
    indices: Int32Array.from(values, (_, i) => i % genes),
    values,
  });
}

function recordOf({
  settings,
  weights,
  condition,
}: Pick<PerturbationModel, 'settings' | 'weights' | 'condition'>): Unstructured {
  return new Map<string, Unstructured>([
    ['version', version],
    ['condition_key', condition.column],
    ['control', condition.control],
    ['weights', new Map([...weights].filter(([, weight]) => weight > 0))],
    ['settings', new Map<string, Unstructured>(Object.entries(settings))],
  ]);
}
