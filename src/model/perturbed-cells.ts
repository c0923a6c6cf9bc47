/** @file Cells with what is done to them, as the perturbation predictor reads them: one panel of genes, flags, features. */

import type { NamedTensors } from '../runtime/executable.ts';
import type { Tensor } from '../support/tensor.ts';
import { conditionInput } from './conditions.ts';
import type { ModelConfig } from './config.ts';

/** What is done to a cell, in terms of a model. */
export interface Perturbation {
  /** Columns of perturbed genes that are measured. */
  readonly columns: Int32Array;
  /** Tokens of perturbed genes that are not measured; each becomes one more token of the cell, with value 0. */
  readonly unmeasured: Int32Array;
  /** What is known of the perturbed genes, summed over them, where the model reads it. */
  readonly features?: Float32Array | undefined; // [features]
  /** Rows of the tables of the model's conditions, in their order; row 0 is not given. */
  readonly conditions: readonly number[];
}

/** A cell, or the mean of several, and what is done to it. */
export interface CellToPerturb {
  /** Expression before, log-normalised. */
  readonly values: Float32Array; // [genes]
  readonly perturbation: Perturbation;
}

/** Some of the measured genes. */
export interface TokenChoice {
  /** Their columns, all with a token. */
  readonly columns: Int32Array;
  /** The token of every column, -1 for none. */
  readonly tokens: Int32Array; // [genes]
  /** The padding token. */
  readonly pad: number;
}

/** Inputs of the model for cells over the chosen genes: `[cells, tokens]` has them first, then unmeasured ones. */
export interface PerturbedBatch {
  readonly feeds: NamedTensors;
  readonly tokens: number;
}

/** Makes the inputs of `cellInputs` for a model that predicts perturbations. */
export function perturbedBatch(
  cells: readonly CellToPerturb[],
  config: ModelConfig,
  { columns, tokens, pad }: TokenChoice,
): PerturbedBatch {
  const extra = cells.reduce((most, { perturbation }) => Math.max(most, perturbation.unmeasured.length), 0);
  const length = columns.length + extra;
  const shape = [cells.length, length];
  const genes = new Int32Array(cells.length * length).fill(pad);
  const values = new Float32Array(cells.length * length);
  const flags = new Int32Array(cells.length * length);
  const keep = new Uint8Array(cells.length * length);
  cells.forEach(({ values: expression, perturbation }, cell) => {
    const perturbed = new Set(perturbation.columns);
    const begin = cell * length;
    columns.forEach((column, place) => {
      genes[begin + place] = tokens[column];
      values[begin + place] = expression[column];
      flags[begin + place] = perturbed.has(column) ? 1 : 0;
      keep[begin + place] = 1;
    });
    perturbation.unmeasured.forEach((token, place) => {
      const at = begin + columns.length + place;
      genes[at] = token;
      flags[at] = 1;
      keep[at] = 1;
    });
  });
  return {
    feeds: {
      genes: { dtype: 'int32', shape, data: genes },
      values: { dtype: 'float32', shape, data: values },
      flags: { dtype: 'int32', shape, data: flags },
      keep: { dtype: 'bool', shape, data: keep },
      ...conditionRows(cells, config),
      ...(config.perturbationFeatures > 0 ? { features: featuresOf(cells, config) } : {}),
    },
    tokens: length,
  };
}

function conditionRows(cells: readonly CellToPerturb[], { conditions }: ModelConfig): NamedTensors {
  return Object.fromEntries(
    conditions.map(({ name }, place) => {
      const data = Int32Array.from(cells, ({ perturbation }) => perturbation.conditions[place] ?? 0);
      return [conditionInput(name), { dtype: 'int32', shape: [cells.length], data } satisfies Tensor];
    }),
  );
}

function featuresOf(cells: readonly CellToPerturb[], { perturbationFeatures: width }: ModelConfig): Tensor {
  const data = new Float32Array(cells.length * width);
  cells.forEach(({ perturbation }, cell) => {
    if (perturbation.features !== undefined) data.set(perturbation.features, cell * width);
  });
  return { dtype: 'float32', shape: [cells.length, width], data };
}
