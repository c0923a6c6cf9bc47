/** @file The embedding model as one ONNX file that any ONNX runtime reads: weights inside, any batch, any length. */

import { lower } from '../graph/onnx/lower.ts';
import { encodeModel } from '../graph/onnx/model.ts';
import { UsageError } from '../support/errors.ts';
import type { StateDict } from '../support/tensor.ts';
import type { ModelConfig } from './config.ts';
import { embeddingGraph } from './embedder.ts';

/** Protobuf's limit for a message. */
const largestFile = 2 ** 31 - 1;

/**
 * Encodes the graph from tokens to cell embeddings of length 1.
 *
 * Inputs: `genes` int32 `[cells, tokens]` (`<cls>` first), `values` float32 `[cells, tokens]`, `keep` bool
 * `[cells, tokens]` (false at padding); for models normalised per batch `domain` int32 `[cells]`; and for each condition
 * `condition/<name>` int32, `[cells]` or `[cells, tokens]`: 0 for not given, else the value's place in the metadata, from 1.
 * Output: `cell` float32 `[cells, d]`. Operators are those of ONNX opset 17, none of any vendor.
 *
 * @returns the file's bytes in order; written one after another they are the file
 * @throws UsageError when the file would pass the 2 GB that the format allows
 */
export function embeddingOnnx(config: ModelConfig, parameters: StateDict): readonly Uint8Array[] {
  const graph = embeddingGraph(config, {
    precision: 'float32',
    rows: undefined,
    padded: true,
    unitLength: true,
  });
  const parts = encodeModel(
    lower(graph, {
      profile: 'onnx',
      parameters: { in: 'model', values: parameters },
      metadata: {
        pad_value: String(config.padValue),
        bins: String(config.bins),
        ...(config.conditions.length === 0 ? {} : { conditions: JSON.stringify(config.conditions) }),
      },
    }),
  );
  const size = parts.reduce((total, part) => total + part.byteLength, 0);
  if (size > largestFile) {
    throw new UsageError({
      what: `the ONNX file would have ${(size / 1e9).toFixed(1)} GB`,
      expected: 'at most 2 GB, the limit of the format',
      reason: 'onnx_size',
    });
  }
  return parts;
}
