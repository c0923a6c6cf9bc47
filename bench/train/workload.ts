/** @file What both sides of bench/train.ts train: the batches, the shape of the model, and a folder that carries both. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ModelConfig, modelConfig } from '../../src/model/config.ts';
import type { NamedTensors } from '../../src/runtime/executable.ts';
import { bytesOf, type Tensor } from '../../src/support/tensor.ts';

/** Which losses, and which network. */
export type Recipe = 'dense' | 'integration' | 'pretraining';

/** Batches that a model trains on, one a step. */
export interface Workload {
  readonly name: string;
  readonly recipe: Recipe;
  /** Rows of the gene table: where ours has only the genes of the data, the reference has all. */
  readonly vocabulary: { readonly ours: number; readonly reference: number };
  /** The padding token, in both vocabularies. */
  readonly pad: number;
  readonly dropout: number;
  readonly batches: readonly NamedTensors[];
}

/** The model that a workload trains: of the published size, with what the recipe adds. */
export function configOf({ recipe, vocabulary, dropout }: Workload): ModelConfig {
  const size = { vocabularySize: vocabulary.ours, dropout, trained: false };
  switch (recipe) {
    case 'dense':
      return modelConfig(size);
    case 'integration':
      return modelConfig({
        ...size,
        explicitZeroProbability: true,
        batchCount: 2,
        useBatchLabels: true,
        inputBatchNorm: 'per-batch',
        doDab: true,
        ecsThreshold: 0.8,
      });
    case 'pretraining':
      return modelConfig({ ...size, architecture: 'pretraining' });
  }
}

/** A tensor in a file of its own. */
interface StoredTensor {
  readonly file: string;
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly shape: readonly number[];
}

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** Writes a workload so that {@link readWorkload} and the Python side can read it. */
export function writeWorkload(folder: string, workload: Workload): void {
  mkdirSync(folder, { recursive: true });
  const batches = workload.batches.map((batch, i) =>
    Object.fromEntries(
      Object.entries(batch).map(([name, tensor]) => {
        const file = `batch-${i}-${name}`;
        writeFileSync(join(folder, file), bytesOf(tensor));
        return [name, { file, dtype: tensor.dtype, shape: tensor.shape }];
      }),
    ),
  );
  writeFileSync(join(folder, 'workload.json'), JSON.stringify({ ...workload, batches }));
}

export function readWorkload(folder: string): Workload {
  const stored = JSON.parse(readFileSync(join(folder, 'workload.json'), 'utf8'));
  const batches = (stored.batches as Record<string, StoredTensor>[]).map((batch) =>
    Object.fromEntries(
      Object.entries(batch).map(([name, { file, dtype, shape }]) => {
        const { buffer } = new Uint8Array(readFileSync(join(folder, file)));
        return [name, { dtype, shape, data: new arrays[dtype](buffer) } as Tensor];
      }),
    ),
  );
  return { ...stored, batches };
}
