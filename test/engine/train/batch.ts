/** @file Batches of the loss fixtures as training feeds, and comparison of what came out. */

import { readFileSync } from 'node:fs';
import type { NamedTensors } from '../../../src/runtime/executable.ts';
import type { Tensor } from '../../../src/support/tensor.ts';
import type { ModelCase } from '../model/fixture.ts';

const int32 = ({ shape, data }: Tensor): Tensor => ({
  dtype: 'int32',
  shape,
  data: Int32Array.from(data as BigInt64Array, Number),
});
const float32 = ({ shape, data }: Tensor): Tensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data as Float32Array),
});

/** The inputs of a fixture under the names training uses; `prefix` picks one of several batches. */
export function batchOf(fixture: ModelCase, prefix = ''): NamedTensors {
  const given = (name: string): Tensor => fixture.tensor(`in/${prefix}${name}`);
  const found = (name: string): Tensor | undefined => fixture.tensors.get(`in/${prefix}${name}`);
  const padding = given('src_key_padding_mask');
  const [cells] = padding.shape;
  const batch: Record<string, Tensor> = {
    genes: int32(given('src')),
    values: float32(given('values')),
    keep: {
      dtype: 'bool',
      shape: padding.shape,
      data: Uint8Array.from(padding.data as Uint8Array, (pad) => 1 - pad),
    },
    places: { dtype: 'int32', shape: [cells], data: Int32Array.from({ length: cells }, (_, i) => i) },
  };
  const target = found('target_values');
  if (target !== undefined) batch.target = float32(target);
  const masked = found('masked_positions');
  if (masked !== undefined) batch.masked = masked;
  const batches = found('batch_labels');
  if (batches !== undefined) batch.batch = int32(batches);
  const modalities = found('mod_types');
  if (modalities !== undefined) batch.modalities = int32(modalities);
  const labels = found('celltype_labels');
  if (labels !== undefined) batch.labels = int32(labels);
  return batch;
}

/** The largest difference, NaN if any is, over the elements where `stable` is true if it is given. */
export function largestDifference(actual: Tensor, expected: Tensor, stable?: Tensor): number {
  let largest = 0;
  for (let i = 0; i < expected.data.length; i++) {
    if (stable !== undefined && Number(stable.data[i]) === 0) continue;
    const difference = Math.abs(Number(actual.data[i]) - Number(expected.data[i]));
    if (Number.isNaN(difference)) return Number.NaN;
    largest = Math.max(largest, difference);
  }
  return largest;
}

/** A tolerance of a fixture's case file. */
export interface Rule {
  readonly tensor?: string;
  readonly group?: string;
  readonly atol?: number;
  readonly rtol?: number;
  readonly rel?: number;
  readonly abs?: number;
  readonly expect?: string;
  readonly no_gradient?: readonly string[];
  readonly zero_up_to_rounding?: readonly string[];
}

/** A fixture's case file. */
export interface CaseFile {
  readonly run: unknown;
  readonly compare: readonly Rule[];
  readonly no_gradient?: readonly string[];
}

export function caseFile(name: string): CaseFile {
  return JSON.parse(readFileSync(new URL(`../../fixtures/model/${name}/case.json`, import.meta.url), 'utf8'));
}

/** The rule of a group of tensors, such as `grad/gep/*`. */
export function groupRule(name: string, group: string): Rule {
  const rule = caseFile(name).compare.find((candidate) => candidate.group === group);
  if (rule === undefined) throw new Error(`${name} has no rule for ${group}`);
  return rule;
}

/** The rule of one tensor, such as `loss/gep`. */
export function tensorRule(name: string, tensor: string): Rule {
  const rule = caseFile(name).compare.find((candidate) => candidate.tensor === tensor);
  if (rule === undefined) throw new Error(`${name} has no rule for ${tensor}`);
  return rule;
}
